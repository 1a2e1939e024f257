"""Hierarchical softmax beside gensim's (hs=1): words a second and the scores of what was learned, same text, settings, threads.

    python bench/hierarchical.py TEXT --gold GOLD --models skipgram cbow --dim 100 --epochs 1 --seeds 2 --threads 2

TEXT, GOLD, how gensim reads the text, and what is timed and scored are those of bench/training.py. CBOW learns with the rate that
each tool advises for it: semap 0.15 (its gradient is divided by the number of contexts), gensim 0.025, its default.
Processor seconds are given too: on a machine that does other work the wall clock measures that as well.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from training import COMMON, scores, write_lines

import semap

Run = dict[str, float]
CBOW_RATE = 0.15  # what docs/training.md advises


def main() -> None:
    """Train in turns, score, print and record."""
    given = arguments()
    corpus = semap.read_text(given.text, split="whitespace", lowercase=False, normalize=None)
    warm_up()
    runs: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        write_lines(given.text, lines)
        for model in given.models:
            for seed in range(1, given.seeds + 1):
                for tool in ("gensim", "semap", "semap with negative sampling"):
                    text, train = (lines, of_gensim) if tool == "gensim" else (corpus, of_semap)
                    table, wall, cpu = train(given, model, seed, text, "negative" if "negative" in tool else "hierarchical")
                    words = corpus.facts["tokens_read"] * given.epochs
                    run = {"M words/s": words / wall / 1e6, "CPU seconds": cpu, **scores(table, given.gold)}
                    runs.setdefault(f"{tool}, {model}", []).append(run)
                    print(f"{tool} {model} seed {seed}: " + "  ".join(f"{k} {v:.3f}" for k, v in run.items()), flush=True)
    report(given, corpus, runs)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--models", nargs="+", choices=["skipgram", "cbow"], default=["skipgram", "cbow"])
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "hierarchical.md")
    return parser.parse_args()


def warm_up() -> None:
    """Compile, so that compiling is not timed."""
    few = semap.read_text([["a", "b", "c"] * 20], min_count=1)
    semap.SkipGram(dim=4, epochs=1, threads=1, objective="hierarchical").fit(few)


def of_semap(
    given: argparse.Namespace, model: str, seed: int, corpus: semap.Corpus, objective: str
) -> tuple[semap.Table, float, float]:  # fmt: skip
    """A table, and the seconds by the clock and of the processor that its training took."""
    kind = semap.SkipGram if model == "skipgram" else semap.CBOW
    rate = {"learning_rate": CBOW_RATE} if model == "cbow" and objective == "hierarchical" else {}
    learner = kind(
        dim=given.dim, epochs=given.epochs, seed=seed, threads=given.threads, objective=objective, **rate, **COMMON
    )  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    table = learner.fit(corpus)
    return table, time.perf_counter() - wall, time.process_time() - cpu


def of_gensim(
    given: argparse.Namespace, model: str, seed: int, lines: Path, objective: str
) -> tuple[semap.Table, float, float]:  # fmt: skip
    """The same of gensim, whose vocabulary and tree are made before the clock starts."""
    from gensim.models import Word2Vec

    learner = Word2Vec(
        vector_size=given.dim, hs=1, negative=0, min_count=5, sg=int(model == "skipgram"), workers=given.threads, seed=seed,
        **COMMON,
    )  # fmt: skip
    learner.build_vocab(corpus_file=str(lines))
    wall, cpu = time.perf_counter(), time.process_time()
    learner.train(corpus_file=str(lines), total_words=learner.corpus_total_words, epochs=given.epochs)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    counts = np.array([learner.wv.get_vecattr(word, "count") for word in learner.wv.index_to_key])
    metadata = {"text": {"split": "whitespace", "lowercase": True}}
    return semap.Table(learner.wv.index_to_key, learner.wv.vectors, counts=counts, metadata=metadata), wall, cpu


def report(given: argparse.Namespace, corpus: semap.Corpus, runs: dict[str, list[Run]]) -> None:
    """Medians of the rates, means of the scores, and the ratios to gensim."""
    columns = list(next(iter(runs.values()))[0])
    flags = f"--models {' '.join(given.models)} --dim {given.dim} --epochs {given.epochs} --seeds {given.seeds}"
    lines = [
        "# Hierarchical softmax",
        "",
        f"`python bench/hierarchical.py {given.text.name} --gold GOLD {flags} --threads {given.threads}`, "
        f"{datetime.date.today()}, {given.machine}.",
        f"{corpus.n_tokens:,} words, {len(corpus.vocab):,} different; window 5, sample 1e-3, epochs: {given.epochs}.",
        f"Rates are medians, scores means of the seeds. semap's CBOW with the tree has learning_rate={CBOW_RATE}.",
        "The machine did other work too: compare processor seconds.",
        "",
        "| | seeds | " + " | ".join(columns) + " | x gensim by the clock | x gensim by processor seconds |",
        "|---" * (len(columns) + 4) + "|",
    ]
    for name, found in runs.items():
        base = runs[f"gensim, {name.rsplit(', ')[-1]}"]
        middle = {column: statistics.median(run[column] for run in found) for column in columns[:2]}
        peer = {column: statistics.median(run[column] for run in base) for column in columns[:2]}
        cells = [f"{middle['M words/s']:.2f}", f"{middle['CPU seconds']:.1f}"]
        cells += [f"{statistics.mean(run[column] for run in found):.3f}" for column in columns[2:]]
        ratios = f"{middle['M words/s'] / peer['M words/s']:.1f} | {peer['CPU seconds'] / middle['CPU seconds']:.1f}"
        lines.append(f"| {name} | {len(found)} | " + " | ".join(cells) + f" | {ratios} |")
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text)


if __name__ == "__main__":
    main()
