"""One table as the service holds it: what is made of it at the first question, and the threads that answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

from semap.arrays import FloatVector
from semap.encode.pipeline import Pipeline
from semap.index.index import Index
from semap.serve.batching import Batches
from semap.serve.encoding import Encoder, Inputs, Vectors
from semap.serve.names import Names
from semap.serve.searching import Found, Search, search_all
from semap.table.table import Table

if TYPE_CHECKING:  # both load the compiler, which takes longer than all the rest of the start
    from semap.index.exact import ExactIndex
    from semap.index.screened import ScreenedIndex

__all__ = ["Heard", "ServedTable"]

Heard = Callable[[str, int], None]

_SEARCHES = 64  # in a batch: a larger one costs each search hardly less, and the first waits for the last
_TEXTS = 1024
_ASIDES = 16


class ServedTable:
    """A table under a name, and what answers questions about it.

    name: what requests call it. created: when its file last changed, in seconds since 1970. place: the file or folder.
    index: an approximate index to search; None searches every row.
    threads: for one search or one batch of texts; 0 for every CPU of this process. Answers do not depend on it.
    heard: told ("search" | "encode" | "aside", how many searches, texts or others) of every batch, on the thread that answers.

    `searches`, `encodings` and `asides` (what would keep the others waiting: each question is a function to call) answer on
    one thread each; see `Batches`.
    """

    def __init__(
        self, name: str, pipeline: Pipeline, *, created: int, place: str | PathLike[str] | None = None,
        index: Index | None = None, threads: int = 0, heard: Heard,
    ) -> None:  # fmt: skip
        self.name, self.created, self.place = name, created, place
        self.encoder = Encoder(pipeline, threads)
        self.names = Names(pipeline.table.tokens)
        self.approximate = index
        self._exact: ExactIndex | None = None
        self._screened: ScreenedIndex | None = None
        self._making = threading.Lock()
        self._warmed = False
        self._threads = threads
        self.searches: Batches[Search, Found] = Batches(
            self._found, most=_SEARCHES, name=f"semap searches {name}",
            heard=lambda size: heard("search", size),
        )  # fmt: skip
        self.encodings: Batches[Inputs, Vectors] = Batches(
            self.encoder.encode_all, most=_TEXTS, weight=len, name=f"semap encodings {name}",
            heard=lambda size: heard("encode", size),
        )  # fmt: skip
        self.asides: Batches[Callable[[], Any], Any] = Batches(
            lambda waiting: [question() for question in waiting], most=_ASIDES, name=f"semap asides {name}",
            heard=lambda size: heard("aside", size),
        )  # fmt: skip

    @property
    def pipeline(self) -> Pipeline:
        """The way from a text to its vector."""
        return self.encoder.pipeline

    @property
    def table(self) -> Table:
        """The tokens and their vectors."""
        return self.encoder.pipeline.table

    @property
    def exact(self) -> ExactIndex:
        """The cosines of every row, for what asks for all of them; made when it is first asked for."""
        from semap.index.exact import ExactIndex

        with self._making:
            if self._exact is None:
                self._exact = ExactIndex(self.table, threads=self._threads)
            return self._exact

    @property
    def index(self) -> Index:
        """What is searched: the approximate index where there is one, else every row; made when it is first asked for."""
        if self.approximate is not None:
            return self.approximate
        from semap.index.screened import ScreenedIndex

        with self._making:
            if self._screened is None:
                self._screened = ScreenedIndex(self.table, threads=self._threads)
            return self._screened

    def vector(self, row: int) -> FloatVector:
        """Return the vector of a row, float32 (D,), without decoding a whole table, which is left to `warm`."""
        vector: FloatVector = self.table.vectors[row] if self._warmed else self.table.rows([row])[0]
        return vector

    def warm(self) -> None:
        """Make the index and compile or load every kernel, so that no request has to wait for it."""
        if not len(self.table):
            return
        self.names.remember()
        self._found([Search(self.table.vectors[0], 1, (0,))])
        self.encoder.encode_all([[self.table.tokens[0]]])
        if self.approximate is None:  # a table with one may be too large to be read whole for what is seldom asked
            self.exact.scores(self.table.vectors[:1])  # for "mul": compiled at the first one, it would keep all asides waiting
        self._warmed = True

    def _found(self, searches: list[Search]) -> list[Found]:
        return search_all(self.index, searches, exact=self.approximate is None)

    def close(self) -> None:
        """Answer what waits and stop the threads."""
        for batches in (self.searches, self.encodings, self.asides):
            batches.close()
