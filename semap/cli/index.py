"""`semap index`: a table in, an approximate index beside it out, and how much it finds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable, open_table, path_of
from semap.cli.options import AsJson, Ids, Quiet, TableName
from semap.cli.sheet import Sheet, show
from semap.cli.watched import Watched

__all__ = ["index"]


def index(
    table: TableName,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes.", show_default="TABLE with .index")
    ] = None,
    metric: Annotated[Literal["cosine", "dot", "euclidean"], typer.Option(help="What near means.")] = "cosine",
    dtype: Annotated[
        Literal["f32", "f16", "i8"], typer.Option(help="How the graph holds rows; f16 takes half the room, i8 a quarter.")
    ] = "f32",
    connectivity: Annotated[int, typer.Option(help="Links of a row: more find more and take room.")] = 24,
    expansion_add: Annotated[int, typer.Option(help="Candidates in sight while building.")] = 128,
    expansion_search: Annotated[int, typer.Option(help="Candidates in sight while searching.")] = 64,
    recall: Annotated[int, typer.Option(min=0, metavar="N", help="Measure on N rows how much it finds; 0 for not.")] = 1000,
    k: Annotated[int, typer.Option("-k", min=1, help="Among how many neighbours to measure that.")] = 10,
    reproducible: Annotated[
        bool, typer.Option("--reproducible/--not-reproducible", help="The same file each time, by one thread, or sooner by all.")
    ] = True,
    threads: Annotated[int, typer.Option(help="0 for every CPU.")] = 0,
    ids: Ids = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Build an approximate index of a table, for similar, analogy and serve.

    An index holds links, not the table: keep both. It answers a large table's questions in a fraction of the time and misses
    a few neighbours; the share that it finds is measured and printed. Tables of less than 200,000 rows are searched exactly
    unless --index is given.

    \b
    Examples:
      semap index wiki.semap                          makes wiki.index, which similar and analogy use
      semap index english -o english.index --dtype i8
      semap similar english king --index english.index
    """
    from semap.index.beside import beside

    source = path_of(table)
    target = output or beside(table)
    check_writable(target, "index", [source])
    opened = open_table(table, ids, searching=True)
    from semap.index.hnsw import HNSWIndex
    from semap.progress import progress_for

    began = time.monotonic()
    built = HNSWIndex(
        opened, metric=metric, dtype=dtype, connectivity=connectivity, expansion_add=expansion_add,
        expansion_search=expansion_search, threads=threads, reproducible=reproducible,
        progress=Watched(progress_for(not quiet), interrupts),
    )  # fmt: skip
    linked = time.monotonic()
    interrupts.stage, interrupts.writing = f"writing {target}", True
    built.save(target)
    interrupts.stage, interrupts.writing = "measuring", False
    measuring = time.monotonic()
    share = built.recall(k, recall) if recall and len(built) > 1 else None
    facts = {
        "output": str(target), "bytes": target.stat().st_size, "rows": len(built), "dim": built.dim, "metric": metric,
        "dtype": dtype, "settings": built.settings, "recall": None if share is None else round(share, 4), "k": k,
        "seconds": {"building": round(linked - began, 2), "measuring": round(time.monotonic() - measuring, 2)},
    }  # fmt: skip
    if as_json or not quiet:
        show(facts, [Sheet(("", ""), _summary(facts, recall))], as_json)


def _summary(facts: dict[str, Any], sample: int) -> list[tuple[str, str]]:
    settings = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts["settings"].items())
    of = f"of the {facts['k']} nearest of {min(sample, facts['rows']):,} rows of the table"
    return [
        ("wrote", f"{facts['output']}, {facts['bytes']:,} bytes"),
        ("rows", f"{facts['rows']:,} of {facts['dim']} dimensions, {facts['metric']}, {facts['dtype']}"),
        ("graph", settings),
        ("recall", "not measured" if facts["recall"] is None else f"{facts['recall']:.4f} {of}"),
        ("seconds", ", ".join(f"{name} {value:.2f}" for name, value in facts["seconds"].items())),
    ]
