"""A number of threads and a function of the thread's number in; every thread has returned when `run` returns."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from semap.errors import SettingsError

__all__ = ["run", "thread_count"]

_MOST = 1024


def thread_count(threads: int) -> int:
    """Return how many threads to start: `threads`, or for 0 every CPU that this process may use.

    Raises SettingsError when `threads` is no whole number, negative or above 1,024.
    """
    if isinstance(threads, bool) or not hasattr(threads, "__index__") or threads < 0:
        raise SettingsError(f"threads is {threads!r}; give 0 for every CPU of this process, or a number from 1")
    if threads > _MOST:
        raise SettingsError(f"threads is {threads:,}; give at most {_MOST:,}, and no more than the machine has cores")
    return threads or usable_cpus()


def usable_cpus() -> int:
    """Return the number of CPUs that this process may use (its affinity mask where the system has one)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(threads: int, work: Callable[[int], None]) -> None:
    """Call `work(0) .. work(threads - 1)`, each on its own thread, and wait for all of them.

    The caller's thread only waits, so Ctrl-C reaches it; it is raised here once every thread has returned, since the arrays
    they share are whole only then. Keep one call of `work` under about 0.2 s. The first exception of a thread is raised too.
    """
    failures: list[BaseException] = []

    def guarded(thread: int) -> None:
        """Keep what `work` raises for the caller's thread."""
        try:
            work(thread)
        except BaseException as failure:  # handed to the caller below
            failures.append(failure)

    crew = [threading.Thread(target=guarded, args=(thread,), daemon=True) for thread in range(threads)]
    for member in crew:
        member.start()
    interrupted = False
    for member in crew:
        while member.is_alive():
            try:
                member.join()
            except KeyboardInterrupt:
                interrupted = True
    if failures:
        raise failures[0]
    if interrupted:
        raise KeyboardInterrupt
