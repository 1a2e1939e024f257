"""Every exception that semap raises on purpose; each message says what is wrong, both numbers, and the next step."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath

__all__ = [
    "BadFile",
    "BadText",
    "CannotWrite",
    "CheckpointError",
    "DuplicateToken",
    "EmptyCorpus",
    "EmptyGold",
    "EmptyGraph",
    "FileMissing",
    "MissingExtra",
    "NewerVersion",
    "SemapError",
    "SemapWarning",
    "SettingsError",
    "ShapeError",
    "TrainingDiverged",
    "TrainingInterrupted",
    "UnknownToken",
]


class SemapWarning(UserWarning):
    """Something was repaired, left out or is likely unwanted; the message counts it."""


class SemapError(Exception):
    """Base of all exceptions of semap."""


class SettingsError(SemapError, ValueError):
    """A setting is out of its range or two settings contradict each other."""


class ShapeError(SemapError, ValueError):
    """Two arrays, or an array and a list, do not fit each other."""


class FileMissing(SemapError, FileNotFoundError):
    """A path, glob or directory names no file."""


class CannotWrite(SemapError, OSError):
    """An output could not be written; whatever stood at its path before is untouched."""


class EmptyCorpus(SemapError, ValueError):
    """The input holds no text, or no token is left after `min_count` and `max_size`."""


class BadText(SemapError, ValueError):
    """A text is no str, a file is no text, or text is not UTF-8 and `errors="strict"` was asked for; names which."""


class BadFile(SemapError, ValueError):
    """A file is damaged or not what it says it is.

    `path` is the file, `offset` the byte where reading failed (None where it has no place), `reason` the finding.
    """

    def __init__(self, path: str | PathLike[str], reason: str, *, offset: int | None = None) -> None:
        self.path = fspath(path)
        self.reason = reason
        self.offset = offset
        place = "" if offset is None else f" at byte {offset:,}"
        super().__init__(f"{self.path}{place}: {reason}")


class NewerVersion(BadFile):
    """A file was written by a newer semap whose format this one does not know."""


class EmptyGold(SemapError, ValueError):
    """A gold file has no line that can be scored."""


class EmptyGraph(SemapError, ValueError):
    """A graph has no node, or no edge to learn from."""


class DuplicateToken(SemapError, ValueError):
    """A token stands twice where every token must be unique."""


class UnknownToken(SemapError, KeyError):
    """A token has no row; `suggestions` are the nearest spellings that have one."""

    def __init__(self, token: str, suggestions: Sequence[str] = (), *, n_tokens: int | None = None, advice: str = "") -> None:
        self.token = token
        self.suggestions = tuple(suggestions)
        where = "" if n_tokens is None else f" among the {n_tokens:,} tokens of this table"
        hint = f"; did you mean {', '.join(map(repr, self.suggestions))}?" if self.suggestions else ""
        then = f"{'' if hint else ';'} {advice}" if advice else ""
        self.message = f"{token!r} is not{where or ' a known token'}{hint}{then}"
        super().__init__(self.message)

    def __str__(self) -> str:  # KeyError would print the repr of the message
        return self.message


class CheckpointError(SemapError, ValueError):
    """A checkpoint is broken or belongs to another corpus or other settings."""


class TrainingDiverged(SemapError, ArithmeticError):
    """Training produced values that are not finite; says which setting to lower."""


class TrainingInterrupted(SemapError):
    """Ctrl-C stopped training after its state was saved; the message says how to go on."""


class MissingExtra(SemapError, ImportError):
    """An optional library is not installed; the message is the exact `pip install` that brings it."""

    def __init__(self, library: str, extra: str | None = None) -> None:
        what = f"'semap[{extra}]'" if extra else library
        super().__init__(f"{library} is not installed; it comes with: pip install {what}")
