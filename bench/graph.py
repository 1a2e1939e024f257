"""Walks, training, labels, links and memory of vectors of nodes, a stage a run, beside PecanPy and gensim.

    python bench/graph.py walking PPI.ungraph --old-names
    python bench/graph.py training PPI.ungraph --labels PPI.cmty --labels-layout labels --old-names
    python bench/graph.py telling bc_adjlist.txt --layout adjacency --labels bc_labels.txt --methods prone,netmf,walks
    python bench/graph.py links PPI.ungraph --methods prone,netmf,walks
    python bench/graph.py memory

PecanPy (2.0.9, SparseOTF, compiled beforehand; its progress bar off) gets the same graph, p, q and threads; with NumPy 2 its
dependency nptyping needs the old names np.bool8 and others, which --old-names puts back for this process. gensim reads the
walks that semap trains on from a file written beforehand (`corpus_file`, its fastest way), with the same settings and threads.
Labels: half of the nodes to learn from, the number of labels of each node given. A run replaces its own part of the results.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import os
import re
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import semap
from semap.evaluate import link_prediction, node_classification, read_labels

RESULT = Path(__file__).parent / "results" / "graph.md"
OLD_NAMES = {"bool8": np.bool_, "object0": np.object_, "int0": np.intp, "uint0": np.uintp, "void0": np.void, "str0": np.str_,
             "bytes0": np.bytes_, "float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "string_": np.bytes_,
             "cfloat": np.complex128, "singlecomplex": np.complex64, "longfloat": np.longdouble,
             "longcomplex": np.clongdouble, "clongfloat": np.clongdouble}  # fmt: skip
STRENGTHS = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0]


def main() -> None:
    """Measure one stage, print and record it."""
    given = arguments()
    for name, value in OLD_NAMES.items() if given.old_names else ():
        if not hasattr(np, name):
            setattr(np, name, value)
    load = os.getloadavg()[0]
    graph = made() if given.edges is None else semap.read_graph(given.edges, layout=given.layout)
    stages = {"walking": walking, "training": training, "telling": telling, "links": links, "memory": memory}
    name = given.edges.name if given.edges else "a random graph"
    lines = [
        f"## {given.stage}: {name}, {len(graph):,} nodes, {graph.n_edges:,} edges",
        "",
        f"`python bench/graph.py {' '.join(Path(word).name for word in sys.argv[1:])}`, {datetime.date.today()}, "
        f"{given.machine}, {given.threads} threads, load {load:.1f} at the start.",
        "",
        *stages[given.stage](graph, given),
    ]
    print("\n".join(lines))
    record(lines)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=("walking", "training", "telling", "links", "memory"))
    parser.add_argument("edges", type=Path, nargs="?")
    parser.add_argument("--layout", default="edges")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--labels-layout", default="nodes")
    parser.add_argument("--methods", default="prone", help="of walks, prone, netmf; with commas between")
    parser.add_argument("--n-walks", type=int, default=10, help="walks from each node")
    parser.add_argument("--length", type=int, default=80, help="nodes of a walk, for telling and links")
    parser.add_argument("--p", type=float, default=1.0)
    parser.add_argument("--q", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--old-names", action="store_true")
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    given = parser.parse_args()
    if (given.edges is None) != (given.stage == "memory"):
        parser.error("every stage but memory takes a file of edges")
    if given.stage == "telling" and given.labels is None:
        parser.error("telling takes --labels")
    return given


def record(lines: list[str]) -> None:
    """Put the part in the place of the one with the same heading, or at the end."""
    parts = re.split(r"(?m)^(?=## )", RESULT.read_text()) if RESULT.exists() else ["# Vectors of nodes\n\n"]
    part = "\n".join(lines).rstrip("\n") + "\n\n"
    for place, known in enumerate(parts):
        if known.split("\n")[0] == lines[0] and known.split("`")[1] == part.split("`")[1]:
            parts[place] = part
            break
    else:
        parts = [*(known.rstrip("\n") + "\n\n" for known in parts), part]
    RESULT.write_text("".join(parts).rstrip("\n") + "\n")


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def walking(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """Steps a second of both, in turns, compiled before."""
    lines = ["| p, q | semap M steps/s | PecanPy M steps/s | ratio |", "|---|---|---|---|"]
    for p, q in ((0.25, 4.0), (4.0, 0.25), (1.0, 1.0)):
        walks = semap.Walks(graph=graph, n_walks=given.n_walks, p=p, q=q, threads=given.threads)
        peer = pecanpy(graph, p, q, given)
        peer.simulate_walks(1, 4)
        walks.read(0, 0, 1)
        times = [
            (seconds(lambda walks=walks: walks.read(0, 0, walks.n_tokens)),
             seconds(lambda peer=peer: peer.simulate_walks(given.n_walks, 80)))
            for _ in range(given.turns)
        ]  # fmt: skip
        own, other = (walks.n_tokens / statistics.median(each) / 1e6 for each in zip(*times, strict=True))
        lines.append(f"| {p:g}, {q:g} | {own:.2f} | {other:.2f} | {own / other:.1f} |")
    return [*lines, "", f"{given.n_walks} walks of 80 nodes from each node, medians of {given.turns} turns."]


def training(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """Walks and training of both on the same walks, in turns."""
    from gensim.models import Word2Vec

    learner = semap.Node2Vec(n_walks=given.n_walks, p=given.p, q=given.q, threads=given.threads)
    semap.Node2Vec(n_walks=1, p=given.p, q=given.q, threads=given.threads).fit(graph)
    peer = pecanpy(graph, given.p, given.q, given)
    peer.simulate_walks(1, 4)
    walks = learner.walks(graph)
    span = walks.read(0, 0, walks.n_tokens)
    tokens = list(graph.vocab.tokens)
    rows = []
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        for first, last in zip(span.offsets[:-1], span.offsets[1:], strict=True):
            file.write(" ".join(tokens[node] for node in span.ids[first - span.first : last - span.first]) + "\n")
        file.flush()
        settings = {"vector_size": 128, "window": 10, "negative": 5, "sg": 1, "min_count": 0, "sample": 0, "epochs": 1}
        for _ in range(given.turns):
            began = time.perf_counter()
            ours = learner.fit(graph)
            fitted = time.perf_counter()
            peer.simulate_walks(given.n_walks, 80)
            walked = time.perf_counter()
            model = Word2Vec(corpus_file=file.name, workers=given.threads, seed=1, **settings)
            rows.append((fitted - began, walked - fitted, time.perf_counter() - walked))
    own, walked, trained = (statistics.median(each) for each in zip(*rows, strict=True))
    theirs = semap.Table(model.wv.index_to_key, model.wv.vectors)
    f1 = [told(table, given, 1.0, False) if given.labels else "-" for table in (ours, theirs)]
    return [
        "| | walking s | training s | together s | micro / macro F1 |", "|---|---|---|---|---|",
        f"| semap | | | {own:.2f} | {f1[0]} |",
        f"| PecanPy + gensim | {walked:.2f} | {trained:.2f} | {walked + trained:.2f} | {f1[1]} |", "",
        f"Ratio {(walked + trained) / own:.1f}; {walks.n_tokens:,} steps, p = {given.p:g}, q = {given.q:g}, 128 dimensions, "
        f"window 10, 5 negatives, 1 epoch; medians of {given.turns} turns.",
    ]  # fmt: skip


def pecanpy(graph: semap.Graph, p: float, q: float, given: argparse.Namespace) -> Any:
    """PecanPy's graph."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import numba
        from pecanpy.pecanpy import SparseOTF
    numba.set_num_threads(given.threads)
    peer = SparseOTF(p=p, q=q, workers=given.threads, verbose=False, random_state=1)
    with tempfile.NamedTemporaryFile("w", suffix=".edg") as file:
        names, rows = list(graph.vocab.tokens), graph.rows()
        upper = rows <= graph.neighbours
        file.writelines(f"{names[a]}\t{names[b]}\n" for a, b in zip(rows[upper], graph.neighbours[upper], strict=True))
        file.flush()
        with contextlib.redirect_stdout(io.StringIO()):
            peer.read_edg(file.name, weighted=False, directed=False)
    peer.preprocess_transition_probs()
    # At each call it makes new functions, which Numba compiles for seconds; here it keeps its first ones.
    step, linked = peer.get_move_forward(), peer.get_has_nbrs()
    peer.get_move_forward, peer.get_has_nbrs = lambda: step, lambda: linked
    return peer


