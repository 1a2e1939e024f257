"""`semap trace`: a table or pipeline and a text in, every stage from the text to its vector out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semap.cli.opened import check_writable
from semap.cli.options import AsJson, Ids
from semap.cli.pipelines import Normalize, PipelineName, Pooled, PositionsOf, open_pipeline
from semap.cli.sheet import Sheet, show

__all__ = ["trace"]


def trace(
    pipeline: PipelineName,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    pooling: Pooled = None,
    positions: PositionsOf = None,
    normalize: Normalize = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw it, with its numbers, into a file.")] = None,
    ids: Ids = None,
    as_json: AsJson = False,
) -> None:
    """Show every stage from a text to its vector.

    Tokens, their ids and rows, positions, sums, and the vector of the whole text.

    \b
    Examples:
      semap trace english "Dog bites man"
      semap trace english "Dog bites man" --positions sinusoidal --svg dog.svg
      semap trace model2vec_folder "Dog bites man" --json
    """
    if svg is not None:
        check_writable(svg, "svg", [])
    found = open_pipeline(pipeline, ids, pooling, positions, normalize).trace(text)
    if svg is not None:
        from semap.storage.atomic import atomic_file

        with atomic_file(svg) as file:
            file.write(found.svg().encode("utf-8", "replace"))
    heading, *rows = found.lines()
    notes = [found.summary(), *([] if svg is None else [f"drawn into {svg}"])]
    show(found.as_dict(), [Sheet(heading, rows, title=repr(text), headings=True, notes=notes)], as_json)
