"""`semap demo`: train on the shipped novels, look around, save, ask an analogy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.options import Quiet

__all__ = ["demo"]


def demo(
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the table is saved.")] = Path(),
    quiet: Quiet = False,
) -> None:
    """Train on four novels and look around.

    Shows losses, neighbours and timings, saves the table, and answers an analogy from the built-in one.

    \b
    Examples:
      semap demo
      semap demo --folder /tmp
    """
    watch_compiling(quiet=True)  # the demo says itself that it compiles
    from semap.tour.demo import run_demo

    run_demo(folder, quiet)
