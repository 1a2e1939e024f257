"""Vocabulary and encoding of a text: `semap.read_text` beside gensim's vocabulary scan, which encodes nothing.

    python bench/corpus.py TEXT [TEXT ...] --threads 2

gensim is timed for `scan_vocab(corpus_file=...)` alone, the least it can do; it splits at blanks and changes no letter
(`workers` is for training; nothing in its documentation makes the scan faster). semap reads each text with its default
settings (Unicode words, lower-cased, NFC) and the way gensim does. They take turns in one process; medians are compared.
Quality: read the way gensim does, every token must have the same count. Memory and the time of a first call are taken in
new processes, with the kernels in Numba's cache on disk.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOVELS = ROOT / "../shared/data/corpora/novels_public_domain.txt"
LIKE_GENSIM: dict[str, Any] = {"split": "whitespace", "lowercase": False, "normalize": None}
FIRST_CALL = """
import json, re, sys, time
from semap.corpus.read import read_text
import numba

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024

@numba.njit
def start(number):
    return number + 1

start(1)  # Numba's own start, which no first call is spared: it loads its typing tables, and SciPy where there is one
before = peak()
began = time.perf_counter()
corpus = read_text(sys.argv[1], threads=int(sys.argv[2]))
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "bytes": peak() - before, "tokens": corpus.facts["tokens_read"]}))
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("texts", nargs="+", type=Path)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--min-count", type=int, default=5)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/corpus.md")
    chosen = options.parse_args()
    names = " ".join(path.name for path in chosen.texts)
    command = f"python bench/corpus.py {names} --threads {chosen.threads} --turns {chosen.turns}"
    lines = [
        "# Text to corpus",
        "",
        f"`{command}`, {datetime.date.today()}, {chosen.machine}.",
        "Every figure is the median of turns taken alternately; the best turn is in brackets.",
    ]
    for path in chosen.texts:
        lines += text_lines(path, chosen.threads, chosen.turns, chosen.min_count)
    if NOVELS.exists():
        first = statistics.median(in_new_process(NOVELS, chosen.threads)["seconds"] for _ in range(chosen.turns))
        size = f"{NOVELS.stat().st_size / 1e6:.1f} MB"
        lines += [
            "",
            f"First `read_text` of a new process, kernels cached, {size}: {first:.2f} s after imports and Numba's start.",
        ]
    text = "\n".join(lines) + "\n"
    print(text)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text)


def text_lines(path: Path, threads: int, turns: int, min_count: int) -> list[str]:
    """The table of one text."""
    from gensim.models import Word2Vec

    from semap.corpus.read import read_text

    def gensim() -> dict[str, int]:
        model = Word2Vec(min_count=min_count, workers=threads)
        model.scan_vocab(corpus_file=str(path))
        return model.raw_vocab

    def semap() -> Any:
        return read_text(path, min_count=min_count, threads=threads)

    def semap_like_gensim() -> Any:
        return read_text(path, min_count=min_count, threads=threads, **LIKE_GENSIM)

    semap()
    times, results = in_turns({"gensim": gensim, "semap": semap, "like gensim": semap_like_gensim}, turns)
    peer = statistics.median(times["gensim"])
    theirs = {token: n for token, n in results["gensim"].items() if n >= min_count}
    ours = dict(zip(results["like gensim"].vocab.tokens, results["like gensim"].vocab.counts.tolist(), strict=True))
    memory = in_new_process(path, threads)
    n_bytes = path.stat().st_size
    lines = [
        "",
        f"## {path.name}: {n_bytes / 1e6:.0f} MB, {memory['tokens'] / 1e6:.2f} M tokens",
        "",
        "| | time | gensim / semap | MB/s | tokens kept |",
        "|---|---|---|---|---|",
    ]
    rows = (
        ("gensim 4.4 scan_vocab", "gensim", len(theirs)),
        ("semap read_text", "semap", len(results["semap"].vocab)),
        ("semap read_text, split like gensim", "like gensim", len(ours)),
    )
    for title, name, n_tokens in rows:
        middle, best = statistics.median(times[name]), min(times[name])
        ratio = "" if name == "gensim" else f"{peer / middle:.1f} ({min(times['gensim']) / best:.1f})"
        lines.append(f"| {title} | {middle:.2f} s ({best:.2f}) | {ratio} | {n_bytes / middle / 1e6:.0f} | {n_tokens:,} |")
    same = "the same tokens with the same counts as gensim" if ours == theirs else "OTHER COUNTS THAN GENSIM"
    peak = f"{memory['bytes'] / 1e6:.0f} MB, {memory['bytes'] / memory['tokens']:.1f} bytes a token"
    return [*lines, "", f"Split like gensim: {same}. Peak memory above the imports: {peak}."]


def in_turns(works: dict[str, Callable[[], Any]], turns: int) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Seconds of each turn, and the last results."""
    times: dict[str, list[float]] = {name: [] for name in works}
    results: dict[str, Any] = {}
    for _ in range(turns):
        for name, work in works.items():
            results.pop(name, None)
            began = time.perf_counter()
            results[name] = work()
            times[name].append(time.perf_counter() - began)
    return times, results


def in_new_process(path: Path, threads: int) -> dict[str, float]:
    """Seconds and peak memory of one call."""
    command = [sys.executable, "-c", FIRST_CALL, str(path), str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
