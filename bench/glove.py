"""GloVe: words counted and cells trained a second, and the scores of what was learned beside those of skip-gram.

    python bench/glove.py TEXT --gold GOLD --dim 100 --epochs 25 --seeds 1 --threads 2

TEXT is plain text (`enwiki_text8style.txt`, unpacked); GOLD holds analogy/questions-words.txt and similarity/EN-*.txt.
Skip-gram is trained with its defaults for --skipgram epochs (several may be given), so that its usual number and that of
GloVe stand here: an epoch of GloVe goes over all cells once, one of skip-gram over all words. Rates are by the wall clock,
and by the CPU time of the process (all threads together), which a busy machine changes less. `--agree` trains a small part of
the text with the plain NumPy kernels too and says how far the vectors are apart. Stanford's own programs, in C, are in no
package registry, so not beside.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

import semap
from semap.counts.cooccurrence import count_cells

GOLD = {"WS-353": "EN-WS-353-ALL", "SimLex": "EN-SIMLEX-999", "MEN": "EN-MEN-TR-3k", "RW": "EN-RW-STANFORD"}
AGREEING = 4_000  # words, for the plain kernels


def main() -> None:
    """Count, train, score, print and record."""
    given = arguments()
    corpus = semap.read_text(given.text, split="whitespace", lowercase=False, normalize=None)
    warm_up()
    lines = [*head(given, corpus), *counting(given, corpus)]
    if given.agree:
        apart = agreement(given)
        lines += ["", f"A training on {AGREEING:,} words of the text: at most {apart:.1e} from the vectors of the NumPy kernels."]
    rows = [scored(given, corpus, name, learner) for name, learner in learners(given)]
    lines += ["", *table(rows)]
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.write_text(text)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--epochs", type=int, nargs="*", default=[25], help="of GloVe")
    parser.add_argument("--words", type=int, nargs="*", default=[], help="epochs of GloVe whose vectors of contexts are left out")
    parser.add_argument("--x-max", type=float, default=100.0, help="of GloVe")
    parser.add_argument("--skipgram", type=int, nargs="*", default=[5], help="epochs of skip-gram")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--agree", action="store_true")
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "glove.md")
    return parser.parse_args()


def head(given: argparse.Namespace, corpus: semap.Corpus) -> list[str]:
    """What was done, on what."""
    numbers = " ".join(" ".join([f"--{name}", *map(str, getattr(given, name))]) for name in ("epochs", "words", "skipgram"))
    flags = f"--gold GOLD --dim {given.dim} {numbers} --x-max {given.x_max:g} --seeds {given.seeds} --threads {given.threads}"
    flags += " --agree" if given.agree else ""
    return [
        "# GloVe",
        "",
        f"`python bench/glove.py {given.text.name} {flags}`, {datetime.date.today()}, {given.machine}.",
        f"{corpus.n_tokens:,} words, {len(corpus.vocab):,} different. CPU: seconds of all threads together.",
    ]


def warm_up() -> None:
    """Compile, so that compiling is not timed."""
    few = semap.read_text([["a", "b", "c"] * 20], min_count=1)
    semap.GloVe(dim=4, epochs=1).fit(few)
    semap.SkipGram(dim=4, epochs=1, threads=1).fit(few)


def counting(given: argparse.Namespace, corpus: semap.Corpus) -> list[str]:
    """Lines of a table: counting with memory enough, and with so little that it spills."""
    lines = ["", "| counting, window 10 | cells | M words/s | M words/s of CPU | in files |", "|---|---|---|---|---|"]
    for name, memory in (("in memory", 2_000_000_000), ("memory=100,000,000", 100_000_000)):
        began, used = time.perf_counter(), time.process_time()
        cells = count_cells(
            corpus, window=10, symmetric=True, distance_weighting=True, memory=memory, threads=given.threads, progress=False
        )
        rates = [corpus.n_tokens / each / 1e6 for each in (time.perf_counter() - began, time.process_time() - used)]
        lines.append(f"| {name} | {len(cells):,} | {rates[0]:.2f} | {rates[1]:.2f} | {cells.on_disk / 1e6:,.0f} MB |")
    return lines


def agreement(given: argparse.Namespace) -> float:
    """The largest difference of the vectors that the compiled and the plain kernels learn."""
    from semap.kernels.native import glove as native
    from semap.kernels.reference import glove as reference

    with open(given.text, encoding="utf8") as file:
        words = file.read(20 * AGREEING).split()[:AGREEING]
    corpus = semap.read_text([words], min_count=2)
    learner = semap.GloVe(dim=given.dim, epochs=3, threads=given.threads)
    found = learner.fit(corpus).vectors
    kept = native.train, native.deal
    native.train, native.deal = reference.train, reference.deal
    try:
        return float(np.abs(learner.fit(corpus).vectors - found).max())
    finally:
        native.train, native.deal = kept


def learners(given: argparse.Namespace) -> list[tuple[str, Any]]:
    """(name, function of a seed that returns a learner) of every contestant."""
    common = {"dim": given.dim, "threads": given.threads}
    found: list[tuple[str, Any]] = []
    for vectors, asked in (("sum", given.epochs), ("words", given.words)):
        for epochs in asked:
            name = f"GloVe, {epochs} epochs, x_max {given.x_max:g}" + ("" if vectors == "sum" else ", words only")
            settings = {**common, "epochs": epochs, "vectors": vectors, "x_max": given.x_max}
            found.append((name, lambda seed, settings=settings: semap.GloVe(seed=seed, **settings)))
    for epochs in given.skipgram:
        found.append((f"skip-gram, {epochs} epochs", lambda seed, e=epochs: semap.SkipGram(epochs=e, seed=seed, **common)))
    return found


class Watch:
    """Progress that measures the last task: its units a second of the wall clock and of the CPU."""

    def start(self, task: str, total: int, unit: str) -> None:
        """Begin."""
        self.unit, self.began, self.used = unit, time.perf_counter(), time.process_time()

    def update(self, done: int, **figures: float) -> None:
        """Go on."""
        self.done = done

    def finish(self) -> None:
        """End."""
        self.wall, self.cpu = time.perf_counter() - self.began, time.process_time() - self.used


def scored(given: argparse.Namespace, corpus: semap.Corpus, name: str, learner: Any) -> dict[str, str]:
    """A row of the table: rates and scores, medians and means over the seeds."""
    runs: dict[str, list[float]] = {}
    unit = ""
    for seed in range(1, given.seeds + 1):
        watch, began = Watch(), time.perf_counter()
        found = learner(seed).fit(corpus, progress=watch)
        rates = (watch.done / watch.wall / 1e6, watch.done / watch.cpu / 1e6)
        run = {"s in all": time.perf_counter() - began, "M/s": rates[0], "M/s of CPU": rates[1]}
        run |= scores(found, given.gold)
        unit = watch.unit
        print(f"{name} seed {seed}: " + "  ".join(f"{key} {value:.3f}" for key, value in run.items()), flush=True)
        for key, value in run.items():
            runs.setdefault(key, []).append(value)
    row = {"": name, "s in all": f"{statistics.median(runs.pop('s in all')):.0f}"}
    row["M/s"] = f"{statistics.median(runs.pop('M/s')):.2f} {unit}"
    row["M/s of CPU"] = f"{statistics.median(runs.pop('M/s of CPU')):.2f}"
    for key, values in runs.items():
        row[key] = f"{statistics.mean(values):.3f}" + (f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else "")
    return row


def scores(found: semap.Table, gold: Path) -> dict[str, float]:
    """Spearman of four word lists and the share of right analogies among the 30,000 most frequent words."""
    told = {
        name: semap.evaluate.similarity(found, gold / "similarity" / f"{file}.txt", lowercase=True).spearman
        for name, file in GOLD.items()
    }
    questions = gold / "analogy" / "questions-words.txt"
    return {**told, "analogies": semap.evaluate.analogies(found, questions, top=30_000, lowercase=True).accuracy}


def table(rows: list[dict[str, str]]) -> list[str]:
    """The rows in Markdown."""
    columns = list(rows[0])
    return [
        "| " + " | ".join(columns) + " |",
        "|" + "---|" * len(columns),
        *("| " + " | ".join(row[column] for column in columns) + " |" for row in rows),
    ]


if __name__ == "__main__":
    main()
