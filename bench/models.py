"""Models of gensim and finalfusion opened by semap and by their own tools: CPU seconds, and how far their vectors differ.

    python bench/models.py [--threads 2] [--repeats 3] [--rows 100000]

Files are made first: vectors of gensim 4 (`.kv`, its array in a file beside it), a FastText model of gensim, and a finalfusion
file with buckets. Runs alternate: semap, peer, semap, ...; the median counts. gensim maps what it can (`mmap="r"`), finalfusion
too (`mmap=True`). CPU seconds of the process, all threads together, because other work may run on the same cores.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from semap.formats.load import load
from semap.formats.save import save
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import finalfusion
    from gensim.models import FastText, KeyedVectors
    from gensim.models.fasttext import FastTextKeyedVectors

DIM = 100
UNSEEN = 2_000
LETTERS = "etaoinshrdlucmfwypvbgkjqxzéü"


def words(n_words: int, first: int = 11) -> list[str]:
    """Different made-up words of 4 to 12 letters."""
    made = []
    for row in range(first, first + n_words):
        number, word = row * 7919, ""
        while number:
            number, letter = divmod(number, 26)
            word += LETTERS[letter]
        made.append(word + LETTERS[row % 28] * (row % 3))
    return made


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def alternate(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median CPU seconds of both, run in turns."""
    pairs = [(cpu(ours), cpu(theirs)) for _ in range(repeats)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def difference(table: Table, tokens: list[str], theirs: Callable[[str], Any], *, unit: bool = False) -> str:
    """The largest difference of a number, of unit vectors or as they are."""
    ours, other = table.lookup(tokens), np.array([theirs(token) for token in tokens])
    if unit:
        ours, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (ours, other))
    return f"{np.abs(ours - other).max():.0e}"


def plain(folder: Path, tokens: list[str], rows: np.ndarray, repeats: int) -> list[tuple[str, float, float, str]]:
    path = str(folder / "plain.kv")
    made = KeyedVectors(DIM)
    made.add_vectors(tokens, rows)
    made.save(path)
    word = tokens[len(tokens) // 2]
    times = alternate(lambda: load(path)[word], lambda: KeyedVectors.load(path, mmap="r")[word], repeats)
    return [("gensim 4 `.kv`: open, first lookup", *times, difference(load(path), tokens[:1000], made.__getitem__))]


def fasttext(folder: Path, tokens: list[str], threads: int, repeats: int) -> list[tuple[str, float, float, str]]:
    path = str(folder / "fasttext.kv")
    model = FastText(
        [tokens[at : at + 1000] for at in range(0, len(tokens), 1000)], vector_size=DIM, min_count=1, bucket=200_000, epochs=1
    )
    model.wv.save(path)
    first, table, theirs = tokens[0], load(path), FastTextKeyedVectors.load(path, mmap="r")
    unseen = words(UNSEEN, first=10**9)
    opened = alternate(
        lambda: load(path, threads=threads)[first], lambda: FastTextKeyedVectors.load(path, mmap="r")[first], repeats
    )
    asked = alternate(lambda: table.lookup(unseen), lambda: [theirs[word] for word in unseen], repeats)
    far = difference(table, tokens[:1000], theirs.__getitem__), difference(table, unseen, theirs.__getitem__)
    return [
        ("gensim 4 FastText `.kv`: open, first lookup", *opened, far[0]),
        (f"... {UNSEEN:,} words that it lacks", *asked, far[1]),
    ]


def buckets(folder: Path, tokens: list[str], rows: np.ndarray, repeats: int) -> list[tuple[str, float, float, str]]:
    path = str(folder / "a.fifu")
    ngrams = NGrams(3, 6, 2**18, hash="finalfusion")
    behind = np.random.default_rng(2).standard_normal((2**18, DIM), np.float32)
    save(Table(tokens, rows, subwords=SubwordRows(ngrams, StoredRows(behind))), path)
    table, theirs = load(path), finalfusion.load_finalfusion(path, mmap=True)
    unseen = words(UNSEEN, first=10**9)
    opened = alternate(lambda: load(path)[tokens[0]], lambda: finalfusion.load_finalfusion(path, mmap=True)[tokens[0]], repeats)
    asked = alternate(lambda: table.lookup(unseen), lambda: [theirs[word] for word in unseen], repeats)
    far = [difference(table, each, theirs.__getitem__, unit=True) for each in (tokens[:1000], unseen)]
    return [
        ("finalfusion `.fifu`: open, first lookup", *opened, far[0] + " (unit vectors)"),
        (f"... {UNSEEN:,} words that it lacks", *asked, far[1] + " (unit vectors)"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the results")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "results" / "models.md")
    settings = parser.parse_args()
    tokens = words(settings.rows)
    rows = np.random.default_rng(1).standard_normal((len(tokens), DIM), np.float32)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = plain(folder, tokens, rows, settings.repeats)
        measured += fasttext(folder, tokens, settings.threads, settings.repeats)
        measured += buckets(folder, tokens, rows, settings.repeats)
    lines = [
        "# Models of gensim and finalfusion",
        "",
        f"`python bench/models.py --threads {settings.threads} --repeats {settings.repeats} --rows {settings.rows}`  ",
        f"{datetime.date.today()}, {settings.machine}; {len(tokens):,} words x {DIM}. CPU seconds, median of alternating runs,",
        "files in the page cache, kernels compiled. Peers: gensim 4.4, which unpickles (it runs what the file says), in C, where",
        "semap interprets the pickle in Python and runs nothing; finalfusion 0.7.1. A model is converted to `.semap` once, which",
        "opens at once.",
        "",
        "| what | semap | peer | ratio | largest difference |",
        "|---|---|---|---|---|",
        *(f"| {what} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f}x | {far} |" for what, ours, theirs, far in measured),
    ]
    settings.output.write_text("\n".join([*lines, ""]))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
