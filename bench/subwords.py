"""Sub-words beside fastText: words a second and the scores of what was learned, same text, same settings, same threads.

    python bench/subwords.py TEXT --gold GOLD --epochs 1 --seeds 1 --threads 2 --sample 1e-4

TEXT is plain text (`enwiki_text8style.txt`, unpacked); GOLD holds analogy/questions-words.txt and similarity/EN-*.txt. The peer
is the wheel `fasttext-wheel` with its documented defaults (learning rate .05, t = 1e-4), and semap gets the same `sample`. Both
are scored by semap's own evaluation; words of the gold lists that the vocabulary lacks have composed vectors in both. Rates count
all words of the text: in the training loop (of fastText its own figure), and per second of CPU, of the whole call, times the
threads, which is what remains comparable while other work uses the machine. The wheel takes no seed, so it is run once.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import semap

GOLD = {"WS-353": "EN-WS-353-ALL", "SimLex": "EN-SIMLEX-999", "MEN": "EN-MEN-TR-3k", "RW": "EN-RW-STANFORD"}
TEXT = {"text": {"split": "whitespace", "lowercase": True}}


def main() -> None:
    """Train in turns, score, print and record."""
    given = arguments()
    corpus = semap.read_text(given.text, split="whitespace", lowercase=False, normalize=None)
    warm_up()
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in range(1, given.seeds + 1):
        for name in given.tools:
            if name == "fastText" and seed > 1:
                continue
            found = train_fasttext(given, corpus) if name == "fastText" else train_semap(given, corpus, seed, name)
            runs.setdefault(name, []).append(found)
            print(f"{name} seed {seed}: " + "  ".join(f"{key} {value:.3f}" for key, value in found.items()), flush=True)
    report(given, corpus, runs)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=float, default=1e-4)
    parser.add_argument(
        "--tools", nargs="+", default=["fastText", "semap"],
        choices=["fastText", "semap", "semap, compat=fasttext", "semap, compact", "semap, whole words"],
    )  # fmt: skip
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    given.out = given.out or Path(__file__).parent / "results" / f"subwords-{given.epochs}.md"
    return given


def learner(given: argparse.Namespace, name: str, seed: int) -> semap.SkipGram:
    """semap's learner with its defaults for all that is not compared."""
    settings: dict[str, Any] = {"subwords": (3, 6), "buckets": 2_000_000}
    if name.endswith("compact"):
        settings = {"subwords": (3, 6), "compact": True}
    elif name.endswith("whole words"):
        settings = {}
    elif name.endswith("fasttext"):
        settings["compat"] = "fasttext"
    return semap.SkipGram(dim=100, epochs=given.epochs, sample=given.sample, threads=given.threads, seed=seed, **settings)


def warm_up() -> None:
    """Compile, so that compiling is not timed."""
    few = semap.read_text([["a", "b", "c"] * 20], min_count=1)
    semap.SkipGram(dim=4, epochs=1, threads=1, subwords=(3, 6)).fit(few)["d"]


class Stopwatch:
    """A progress that notes when the training loop began and ended."""

    def start(self, *_: Any) -> None:
        """The loop begins."""
        self.began = time.perf_counter()

    def update(self, *_: Any, **__: Any) -> None:
        """Nothing to note."""

    def finish(self) -> None:
        """The loop has ended."""
        self.seconds = time.perf_counter() - self.began


def train_semap(given: argparse.Namespace, corpus: semap.Corpus, seed: int, name: str) -> dict[str, float]:
    """Rates and scores of one run."""
    watch, cpu, wall = Stopwatch(), time.process_time(), time.perf_counter()
    table = learner(given, name, seed).fit(corpus, progress=watch)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    missing = unknown_words(given.gold, table)
    vectors = np.concatenate([table.vectors, table.lookup(missing)]) if table.composes else table.vectors
    both = joined(list(table.tokens), vectors, table.counts, missing if table.composes else [])
    return {**rates(given, corpus, watch.seconds, wall, cpu), **scores(both, given.gold)}


