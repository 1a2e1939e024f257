"""Static encoding beside model2vec: paragraphs of Wikipedia with the same model, written to bench/results/encoding.md.

    python bench/encoding.py --threads 2

Both take turns in one process, with the same number of threads; model2vec as it chooses by itself and with its process of
batches off, whichever is faster. Semap is timed twice: its cache of words empty, as after opening, and filled.
"""

from __future__ import annotations

import argparse
import datetime
import lzma
import os
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT / "../shared/data"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--turns", type=int, default=5)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/encoding.md")
    chosen = options.parse_args()
    os.environ["RAYON_NUM_THREADS"] = str(chosen.threads)  # the tokenizers library's pool
    os.environ["LOKY_MAX_CPU_COUNT"] = str(chosen.threads)
    lines = encoding_lines(chosen.threads, chosen.turns)
    head = [
        "# Static encoding",
        "",
        f"`python bench/encoding.py --threads {chosen.threads}`, {datetime.date.today()}, {chosen.machine}.",
        "Every figure is the median of turns taken alternately; the best turn is in brackets.",
        "",
    ]
    text = "\n".join([*head, *lines]) + "\n"
    print(text)
    chosen.out.write_text(text)


def encoding_lines(threads: int, turns: int) -> list[str]:
    """The paragraphs of enwiki_10mb by the model of formats/model2vec_int8."""
    import numpy as np
    from model2vec import StaticModel

    import semap
    from semap.errors import SemapWarning

    warnings.simplefilter("ignore", SemapWarning)  # texts longer than 512 tokens, cut by both
    with lzma.open(DATA / "corpora/enwiki_10mb.txt.xz", "rt", encoding="utf-8") as file:
        texts = [line for line in file.read().split("\n") if line.strip()]
    folder = DATA / "formats/model2vec_int8"
    peer = StaticModel.from_pretrained(folder)
    warm = semap.Pipeline.load(folder, threads=threads)
    assert np.abs(warm.encode(texts[:2000]) - peer.encode(texts[:2000])).max() < 1e-5
    english = semap.Pipeline.from_table(semap.load("english"), threads=threads)

    def cold() -> Any:
        return semap.Pipeline.load(folder, threads=threads).encode(texts)

    turns_of: dict[str, Callable[[], Any]] = {
        "semap, cache filled": lambda: warm.encode(texts),
        "semap, opening and an empty cache included": cold,
        "model2vec": lambda: peer.encode(texts),
        "model2vec, use_multiprocessing=False": lambda: peer.encode(texts, use_multiprocessing=False),
        "semap, words of `english` with SIF": lambda: english.encode(texts),
    }
    seconds: dict[str, list[float]] = {name: [] for name in turns_of}
    found = {}
    for _ in range(turns):
        for name, run in turns_of.items():
            began = time.perf_counter()
            found[name] = run()
            seconds[name].append(time.perf_counter() - began)
    ours, theirs = found["semap, cache filled"], found["model2vec"]
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines = (ours * theirs).sum(axis=1)[lengths > 0] / lengths[lengths > 0]
    best_peer = min(statistics.median(seconds[name]) for name in turns_of if name.startswith("model2vec"))
    lines = ["| | texts/s | time | faster peer's time / this |", "|---|---|---|---|"]
    for name, took in seconds.items():
        middle = statistics.median(took)
        lines.append(f"| {name} | {len(texts) / middle:,.0f} | {middle:.2f} s ({min(took):.2f}) | {best_peer / middle:.1f} |")
    lines += [
        "",
        f"{len(texts):,} paragraphs. Least cosine of a vector of semap with that of model2vec: {cosines.min():.7f}; largest "
        f"difference of a number: {np.abs(ours - theirs).max():.1e}; vectors of zeros: {int((lengths == 0).sum())} in both.",
    ]
    return lines


if __name__ == "__main__":
    main()
