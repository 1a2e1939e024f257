"""`semap encode`: a table or pipeline and texts in, one vector a text out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable
from semap.cli.options import AsJson, Ids, Quiet
from semap.cli.pipelines import Normalize, PipelineName, Pooled, open_pipeline
from semap.cli.sheet import Sheet, show
from semap.cli.stderr import remark
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.arrays import FloatMatrix
    from semap.progress import Progress

__all__ = ["encode"]


def encode(
    pipeline: PipelineName,
    texts: Annotated[str, typer.Argument(metavar="FILE", help='Texts, one a line; "-" is standard input.')] = "-",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="OUT.npy", help="Where the vectors go.")] = None,
    pooling: Pooled = None,
    normalize: Normalize = None,
    threads: Annotated[int, typer.Option(help="0 for every CPU; never changes the result.")] = 0,
    ids: Ids = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Turn texts into vectors, one a line.

    With -o as a float32 .npy array; with --json as one JSON list a line on standard output. An empty line has a vector too, of
    zeros. Files of any size are read in constant memory.

    \b
    Examples:
      semap encode english texts.txt -o vectors.npy
      semap encode english texts.txt --pooling mean --normalize -o vectors.npy
      echo "Dog bites man" | semap encode english --json
    """
    if output is None and not as_json:
        raise typer.BadParameter("give -o OUT.npy, or --json for lines on standard output")
    if output is not None:
        if output.suffix != ".npy":
            raise SettingsError(f"{output}: vectors are written as a .npy file; give a name that ends so")
        check_writable(output, "npy", [] if texts == "-" else [Path(texts)])
    opened = open_pipeline(pipeline, ids, pooling, None, normalize, threads)
    from semap.progress import progress_for

    interrupts.stage = f"encoding {texts}"
    shown = progress_for(not quiet and output is not None)
    blocks = _watched(opened.stream(texts), shown)
    if output is None:
        _print_lines(blocks)
        return
    from semap.encode.npy import write_npy

    n_rows = write_npy(output, blocks, opened.dim)
    facts = {"output": str(output), "texts": n_rows, "dim": opened.dim, "bytes": output.stat().st_size}
    if as_json:
        show(facts, [], as_json)
    elif not quiet:
        show(
            facts,
            [Sheet(("",), [(f"wrote {output}: {n_rows:,} texts x {opened.dim} float32, {facts['bytes']:,} bytes",)])],
            False,
        )
    if not n_rows:
        remark(f"{texts} has no line")


def _watched(blocks: Iterable[FloatMatrix], shown: Progress) -> Iterator[FloatMatrix]:
    done = 0
    shown.start("encoding", 0, "texts")
    try:
        for block in blocks:
            done += len(block)
            shown.update(done)
            yield block
    finally:
        shown.finish()


def _print_lines(blocks: Iterable[FloatMatrix]) -> None:
    for block in blocks:
        sys.stdout.writelines(json.dumps([float(format(value, ".9g")) for value in row]) + "\n" for row in block.tolist())
