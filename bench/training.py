"""Training beside gensim: words a second and the scores of what was learned, same text, same settings, same threads.

    python bench/training.py TEXT --model skipgram --dim 100 --epochs 3 --seeds 3 --threads 2 --gold GOLD

TEXT is plain text (`enwiki_text8style.txt`, unpacked). gensim reads it as its documentation advises for speed: `corpus_file` in
LineSentence format with `workers`; the one long line is cut into lines of 1,000 words (gensim drops what is longer than 10,000).
GOLD holds analogy/questions-words.txt and similarity/EN-*.txt. Both tools are timed for training alone, in turns, and both are
scored by semap's own evaluation. Rates count all words of the text, for both.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import semap

LINE = 1_000  # words; with lines of 10,000, the most that gensim takes, its scores after 3 epochs were lower (MEN .51, not .56)
GOLD = {"WS-353": "EN-WS-353-ALL", "SimLex": "EN-SIMLEX-999", "MEN": "EN-MEN-TR-3k", "RW": "EN-RW-STANFORD"}
COMMON = {"window": 5, "sample": 1e-3}


def main() -> None:
    """Train in turns, score, print and record."""
    given = arguments()
    corpus = semap.read_text(given.text, split="whitespace", lowercase=False, normalize=None)
    n_words = corpus.facts["tokens_read"]
    runs: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        write_lines(given.text, lines)
        warm_up(given)
        for seed in range(1, given.seeds + 1):
            for name, train in trainers(given, corpus, lines):
                if name == "gensim" and seed > given.gensim_seeds:
                    continue
                table = train(seed)
                run = {"M words/s": n_words * given.epochs / train.seconds / 1e6, **scores(table, given.gold)}
                runs.setdefault(name, []).append(run)
                print(f"{name} seed {seed}: " + "  ".join(f"{key} {value:.3f}" for key, value in run.items()), flush=True)
    report(given, corpus, runs)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--model", choices=["skipgram", "cbow"], default="skipgram")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gensim-seeds", type=int, default=None, help="fewer where gensim takes too long")
    parser.add_argument("--lanes", type=int, nargs="*", default=[], help="besides auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    parser.add_argument("--out", type=Path, default=None)
    given = parser.parse_args()
    given.gensim_seeds = given.seeds if given.gensim_seeds is None else given.gensim_seeds
    given.out = given.out or Path(__file__).parent / "results" / f"training-{given.model}-{given.dim}.md"
    return given


def write_lines(text: Path, target: Path) -> None:
    """The words of the text in lines that gensim does not cut."""
    with open(text, encoding="utf8") as source, open(target, "w", encoding="utf8") as out:
        for line in source:
            words = line.split()
            for begin in range(0, len(words), LINE):
                out.write(" ".join(words[begin : begin + LINE]) + "\n")


def learner(given: argparse.Namespace, seed: int, lanes: int | str = "auto") -> Any:
    """semap's learner with its defaults for everything that is not compared."""
    kind = semap.SkipGram if given.model == "skipgram" else semap.CBOW
    return kind(dim=given.dim, negatives=5, epochs=given.epochs, threads=given.threads, seed=seed, lanes=lanes, **COMMON)


def warm_up(given: argparse.Namespace) -> None:
    """Compile, so that compiling is not timed."""
    few = semap.read_text([["a", "b", "c"] * 20], min_count=1)
    semap.SkipGram(dim=4, epochs=1, threads=1).fit(few)


def trainers(given: argparse.Namespace, corpus: semap.Corpus, lines: Path) -> list[tuple[str, Any]]:
    """(name, function of a seed that returns a timed table) of every contestant."""
    ours = [("semap", Timed(lambda seed: learner(given, seed).fit(corpus)))]
    for lanes in given.lanes:
        ours.append((f"semap, lanes={lanes}", Timed(lambda seed, lanes=lanes: learner(given, seed, lanes).fit(corpus))))
    return [("gensim", Gensim(given, lines)), *ours]


class Timed:
    """A training function that remembers how long it took."""

    def __init__(self, train: Any) -> None:
        self._train, self.seconds = train, 0.0

    def __call__(self, seed: int) -> semap.Table:
        began = time.perf_counter()
        table = self._train(seed)
        self.seconds = time.perf_counter() - began
        return table


class Gensim:
    """gensim 4.4, its vocabulary made once a seed and not timed."""

    def __init__(self, given: argparse.Namespace, lines: Path) -> None:
        self._given, self._lines, self.seconds = given, lines, 0.0

    def __call__(self, seed: int) -> semap.Table:
        from gensim.models import Word2Vec

        given = self._given
        model = Word2Vec(
            vector_size=given.dim,
            negative=5,
            min_count=5,
            sg=int(given.model == "skipgram"),
            workers=given.threads,
            seed=seed,
            **COMMON,
        )
        model.build_vocab(corpus_file=str(self._lines))
        began = time.perf_counter()
        model.train(corpus_file=str(self._lines), total_words=model.corpus_total_words, epochs=given.epochs)
        self.seconds = time.perf_counter() - began
        counts = np.array([model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key])
        return semap.Table(
            model.wv.index_to_key, model.wv.vectors, counts=counts, metadata={"text": {"split": "whitespace", "lowercase": True}}
        )


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
    """A table of means and deviations, and the ratio of the medians of the rates."""
    columns = list(runs["semap"][0])
    flags = f"--model {given.model} --dim {given.dim} --epochs {given.epochs} --seeds {given.seeds} --threads {given.threads}"
    lanes = f" --lanes {' '.join(map(str, given.lanes))}" if given.lanes else ""
    lines = [
        f"# Training: {given.model}, {given.dim} dimensions",
        "",
        f"`python bench/training.py {given.text.name} {flags}{lanes}`, {datetime.date.today()}, {given.machine}.",
        f"{corpus.n_tokens:,} words, {len(corpus.vocab):,} different; window 5, 5 negatives, sample 1e-3, {given.epochs} epochs.",
        "Rates: median of the runs. Scores: mean of the seeds and their standard deviation.",
        "",
        "| | seeds | " + " | ".join(columns) + " | x gensim |",
        "|---" * (len(columns) + 3) + "|",
    ]
    base = statistics.median(run["M words/s"] for run in runs["gensim"]) if "gensim" in runs else float("nan")
    for name, found in runs.items():
        rate = statistics.median(run["M words/s"] for run in found)
        cells = [f"{rate:.2f}"]
        for column in columns[1:]:
            values = [run[column] for run in found]
            deviation = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.3f}{deviation}")
        lines.append(f"| {name} | {len(found)} | " + " | ".join(cells) + f" | {rate / base:.1f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text)


if __name__ == "__main__":
    main()
