"""`semap graph`: edges in, a table of the nodes out, and how good it is where that is asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable, format_for
from semap.cli.options import AsJson, Quiet
from semap.cli.sheet import Sheet, show

if TYPE_CHECKING:
    from semap.evaluate.links import LinkScores
    from semap.evaluate.nodes import NodeScores
    from semap.graph.graph import Graph
    from semap.learn.netmf import NetMF
    from semap.learn.node2vec import Node2Vec
    from semap.learn.prone import ProNE
    from semap.table.table import Table

__all__ = ["graph"]

_WALKS = ("node2vec", "deepwalk")


def graph(
    edges: Annotated[str, typer.Argument(metavar="EDGES", help='Lines "node node" or "node node weight"; "-": standard input.')],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="Where the table goes; its ending says the format.")
    ],
    method: Annotated[Literal["node2vec", "deepwalk", "prone", "netmf"], typer.Option(help="How to learn.")] = "node2vec",
    dim: Annotated[int, typer.Option(help="Length of the vectors.")] = 128,
    p: Annotated[float | None, typer.Option(help="node2vec: high keeps walks from going back.", show_default="1")] = None,
    q: Annotated[float | None, typer.Option(help="node2vec: high keeps walks near their start.", show_default="1")] = None,
    n_walks: Annotated[int | None, typer.Option(help="Walks from each node.", show_default="10")] = None,
    length: Annotated[int | None, typer.Option(help="Nodes of a walk.", show_default="80")] = None,
    window: Annotated[int | None, typer.Option(help="Steps to each side; not for prone.", show_default="10")] = None,
    epochs: Annotated[int | None, typer.Option(help="Rounds of new walks.", show_default="1")] = None,
    directed: Annotated[bool, typer.Option("--directed", help="Edges lead one way only.")] = False,
    weighted: Annotated[
        bool | None, typer.Option("--weighted/--unweighted", help="Read weights.", show_default="as the first line")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="Between the columns.", show_default="blanks and tabs")] = None,
    layout: Annotated[
        Literal["edges", "adjacency"], typer.Option(help="One edge a line, or a node and its neighbours.")
    ] = "edges",
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help='Lines "node label label ...": say how well the vectors tell them (F1).')
    ] = None,
    hold_out: Annotated[
        float | None, typer.Option(help="Learn again without this share of the edges; say how well it is told (AUC).")
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad lines out and count them.")] = False,
    threads: Annotated[int, typer.Option(help="0 for every CPU; never changes the result.")] = 0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn at random.")] = 1,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Learn a vector for every node of a graph.

    \b
    Examples:
      semap graph karate.edgelist -o karate.semap --method node2vec --p 1 --q 0.5
      semap graph edges.csv -o nodes.semap --method prone --delimiter , --weighted
      semap graph edges.txt -o nodes.semap --method prone --labels labels.txt --hold-out 0.5
      semap similar karate.semap 34
    """
    walking = {"n_walks": n_walks, "length": length, "epochs": epochs}
    given = {name: value for name, value in {**walking, "p": p, "q": q, "window": window}.items() if value is not None}
    _check_usage(method, given, hold_out)
    form = format_for(output, None)
    check_writable(output, form, [] if edges == "-" else [Path(edges)])
    watch_compiling(quiet)
    from semap.evaluate.nodes import read_labels
    from semap.formats.save import save
    from semap.graph.read import read_graph

    began = time.monotonic()
    interrupts.stage = "reading"
    found = read_graph(
        edges, directed=directed, weighted=weighted, delimiter=delimiter, layout=layout, on_error="skip" if skip_bad else "raise"
    )
    known = read_labels(labels) if labels else {}
    read = time.monotonic()
    interrupts.stage = "training"
    learner = _learner(method, {"dim": dim, "threads": threads, "seed": seed, **given})
    table = learner.fit(found, progress=not quiet)
    learned = time.monotonic()
    interrupts.stage, interrupts.writing = f"writing {output}", True
    save(table, output, to=form)
    interrupts.stage, interrupts.writing = "evaluating", False
    scores = _scores(table, known, learner, found, hold_out)
    if as_json or scores or not quiet:
        seconds = {"reading": round(read - began, 3), "training": round(learned - read, 3)}
        facts = {
            "output": str(output), "method": method, "nodes": len(found), "edges": found.n_edges, "dim": table.dim,
            "settings": table.metadata["settings"], "read": found.facts, "seconds": seconds,
        }  # fmt: skip
        notes = [line for each in scores.values() for line in str(each).splitlines()]
        document = {**facts, **{name: each.as_dict() for name, each in scores.items()}}
        show(document, [Sheet(("", ""), _summary(facts), notes=notes)], as_json)


def _check_usage(method: str, given: dict[str, Any], hold_out: float | None) -> None:
    """Options of other methods are wrong usage, not left out in silence."""
    takes = {"node2vec": set(given), "deepwalk": set(given) - {"p", "q"}, "netmf": {"window"}, "prone": set[str]()}[method]
    for name in given:
        if name not in takes:
            raise typer.BadParameter(f"--{name.replace('_', '-')} is not for --method {method}")
    if hold_out is not None and not 0 < hold_out < 1:
        raise typer.BadParameter(f"--hold-out is above 0 and below 1, not {hold_out:g}")


def _learner(method: str, settings: dict[str, Any]) -> Node2Vec | ProNE | NetMF:
    if method in _WALKS:
        from semap.learn.node2vec import Node2Vec

        return Node2Vec(**settings)
    if method == "prone":
        from semap.learn.prone import ProNE

        return ProNE(**settings)
    from semap.learn.netmf import NetMF

    return NetMF(**settings)


def _scores(
    table: Table, labels: dict[str, list[str]], learner: Node2Vec | ProNE | NetMF, graph: Graph, hold_out: float | None
) -> dict[str, NodeScores | LinkScores]:
    """What was asked for: how well labels are told, and edges that were held out."""
    from semap.evaluate.links import link_prediction
    from semap.evaluate.nodes import node_classification

    scores: dict[str, NodeScores | LinkScores] = {}
    if labels:
        scores["labels"] = node_classification(table, labels)
    if hold_out is not None:
        scores["links"] = link_prediction(learner, graph, share=hold_out)
    return scores


def _summary(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("wrote", facts["output"]),
        ("graph", f"{facts['nodes']:,} nodes, {facts['edges']:,} edges"),
        ("table", f"{facts['nodes']:,} nodes x {facts['dim']}, {facts['method']}"),
        ("seconds", ", ".join(f"{name} {value:.2f}" for name, value in facts["seconds"].items())),
    ]
