"""`semap convert`: a table in one format in, the same table in another out, a piece at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import bytes_of, check_writable, format_for
from semap.cli.options import AsJson, Ids, Quantize, Quiet
from semap.cli.sheet import Sheet, show

if TYPE_CHECKING:
    from semap.table.table import Table

__all__ = ["convert"]

_Form: TypeAlias = Literal[
    "semap", "word2vec-text", "word2vec-binary", "glove", "numpy", "fasttext", "finalfusion", "safetensors", "projector", "arrow",
    "parquet",
]  # fmt: skip


def convert(
    table: Annotated[str, typer.Argument(metavar="IN", help='A table in any format, or "english".')],
    output: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="Its ending names the format: .semap .txt .vec .bin .glove .npy .fifu .safetensors .arrow .parquet",
        ),
    ],
    to: Annotated[
        _Form | None,
        typer.Option("--to", help="The format, whatever the ending."),
    ] = None,
    quantize: Quantize = None,
    words: Annotated[
        int | None,
        typer.Option("--words", min=1, help="Keep the so many most frequent tokens; the first, where the file has no counts."),
    ] = None,
    ids: Ids = None,
    vectors: Annotated[str | None, typer.Option("--vectors", metavar="NAME", help="Which tensor or column, of several.")] = None,
    tokens: Annotated[str | None, typer.Option("--tokens", metavar="NAME", help="Which column holds the tokens.")] = None,
    part: Annotated[str | None, typer.Option("--part", help='"words" or "labels", of a supervised fastText model.')] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a table in another format.

    What is read is recognised by its content; what the new format cannot keep is said. Rows are read and written a few
    thousand at a time, so a file of any size can be converted; its tokens stay in memory.

    \b
    Examples:
      semap convert GoogleNews.bin news.semap --quantize int8
      semap convert wiki.semap wiki.txt --words 50000
      semap convert wiki.semap wiki.bin --to fasttext
      semap convert images.npy images.semap --ids images.txt
    """
    from semap.formats.load import stream
    from semap.formats.save import save
    from semap.table.deferred import deferred

    form = format_for(output, to)
    check_writable(output, form, [] if ids is None else [ids])
    if form != "semap" or not table.endswith(".semap"):
        watch_compiling()
    interrupts.stage = f"opening {table}"
    opened = stream(table, ids=ids, vectors=vectors, tokens=tokens, part=part, words=words)
    if quantize is not None:
        opened = deferred(opened, quantize)
    interrupts.stage, interrupts.writing = f"writing {output}", True
    save(opened, output, to=form)
    facts = {
        "output": str(output), "format": form, "bytes": bytes_of(output, form), "tokens": len(opened),
        "dim": opened.dim, "dtype": opened.dtype if form == "semap" else "float32", "kept": _kept(opened, words),
    }  # fmt: skip
    line = f"wrote {output}: {form}, {len(opened):,} tokens x {opened.dim} {facts['dtype']}, {facts['bytes']:,} bytes"
    line += "" if words is None else f" ({facts['kept']})"
    if as_json or not quiet:
        show(facts, [Sheet(("",), [(line,)])], as_json)


def _kept(table: Table, words: int | None) -> str:
    """Which tokens were kept."""
    if words is None:
        return "all"
    return "the first of the file, which has no counts" if table.counts is None else "the most frequent"