def learner_of(name: str, given: argparse.Namespace) -> Any:
    """The learner of a method."""
    if name == "walks":
        return semap.Node2Vec(n_walks=given.n_walks, length=given.length, p=given.p, q=given.q, threads=given.threads)
    return {"prone": semap.ProNE, "netmf": semap.NetMF}[name](threads=given.threads)


def told(table: semap.Table, given: argparse.Namespace, strength: Any, normalize: bool) -> str:
    """Micro and macro F1 of the labels."""
    labels = read_labels(given.labels, layout=given.labels_layout)
    scores = node_classification(table, labels, repeats=given.repeats, strength=strength, normalize=normalize)
    return f"{scores.micro:.3f} / {scores.macro:.3f}"


def telling(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """F1 of the labels, by method: vectors as they are, and with rows of length 1."""
    ways = ((1.0, False), (1.0, True), (STRENGTHS, True))
    heads = ["C=1, as they are", "C=1, length 1", f"C of {', '.join(f'{each:g}' for each in STRENGTHS)}, length 1"]
    lines = [f"| micro / macro F1, 128 dimensions | seconds | {' | '.join(heads)} |", "|---|---|" + "---|" * len(ways)]
    for name in given.methods.split(","):
        learner, found = learner_of(name, given), []
        times = [seconds(lambda learner=learner, found=found: found.append(learner.fit(graph)))
                 for _ in range(given.turns if name == "prone" else 1)]  # fmt: skip
        cells = " | ".join(told(found[-1], given, *way) for way in ways)
        lines.append(f"| {name_of(name, given)} | {statistics.median(times):.1f} | {cells} |")
    return [
        *lines,
        "",
        f"Means over {given.repeats} random halves; of several C, each repeat takes the best on a fifth of the half told.",
    ]


def links(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """AUC of half of the edges, by method."""
    lines = ["| AUC, 128 dimensions | Hadamard | dot | cosine | by degree |", "|---|---|---|---|---|"]
    for name in given.methods.split(","):
        found = [link_prediction(learner_of(name, given), graph, score=score, repeats=given.repeats)
                 for score in ("hadamard", "dot", "cosine")]  # fmt: skip
        cells = " | ".join(f"{scores.auc:.3f} +- {scores.deviation:.3f}" for scores in found)
        lines.append(f"| {name_of(name, given)} | {cells} | {found[0].degrees_auc:.3f} |")
    return [*lines, "", f"Half of the edges held out, the graph staying connected; {given.repeats} repeats."]


def name_of(name: str, given: argparse.Namespace) -> str:
    """A method and its settings."""
    return f"walks, {given.n_walks} of {given.length} a node, p = {given.p:g}, q = {given.q:g}" if name == "walks" else name


def made() -> semap.Graph:
    """A graph of 100,000 nodes and 1,000,000 weighted edges, less those that were drawn twice."""
    rng = np.random.default_rng(1)
    ends = rng.integers(0, 100_000, (2, 1_000_000))
    return semap.Graph.of_edges(map(str, range(100_000)), *ends, rng.random(1_000_000) + 0.1)


def memory(graph: semap.Graph, given: argparse.Namespace) -> list[str]:
    """The most memory this process had, in MB, the graph made in it too."""
    lines = ["| until | peak MB |", "|---|---|", f"| the graph is made | {peak():,} |"]
    walks = semap.Walks(graph=graph, n_walks=1, p=0.5, q=2.0, threads=given.threads)
    for start in range(0, walks.n_tokens, 1 << 20):
        walks.read(0, start, start + (1 << 20))
    lines.append(f"| it is walked over, p = 0.5, q = 2 | {peak():,} |")
    semap.Node2Vec(n_walks=1, length=20, p=0.5, q=2.0, threads=given.threads).fit(graph)
    return [*lines, f"| 128 dimensions are trained, p = 0.5, q = 2 | {peak():,} |"]


def peak() -> int:
    """The most memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


if __name__ == "__main__":
    main()
