"""A command's exceptions and warnings in, one line on standard error and an exit code out."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from semap.cli.interrupts import EXIT_CODE, interrupts
from semap.cli.stderr import error, remark, warn_in_lines
from semap.errors import SemapError, TrainingInterrupted

__all__ = ["GuardedGroup", "guarded"]


class GuardedGroup(TyperGroup):
    """Runs every command guarded; wrong usage stays Typer's matter."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Read the command line; Ctrl-C here would be Typer's, which says nothing."""
        with guarded():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with guarded():
            return super().invoke(ctx)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what a command raises on purpose into one line and SystemExit; an exception nobody expected stays itself."""
    with warnings.catch_warnings(), interrupts.installed():
        warn_in_lines()
        try:
            yield
            if sys.stdout is not None:
                sys.stdout.flush()
        except TrainingInterrupted as stopped:
            remark(str(stopped))
            raise SystemExit(EXIT_CODE) from None
        except KeyboardInterrupt as stopped:
            remark(_interrupted(stopped))
            raise SystemExit(EXIT_CODE) from None
        except BrokenPipeError:  # the reader of our output has seen enough; `main` flushes what is left into nothing
            raise SystemExit(0) from None
        except (SemapError, MemoryError, OSError) as failure:
            if interrupts.seen:  # some libraries turn Ctrl-C into an exception of their own
                remark(_interrupted(None))
                raise SystemExit(EXIT_CODE) from None
            error(_sentence(failure))
            raise SystemExit(1) from None


def _interrupted(stopped: KeyboardInterrupt | None) -> str:
    if stopped is not None and stopped.args:
        return str(stopped)
    return f"interrupted while {interrupts.stage}; nothing was written" if interrupts.stage else "interrupted"


def _sentence(failure: BaseException) -> str:
    if isinstance(failure, MemoryError):
        return f"not enough memory{f': {failure}' if str(failure) else ''}"
    return str(failure) or type(failure).__name__
