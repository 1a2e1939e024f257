"""Walks beside PecanPy's, and how well vectors of nodes tell labels, by method.

    python bench/graph.py EDGES LABELS --layout adjacency

PecanPy (2.0.9, SparseOTF, compiled beforehand; its progress bar off) gets the same graph, p, q and threads, and is left out where
it cannot be imported: with NumPy 2 its dependency nptyping needs the old names np.bool8 and others, which --old-names puts back
for this process. Walks take turns and medians are told. Labels: half of them to learn from, the number of labels given.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import semap
from semap.evaluate import node_classification, read_labels

RESULT = Path(__file__).parent / "results" / "graph.md"
OLD_NAMES = {"bool8": np.bool_, "object0": np.object_, "int0": np.intp, "uint0": np.uintp, "void0": np.void, "str0": np.str_,
             "bytes0": np.bytes_, "float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "string_": np.bytes_,
             "cfloat": np.complex128, "singlecomplex": np.complex64, "longfloat": np.longdouble,
             "longcomplex": np.clongdouble, "clongfloat": np.clongdouble}  # fmt: skip


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edges", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--layout", default="edges")
    parser.add_argument("--labels-layout", default="nodes")
    parser.add_argument("--methods", default="prone", help="of walks, prone, netmf; with commas between")
    parser.add_argument("--passes", type=int, default=2, help="walks of 80 nodes from each node, for the speed of walking")
    parser.add_argument("--n-walks", type=int, default=40, help="the same, for learning")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--old-names", action="store_true")
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    given = parser.parse_args()
    for name, value in OLD_NAMES.items() if given.old_names else ():
        if not hasattr(np, name):
            setattr(np, name, value)
    graph = semap.read_graph(given.edges, layout=given.layout)
    lines = [
        f"# {given.edges.stem}: {graph!r}",
        "",
        f"`python bench/graph.py {given.edges.name} {given.labels.name} --layout {given.layout} --methods {given.methods}`, "
        f"{datetime.date.today()}, {given.machine}, {given.threads} threads, load {os.getloadavg()[0]:.1f} at the start.",
        "",
        *walking(graph, given),
        "",
        *telling(graph, given),
    ]
    print("\n".join(lines))
    before = RESULT.read_text() if RESULT.exists() else ""
    RESULT.write_text(before + "\n".join(lines) + "\n\n")


def walking(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """Steps a second of both, in turns."""
    lines = ["| p, q | semap M steps/s | PecanPy M steps/s | ratio |", "|---|---|---|---|"]
    for p, q in ((0.25, 4.0), (4.0, 0.25), (1.0, 1.0)):
        walks = semap.Walks(graph=graph, n_walks=given.passes, p=p, q=q, threads=given.threads)
        peer = pecanpy(graph, p, q, given)
        ours, theirs = [], []
        for _ in range(given.turns + 1):
            began = time.perf_counter()
            walks.read(0, 0, walks.n_tokens)
            ours.append(time.perf_counter() - began)
            if peer is not None:
                began = time.perf_counter()
                peer.simulate_walks(given.passes, 80)
                theirs.append(time.perf_counter() - began)
        own, other = (walks.n_tokens / statistics.median(each[1:]) / 1e6 if each else float("nan") for each in (ours, theirs))
        lines.append(f"| {p:g}, {q:g} | {own:.2f} | {other:.2f} | {own / other:.1f} |")
    return lines


def pecanpy(graph: semap.Graph, p: float, q: float, given: argparse.Namespace) -> Any:
    """PecanPy's graph, or None."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import numba
            from pecanpy.pecanpy import SparseOTF
    except (ImportError, AttributeError) as failure:
        print(f"PecanPy is left out: {failure}")
        return None
    numba.set_num_threads(given.threads)
    peer = SparseOTF(p=p, q=q, workers=given.threads, verbose=False, random_state=1)
    with tempfile.NamedTemporaryFile("w", suffix=".edg") as file:
        tokens, rows = graph.vocab.tokens, graph.rows()
        names = list(tokens)
        upper = rows <= graph.neighbours
        file.writelines(f"{names[a]}\t{names[b]}\n" for a, b in zip(rows[upper], graph.neighbours[upper], strict=True))
        file.flush()
        peer.read_edg(file.name, weighted=False, directed=False)
    peer.preprocess_transition_probs()
    return peer


def telling(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """F1 of the labels, by method."""
    learners = {
        "walks": semap.Node2Vec(n_walks=given.n_walks, threads=given.threads),
        "prone": semap.ProNE(threads=given.threads),
        "netmf": semap.NetMF(threads=given.threads),
    }
    labels = read_labels(given.labels, layout=given.labels_layout)
    lines = ["| 128 dimensions | seconds | micro F1, C=1 | macro F1 | micro F1, C=2 | macro F1 |", "|---|---|---|---|---|---|"]
    for name in given.methods.split(","):
        seconds = []
        for _ in range(1 if name == "walks" else given.turns):
            began = time.perf_counter()
            table = learners[name].fit(graph)
            seconds.append(time.perf_counter() - began)
        scores = [node_classification(table, labels, repeats=given.repeats, strength=c) for c in (1.0, 2.0)]
        told = " | ".join(f"{score.micro:.4f} | {score.macro:.4f}" for score in scores)
        lines.append(f"| {name} | {statistics.median(seconds):.1f} | {told} |")
    return lines


if __name__ == "__main__":
    main()
