"""What runs a pickle without running it: its stack and memo, and the inert records of what the pickle asks for."""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from typing import Any

from semap.errors import BadFile

__all__ = ["LONGEST_NAME", "Machine", "Name", "Pairs", "Record"]

LONGEST_NAME = 1 << 10
_MOST_NAMES = 1 << 14  # of which each is kept once: a text of a megabyte could be the module of a million names


class Name:
    """A class or function that a pickle names: `full`, as "collections.OrderedDict"."""

    __slots__ = ("full",)

    def __init__(self, full: str) -> None:
        self.full = full


class Pairs:
    """A dict, whose keys and values stand in turn in one list, as in the file; a key may stand twice, the last counts."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[Any] = []

    @property
    def keys(self) -> list[Any]:
        """The keys in the order of the file."""
        return self._items[::2]

    @property
    def values(self) -> list[Any]:
        """The values of the keys."""
        return self._items[1::2]

    def take(self, items: list[Any]) -> None:
        """Add keys and values that follow each other in turn; the list is not the caller's any more."""
        if len(items) % 2:
            raise ValueError("a key has no value")
        if self._items:
            self._items += items
        else:
            self._items = items


class Record:
    """What `name` would have made of `args` and `named` ones, with its `state`, and what was put into it: `pairs`, `items`."""

    __slots__ = ("_items", "_pairs", "args", "name", "named", "state")

    def __init__(self, name: str, args: Any) -> None:
        self.name = name
        self.args = args
        self.state: Any = None
        self.named: Pairs | None = None
        self._pairs: Pairs | None = None  # made for those few that have some: a model has a record for each of its words
        self._items: list[Any] | None = None

    @property
    def pairs(self) -> Pairs:
        """What was put into it as into a dict."""
        if self._pairs is None:
            self._pairs = Pairs()
        return self._pairs

    @property
    def items(self) -> list[Any]:
        """What was put into it as into a list."""
        if self._items is None:
            self._items = []
        return self._items


class Machine:
    """The stack, the memo and the place in the file; `pickled_opcodes` moves them."""

    def __init__(self, path: str | PathLike[str], content: Any, known: Collection[str] | None) -> None:
        self.path = path
        self.content = content
        self.view = memoryview(content)
        self.known = known
        self.names: dict[str, Name] = {}
        self.at = 0
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # what lies under each mark
        self.memo: dict[int, Any] = {}

    def ahead(self, n_bytes: int) -> memoryview:
        """The next bytes of the file."""
        begin = self.at
        if n_bytes < 0 or n_bytes > len(self.view) - begin:
            raise ValueError(f"{n_bytes:,} bytes are said to follow, the file has {len(self.view) - begin:,} more")
        self.at = begin + n_bytes
        return self.view[begin : self.at]

    def number(self, width: int) -> int:
        """The next bytes as a number without a sign."""
        return int.from_bytes(self.ahead(width), "little")

    def line(self, longest: int | None = None) -> bytes:
        """The bytes to the next line break, which is passed."""
        end = self.content.find(b"\n", self.at, len(self.view) if longest is None else self.at + longest)
        if end < 0:
            raise ValueError("a line has no end" if longest is None else f"a line has no end within {longest:,} bytes")
        taken = bytes(self.view[self.at : end])
        self.at = end + 1
        return taken

    def marked(self) -> list[Any]:
        """What was put on the stack since the last mark, which goes."""
        taken = self.stack
        self.stack = self.below.pop()
        return taken

    def name(self, module: Any, name: Any) -> Name:
        """A class or function, where it is known."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a class is named by what is no text")
        if len(module) + len(name) > 2 * LONGEST_NAME:
            raise ValueError(f"the name of a class has {len(module) + len(name):,} characters; {2 * LONGEST_NAME:,} are the most")
        full = f"{module}.{name}"
        if self.known is not None and full not in self.known:
            what = f"it asks for {full[:200]!r}, which is not among what semap reads from pickles"
            advice = "nothing of it was run. If it is a model of gensim, write its vectors as word2vec"
            raise BadFile(self.path, f"a Python pickle; {what}; {advice} (save_word2vec_format) and load that", offset=self.at)
        if full not in self.names:
            if len(self.names) == _MOST_NAMES:
                raise ValueError(f"it asks for more than {_MOST_NAMES:,} classes")
            self.names[full] = Name(full)
        return self.names[full]
