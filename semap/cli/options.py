"""The arguments and options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

__all__ = ["AsJson", "Ids", "Method", "Quantize", "Quiet", "TableName", "n_gram_lengths", "positive_minutes", "whole_or_auto"]

TableName: TypeAlias = Annotated[str, typer.Argument(metavar="TABLE", help='A file, or "english", the built-in table.')]
Ids: TypeAlias = Annotated[Path | None, typer.Option("--ids", metavar="FILE", help="The ids of a .npy file, one a line.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")]
Method: TypeAlias = Annotated[Literal["add", "mul"], typer.Option(help="3CosAdd, the cosine with b - a + c, or 3CosMul.")]
Quantize: TypeAlias = Annotated[
    Literal["float32", "float16", "int8"] | None,
    typer.Option(help="Store the vectors as this: float16 takes half the room of float32, int8 a quarter."),
]


def whole_or_auto(text: str) -> int | Literal["auto"]:
    """Read "auto" or a whole number from 1."""
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise typer.BadParameter(f"{text!r} is neither auto nor a whole number from 1")
    return int(text)


def n_gram_lengths(text: str) -> tuple[int, int]:
    """Read "3,6"."""
    least, comma, most = (part.strip() for part in text.partition(","))
    if not comma or not (least + most).isdecimal() or not least or not most:
        raise typer.BadParameter(f"{text!r} is not two whole numbers with a comma, as 3,6")
    return int(least), int(most)


def positive_minutes(text: str) -> float:
    """Read a number above 0."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not (minutes > 0 and math.isfinite(minutes)):
        raise typer.BadParameter(f"{text!r} is no number above 0 (fractions are allowed)")
    return minutes
