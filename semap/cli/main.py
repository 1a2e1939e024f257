"""The console script `semap`: light enough that Ctrl-C is answered from its first moments on."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and leave the process: 0, 1 (bad input), 2 (usage) or 130 (Ctrl-C)."""
    _start_fast()
    code: int | str | None = 1
    try:
        from semap.cli.app import app

        app()
    except SystemExit as leaving:
        code = leaving.code
    except KeyboardInterrupt:
        print("semap: interrupted", file=sys.stderr)
        code = 130
    _leave(_flushed(code))


def _start_fast() -> None:
    """Settings of this process alone; what they save stands in docs/decisions/0004-starting.md."""
    gc.set_threshold(500_000, 20, 20)  # imports make 200,000 objects and no garbage
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's threads would be started and have nothing to do
    # Numba loads coverage, where there is one, to measure kernels. None in its place makes that import fail as if it were not
    # installed; whoever has coverage running keeps it. (scipy.linalg would save as much, but scikit-learn needs it.)
    sys.modules.setdefault("coverage", None)  # type: ignore[arg-type]


def _flushed(code: int | str | None) -> int:
    """The exit code, once what was printed has gone out; a reader that has left early is no error."""
    status = code if isinstance(code, int) else int(code is not None)
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return status
    except OSError as failure:
        print(f"semap: error: cannot write to standard output: {failure.strerror}", file=sys.stderr)
        return 1
    return status


def _leave(status: int) -> NoReturn:
    """End the process without taking Numba and LLVM apart, which takes 0.3 s and saves nothing."""
    atexit._run_exitfuncs()
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
