"""`semap similar`: a table and a token in, the nearest tokens out."""

from __future__ import annotations

from typing import Annotated

import typer

from semap.cli.indexes import Exact, IndexFile, index_for
from semap.cli.opened import open_table
from semap.cli.options import AsJson, Ids, TableName
from semap.cli.sheet import Sheet, show

__all__ = ["similar"]


def similar(
    table: TableName,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="What to find the neighbours of.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many neighbours.")] = 10,
    ids: Ids = None,
    index: IndexFile = None,
    exact: Exact = False,
    as_json: AsJson = False,
) -> None:
    """Find the tokens nearest to TOKEN, by cosine.

    Every row is compared, unless an index is given, or stands beside a table of 200,000 rows or more (wiki.index beside
    wiki.semap), which is said.

    \b
    Examples:
      semap similar english king
      semap similar wiki.semap london -k 3 --json
      semap similar images.npy cat_0017 --ids images.txt
      semap similar wiki.semap london --index wiki.index
    """
    opened = open_table(table, ids, searching=True)
    from semap.index import questions

    searched = index_for(opened, table, index, exact)
    found = questions.similar(opened, token, k, index=searched)
    score = "cosine" if searched is None else searched.metric
    document = {"token": token, "neighbours": [{"token": near, score: value} for near, value in found]}
    rows = [(near, f"{value:.4f}") for near, value in found]
    show(document, [Sheet(("token", score), rows, title=f"nearest to {token}", right=frozenset({1}))], as_json)
