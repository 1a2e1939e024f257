"""`semap tour`: the idea of embeddings from the ground up, section by section."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from semap.cli.compiling import watch_compiling

__all__ = ["tour"]


def tour(
    section: Annotated[
        int | None, typer.Argument(min=1, max=12, metavar="[SECTION]", help="One of the 12 sections only.")
    ] = None,
    pause: Annotated[
        bool | None,
        typer.Option("--pause/--no-pause", help="Wait for Enter between sections.", show_default="on a terminal"),
    ] = None,
) -> None:
    """Walk through the idea of embeddings.

    Every number is computed as you watch.

    \b
    Examples:
      semap tour
      semap tour 5                 analogies only
      semap tour --no-pause
    """
    watch_compiling()
    from semap.tour.tour import run_tour

    run_tour(section, _on_terminal() if pause is None else pause)


def _on_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