def train_fasttext(given: argparse.Namespace, corpus: semap.Corpus) -> dict[str, float]:
    """The same of the wheel; its loop's rate is the last that it prints."""
    import fasttext

    cpu, wall = time.process_time(), time.perf_counter()
    with printed() as told:
        model = fasttext.train_unsupervised(
            str(given.text), model="skipgram", dim=100, minn=3, maxn=6, bucket=2_000_000, ws=5, neg=5, epoch=given.epochs,
            minCount=5, thread=given.threads, t=given.sample, verbose=2,
        )  # fmt: skip
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rate = float(re.findall(r"words/sec/thread:\s*(\d+)", told[0])[-1]) * given.threads
    tokens, counts = model.get_words(include_freq=True)
    kept = [place for place, token in enumerate(tokens) if token != "</s>"]
    tokens, counts = [tokens[place] for place in kept], counts[kept]
    known = semap.Table(tokens, np.array([model.get_word_vector(token) for token in tokens]), counts=counts)
    missing = unknown_words(given.gold, known)
    vectors = np.concatenate([known.vectors, [model.get_word_vector(token) for token in missing]])
    loop = corpus.facts["tokens_read"] * given.epochs / rate
    return {**rates(given, corpus, loop, wall, cpu), **scores(joined(tokens, vectors, counts, missing), given.gold)}


@contextmanager
def printed() -> Iterator[list[str]]:
    """What C code prints to standard error meanwhile."""
    told: list[str] = []
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        try:
            yield told
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            told.append(file.read().decode("utf8", "replace"))


def rates(given: argparse.Namespace, corpus: semap.Corpus, loop: float, wall: float, cpu: float) -> dict[str, float]:
    """M words a second: in the loop, in the whole call, and in the whole call had each thread a core to itself."""
    words = corpus.facts["tokens_read"] * given.epochs / 1e6
    return {"loop M words/s": words / loop, "call M words/s": words / wall, "by CPU M words/s": given.threads * words / cpu}


def unknown_words(gold: Path, table: semap.Table) -> list[str]:
    """Words of the lists of pairs that a table lacks."""
    words = set()
    for file in GOLD.values():
        for line in (gold / "similarity" / f"{file}.txt").read_text(encoding="utf8").splitlines():
            words.update(word.lower() for word in line.split()[:2])
    return sorted(word for word in words if word not in table)


def joined(tokens: list[str], vectors: Any, counts: Any, missing: list[str]) -> semap.Table:
    """One table of known and of composed words."""
    every = np.concatenate([counts, np.zeros(len(missing), np.int64)])
    return semap.Table([*tokens, *missing], vectors, counts=every, metadata=TEXT)


def scores(table: semap.Table, gold: Path) -> dict[str, float]:
    """Spearman of four word lists and the share of right analogies among the 30,000 most frequent words."""
    found = {
        name: semap.evaluate.similarity(table, gold / "similarity" / f"{file}.txt", lowercase=True).spearman
        for name, file in GOLD.items()
    }
    questions = gold / "analogy" / "questions-words.txt"
    found["analogies"] = semap.evaluate.analogies(table, questions, top=30_000, lowercase=True).accuracy
    return found


def report(given: argparse.Namespace, corpus: semap.Corpus, runs: dict[str, list[dict[str, float]]]) -> None:
    """A table of medians of rates, and of means and deviations of scores."""
    columns = list(next(iter(runs.values()))[0])
    flags = f"--epochs {given.epochs} --seeds {given.seeds} --threads {given.threads} --sample {given.sample:g}"
    lines = [
        f"# Sub-words: skip-gram, 100 dimensions, n-grams of 3 to 6, 2,000,000 buckets, {given.epochs} epochs",
        "",
        f"`python bench/subwords.py {given.text.name} --gold GOLD {flags} --tools {' '.join(map(repr, given.tools))}`,",
        f"{datetime.date.today()}, {given.machine}. {corpus.facts['tokens_read']:,} words, {len(corpus.vocab):,} different;",
        f"window 5, 5 negatives, sub-sampling t = {given.sample:g}. Rates: median of runs; scores: mean and deviation of seeds.",
        "",
        "| | runs | " + " | ".join(columns) + " |",
        "|---" * (len(columns) + 2) + "|",
    ]
    for name, found in runs.items():
        cells = [f"{statistics.median(run[column] for run in found):.3f}" for column in columns[:3]]
        for column in columns[3:]:
            values = [run[column] for run in found]
            deviation = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.3f}{deviation}")
        lines.append(f"| {name} | {len(found)} | " + " | ".join(cells) + " |")
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
