"""`semap convert`: a table in one format in, the same table in another out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable, format_for, open_table
from semap.cli.options import AsJson, Ids, Quantize, Quiet
from semap.cli.sheet import Sheet, show

__all__ = ["convert"]


def convert(
    table: Annotated[str, typer.Argument(metavar="IN", help='A table in any format, or "english".')],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="Its ending names the format: .semap .txt .vec .bin .glove .npy")],
    to: Annotated[
        Literal["semap", "word2vec-text", "word2vec-binary", "glove", "numpy"] | None,
        typer.Option("--to", help="The format, whatever the ending."),
    ] = None,
    quantize: Quantize = None,
    words: Annotated[int | None, typer.Option("--words", min=1, help="Keep only the first so many tokens.")] = None,
    ids: Ids = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a table in another format.

    What is read is recognised by its content; what the new format cannot keep is said.

    \b
    Examples:
      semap convert GoogleNews.bin news.semap --quantize int8
      semap convert wiki.semap wiki.txt --words 50000
      semap convert images.npy images.semap --ids images.txt
    """
    form = format_for(output, to)
    check_writable(output, form, [] if ids is None else [ids])
    opened = open_table(table, ids, searching=form != "semap", limit=words)
    if quantize is not None:
        opened = opened.quantize(quantize)
    interrupts.stage, interrupts.writing = f"writing {output}", True
    from semap.formats.save import save

    save(opened, output, to=form)
    facts = {
        "output": str(output), "format": form, "bytes": output.stat().st_size, "tokens": len(opened),
        "dim": opened.dim, "dtype": opened.dtype if form == "semap" else "float32",
    }  # fmt: skip
    line = f"wrote {output}: {form}, {len(opened):,} tokens x {opened.dim} {facts['dtype']}, {facts['bytes']:,} bytes"
    if as_json or not quiet:
        show(facts, [Sheet(("",), [(line,)])], as_json)
