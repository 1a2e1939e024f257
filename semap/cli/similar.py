"""`semap similar`: a table and a token in, the nearest tokens out."""

from __future__ import annotations

from typing import Annotated

import typer

from semap.cli.opened import open_table
from semap.cli.options import AsJson, Ids, TableName
from semap.cli.sheet import Sheet, show

__all__ = ["similar"]


def similar(
    table: TableName,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="What to find the neighbours of.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many neighbours.")] = 10,
    ids: Ids = None,
    as_json: AsJson = False,
) -> None:
    """Find the tokens nearest to TOKEN, by cosine.

    \b
    Examples:
      semap similar english king
      semap similar wiki.semap london -k 3 --json
      semap similar images.npy cat_0017 --ids images.txt
    """
    opened = open_table(table, ids, searching=True)
    from semap.index import questions

    found = questions.similar(opened, token, k)
    document = {"token": token, "neighbours": [{"token": near, "cosine": cosine} for near, cosine in found]}
    rows = [(near, f"{cosine:.4f}") for near, cosine in found]
    show(document, [Sheet(("token", "cosine"), rows, title=f"nearest to {token}", right=frozenset({1}))], as_json)
