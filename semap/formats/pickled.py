"""The bytes of a pickle in, inert records of what it asks for out: nothing is imported, called or made, ever.

A pickle is a program for a machine with a stack and a memo (opcodes of protocols 0 to 5: CPython's Lib/pickletools.py). Python's
own machine fetches any class or function by its name and calls it. This one writes down which was asked for, with what
arguments and what state; it takes only names that its caller knows, and refuses every other by its name.
Nothing is copied twice and nothing is hashed, so that work and memory stay in proportion to the file.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from os import PathLike
from typing import Any

from semap.errors import BadFile
from semap.formats.pickled_machine import Machine
from semap.formats.pickled_opcodes import OPCODES, STOP

__all__ = ["names_in", "read_pickle"]


def read_pickle(path: str | PathLike[str], content: Any, known: Collection[str]) -> Any:
    """Return what a pickle describes: numbers, str, bytes, lists, tuples, `Pairs`, `Name`s of `known` and `Record`s of them.

    content: the mapped bytes of the file at `path`. Strings of Python 2 are bytes; long bytes are views of `content`.
    Raises BadFile, naming a class or function that is not known, or the byte where the pickle is damaged.
    """
    return _run(Machine(path, content, known))


def names_in(path: str | PathLike[str], content: Any) -> list[str]:
    """Return the names of all classes and functions that a pickle asks for, in their order. Raises BadFile (damaged)."""
    machine = Machine(path, content, None)
    _run(machine)
    return list(machine.names)


def _run(machine: Machine) -> Any:
    """What lies on the stack at the end."""
    view, size = machine.view, len(machine.view)
    begin = 0
    try:
        while machine.at < size:
            begin = machine.at
            machine.at = begin + 1
            code = view[begin]
            if code == STOP:
                return machine.stack.pop()
            OPCODES[code](machine)
    except (ValueError, LookupError, struct.error, OverflowError, TypeError) as failure:
        if isinstance(failure, BadFile):  # which is a ValueError too
            raise
        raise BadFile(machine.path, f"the pickle is damaged: {_reason(failure)}", offset=begin) from failure
    raise BadFile(machine.path, "the pickle is cut short: it has no end (opcode '.')", offset=size)


def _reason(failure: Exception) -> str:
    if isinstance(failure, UnicodeError):
        return "a text is not in its encoding"
    if isinstance(failure, LookupError):
        return "it takes from an empty stack, or what was never remembered"
    if isinstance(failure, struct.error):
        return "the file ends within a number"
    if isinstance(failure, TypeError):
        return "an opcode meets a value of the wrong kind"
    return str(failure)
