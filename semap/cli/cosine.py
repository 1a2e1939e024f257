"""`semap cosine`: a table and two tokens in, the cosine of their vectors out."""

from __future__ import annotations

from typing import Annotated

import typer

from semap.cli.opened import open_table
from semap.cli.options import AsJson, Ids, TableName
from semap.cli.sheet import Sheet, show

__all__ = ["cosine"]


def cosine(
    table: TableName,
    a: Annotated[str, typer.Argument(metavar="A")],
    b: Annotated[str, typer.Argument(metavar="B")],
    ids: Ids = None,
    as_json: AsJson = False,
) -> None:
    """Compare two tokens by the cosine of their vectors.

    1 is the same direction, 0 a right angle, -1 the opposite direction.

    \b
    Examples:
      semap cosine english cat dog
      semap cosine wiki.semap paris london --json
    """
    opened = open_table(table, ids, searching=False)
    from semap.index import distances

    value = float(distances.cosine(opened[a], opened[b]))
    sheet = Sheet(("a", "b", "cosine"), [(a, b, f"{value:.4f}")], right=frozenset({2}))
    show({"a": a, "b": b, "cosine": value}, [sheet], as_json)
