"""A fastText `.bin` of a gigabyte: seconds to open it, vectors a second in and out of its words, and how far they are apart.

    python bench/fasttext_bin.py --text TEXT [--dim 100] [--words 250000] [--buckets 2000000] [--rounds 3] [--output FILE]

The model is made up: its words are the most frequent ones of TEXT, its rows are random, and semap writes it (`to="fasttext"`).
Asked for are 100,000 words: the next most frequent ones (which the model lacks) and the most frequent ones. Every round starts
a process for each tool, one after the other; the median of the rounds counts. "first" is what a new process needs for its first
file, with the modules and compiled kernels that this loads, "again" a second opening. "cold" is the first look-up, after the
system was told to forget the file; "warm" the median of three more. fastText's Python module and gensim answer one word at a time
on one thread, so semap is measured on one thread, too; CPU seconds of the whole process stand beside where others disturb.
Quality: the largest difference of a number from fastText's `get_word_vector`, over 20,000 words.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

N_ASKED = 100_000
N_COMPARED = 10_000
TOOLS = ("semap, 2 threads", "semap, 1 thread", "fastText", "gensim")


def made_up(text: str, dim: int, n_words: int, n_buckets: int, folder: Path) -> Path:
    """Write the model and the words that will be asked for."""
    import semap
    from semap.formats.save import save
    from semap.ngrams.ngrams import NGrams
    from semap.table.rows import StoredRows
    from semap.table.subwords import SubwordRows

    vocab = semap.read_text(text, min_count=1).vocab
    n_words = min(n_words, len(vocab) - N_ASKED)
    rng = np.random.default_rng(1)
    rows = StoredRows(rng.standard_normal((n_buckets, dim), np.float32))
    subwords = SubwordRows(NGrams(3, 6, n_buckets), rows)
    vectors = rng.standard_normal((n_words, dim), np.float32)
    table = semap.Table(vocab.tokens[:n_words], vectors, counts=vocab.counts[:n_words], subwords=subwords)
    save(table, folder / "model.bin", to="fasttext")
    for name, first in (("in", 0), ("out", n_words)):
        (folder / f"{name}.txt").write_text("\n".join(vocab.tokens[first : first + N_ASKED]), encoding="utf-8")
    return folder / "model.bin"


def forget(path: Path) -> None:
    """Have the system drop a file from memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def asker(tool: str, path: Path) -> Any:
    """A function from words to an array of vectors."""
    if tool.startswith("semap"):
        import semap

        return semap.load(path).lookup
    if tool == "fastText":
        import fasttext

        model = fasttext.load_model(str(path))
        return lambda words: np.array([model.get_word_vector(word) for word in words])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gensim.models.fasttext import load_facebook_vectors

        vectors = load_facebook_vectors(str(path))
    return lambda words: np.array([vectors.get_vector(word) for word in words])


def measured(tool: str, path: Path) -> dict[str, float]:
    """What one process measures of one tool."""
    words = {name: (path.parent / f"{name}.txt").read_text(encoding="utf-8").split("\n") for name in ("in", "out")}
    if tool.endswith("1 thread"):  # as many as there are CPUs that the process may use
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found: dict[str, float] = {}
    forget(path)
    clock, cpu = time.perf_counter(), time.process_time()
    ask = asker(tool, path)
    found["first"], found["first_cpu"] = time.perf_counter() - clock, time.process_time() - cpu
    for name in ("out", "in"):
        clock = time.perf_counter()
        ask(words[name])
        found[f"{name}_cold"] = N_ASKED / (time.perf_counter() - clock)
        walls, cpus = [], []
        for _ in range(3):
            clock, cpu = time.perf_counter(), time.process_time()
            ask(words[name])
            walls.append(time.perf_counter() - clock)
            cpus.append(time.process_time() - cpu)
        found[name], found[f"{name}_cpu"] = N_ASKED / statistics.median(walls), N_ASKED / statistics.median(cpus)
    np.save(path.parent / f"{tool}.npy", ask(words["out"][:N_COMPARED] + words["in"][:N_COMPARED]))
    del ask
    clock = time.perf_counter()
    cpu = time.process_time()
    asker(tool, path)
    found["again"], found["again_cpu"] = time.perf_counter() - clock, time.process_time() - cpu
    return found


def report(
    command: str, size: int, made: argparse.Namespace, medians: dict[str, dict[str, float]], apart: dict[str, float]
) -> str:
    """The table of results."""
    machine = f"{datetime.date.today()}, 2 cores, AVX-512, other work running on both"
    model = f"{made.words:,} words x {made.dim}, n-grams of 3 to 6 characters in {made.buckets:,} buckets"
    lines = [f"# A fastText `.bin` of {size / 1e9:.2f} GB", "", f"`{command}`  "]
    lines += [f"{machine}; {model}; medians of {made.rounds} rounds.", ""]
    heads = (
        "tool",
        "open, first s (CPU s)",
        "again s (CPU s)",
        "unknown words/s cold",
        "warm",
        "a CPU s",
        "known words/s warm",
        "a CPU s",
    )
    lines += [f"| {' | '.join(heads)} | off by |", "|---" * 9 + "|"]
    for tool, found in medians.items():
        lines.append(
            f"| {tool} | {found['first']:.2f} ({found['first_cpu']:.2f}) | {found['again']:.3f} ({found['again_cpu']:.3f}) "
            f"| {found['out_cold']:,.0f} | {found['out']:,.0f} | {found['out_cpu']:,.0f} | {found['in']:,.0f} "
            f"| {found['in_cpu']:,.0f} | {apart[tool]:.1e} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", help="a text file to take words from")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--words", type=int, default=250_000)
    parser.add_argument("--buckets", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--output")
    parser.add_argument("--measure", nargs=2, metavar=("TOOL", "MODEL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measured(arguments.measure[0], Path(arguments.measure[1]))))
        return
    with tempfile.TemporaryDirectory() as name:
        path = made_up(arguments.text, arguments.dim, arguments.words, arguments.buckets, Path(name))
        rounds: dict[str, list[dict[str, float]]] = {tool: [] for tool in arguments.tools}
        for _ in range(arguments.rounds):
            for tool in arguments.tools:
                call = [sys.executable, __file__, "--measure", tool, str(path)]
                told = subprocess.run(call, check=True, capture_output=True, text=True).stdout
                rounds[tool].append(json.loads(told.splitlines()[-1]))
                print(tool, rounds[tool][-1], flush=True)
        medians = {
            tool: {key: statistics.median(each[key] for each in found) for key in found[0]} for tool, found in rounds.items()
        }
        theirs = np.load(path.parent / f"{'fastText' if 'fastText' in arguments.tools else arguments.tools[0]}.npy")
        apart = {tool: float(np.abs(np.load(path.parent / f"{tool}.npy") - theirs).max()) for tool in arguments.tools}
        shown = [Path(each).name if each == arguments.text else each for each in sys.argv[1:]]
        text = report(f"python bench/fasttext_bin.py {' '.join(shown)}", path.stat().st_size, arguments, medians, apart)
    print(text)
    if arguments.output:
        Path(arguments.output).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
