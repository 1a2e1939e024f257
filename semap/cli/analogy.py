"""`semap analogy`: a table and three tokens in, the tokens that complete the analogy out."""

from __future__ import annotations

from typing import Annotated

import typer

from semap.cli.indexes import Exact, IndexFile, index_for
from semap.cli.opened import open_table
from semap.cli.options import AsJson, Ids, Method, TableName
from semap.cli.sheet import Sheet, show

__all__ = ["analogy"]


def analogy(
    table: TableName,
    a: Annotated[str, typer.Argument(metavar="A", help="A is to B ...")],
    b: Annotated[str, typer.Argument(metavar="B")],
    c: Annotated[str, typer.Argument(metavar="C", help="... as C is to the answer.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many answers.")] = 5,
    method: Method = "add",
    ids: Ids = None,
    index: IndexFile = None,
    exact: Exact = False,
    as_json: AsJson = False,
) -> None:
    """Answer "A is to B as C is to ...".

    A, B and C themselves are left out. Every row is compared, unless an index is given, or stands beside a table of 200,000
    rows or more, which is said; --method mul always compares every row.

    \b
    Examples:
      semap analogy english man king woman
      semap analogy english france paris japan --method mul -k 3
    """
    opened = open_table(table, ids, searching=True)
    from semap.index import questions

    searched = index_for(opened, table, index, exact, useful=method == "add")
    found = questions.analogy(opened, a, b, c, k, method=method, index=searched)
    document = {
        "a": a, "b": b, "c": c, "method": method,
        "answers": [{"token": token, "score": score} for token, score in found],
    }  # fmt: skip
    rows = [(token, f"{score:.4f}") for token, score in found]
    title = f"{a} is to {b} as {c} is to"
    show(document, [Sheet(("token", "score"), rows, title=title, right=frozenset({1}))], as_json)
