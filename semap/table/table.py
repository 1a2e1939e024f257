"""Tokens and a matrix in, the vector of each token out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import AnyArray, Counts64, FloatMatrix, FloatVector, TokenIds
from semap.errors import DuplicateToken, SettingsError, ShapeError, UnknownToken
from semap.table.rows import Rows, StoredRows, store_rows
from semap.table.subwords import Composer
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import check_counts

__all__ = ["Table"]


class Table:
    """Tokens and their vectors: it holds and looks up. Immutable.

    `tokens`: V unique strings; `vectors`: (V, D) numbers; float32 and float16 ones are kept as they are, mapped or not,
    without a copy where they are in C order, and all others become float32; `counts`: V whole numbers from 0, or None;
    `metadata`: what JSON can hold; `output_vectors`: (V, D) or None, the second matrix of a learner; the two are float16
    only where both are. `subwords`: a `SubwordRows` of the same D, or None: vectors of tokens that are not in the table are then
    composed of their n-grams, which `table[token]` and `lookup` do; `in`, `id` and `ids` know the V tokens only.
    Raises ShapeError (shapes do not fit, a value is NaN or infinite) and DuplicateToken.
    """

    __slots__ = ("__weakref__", "_decoded", "_metadata", "_output", "_output_decoded", "_stored", "_subwords", "counts", "tokens")

    def __init__(
        self,
        tokens: Iterable[str],
        vectors: Any,
        *,
        counts: Any = None,
        metadata: Mapping[str, Any] | None = None,
        output_vectors: Any = None,
        subwords: Composer | None = None,
    ) -> None:
        if isinstance(tokens, str):
            raise SettingsError(f"tokens must be a sequence of strings, not the one string {tokens[:40]!r}")
        packed = Tokens.pack(tokens)
        dtype = _kept_dtype(vectors, output_vectors)
        matrix = _matrix("vectors", vectors, packed, dtype)
        output = None if output_vectors is None else _matrix("output_vectors", output_vectors, packed, dtype)
        if output is not None and output.shape != matrix.shape:
            raise ShapeError(f"output_vectors are {output.shape}, vectors {matrix.shape}; they must be equal")
        twins = packed.duplicates()
        if len(twins):
            again = f"{packed[int(twins[0])]!r} stands twice, again in row {twins[0]:,}"
            raise DuplicateToken(f"{again}; {len(twins):,} rows repeat a token, and tokens must be unique")
        whole = None if counts is None else check_counts(counts, len(packed))
        if subwords is not None and subwords.dim != matrix.shape[1]:
            raise ShapeError(
                f"vectors have {matrix.shape[1]:,} dimensions, rows of sub-words {subwords.dim:,}; they must be equal"
            )
        self._take(packed, StoredRows(matrix), whole, metadata, None if output is None else StoredRows(output), subwords)

    @classmethod
    def of_stored(
        cls,
        tokens: Tokens,
        stored: Rows,
        *,
        counts: Counts64 | None = None,
        metadata: Mapping[str, Any] | None = None,
        output: Rows | None = None,
        subwords: Composer | None = None,
    ) -> Table:
        """Return a table of parts that are known to fit: no row is read (for `table.file` and `formats`)."""
        table = cls.__new__(cls)
        table._take(tokens, stored, counts, metadata, output, subwords)
        return table

    def _take(
        self,
        tokens: Tokens,
        stored: Rows,
        counts: Counts64 | None,
        metadata: Mapping[str, Any] | None,
        output: Rows | None,
        subwords: Composer | None,
    ) -> None:
        self.tokens = tokens
        self.counts = counts
        self._stored, self._output, self._subwords = stored, output, subwords
        self._metadata = copy.deepcopy(dict(metadata or {}))
        self._decoded: FloatMatrix | None = None
        self._output_decoded: FloatMatrix | None = None

    @property
    def vectors(self) -> FloatMatrix:
        """All vectors: float32 (V, D), C-contiguous, read-only; float16 and int8 rows are decoded once, here."""
        if self._decoded is None:
            self._decoded = _read_only(self._stored.decode())
        return self._decoded

    @property
    def output_vectors(self) -> FloatMatrix | None:
        """The second matrix of a learner, float32 (V, D), read-only, or None; stored in the same dtype as `vectors`."""
        if self._output_decoded is None and self._output is not None:
            self._output_decoded = _read_only(self._output.decode())
        return self._output_decoded

    @property
    def stored(self) -> tuple[Rows, Rows | None]:
        """The rows as they are stored, and the output rows or None (for `table.file` and `formats`)."""
        return self._stored, self._output

    @property
    def subwords(self) -> Composer | None:
        """The rows that vectors of other tokens are composed of, or None."""
        return self._subwords

    @property
    def composes(self) -> bool:
        """Whether tokens that are not in the table get a vector, composed of their n-grams."""
        return self._subwords is not None

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the metadata."""
        return copy.deepcopy(self._metadata)

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return self._stored.shape[1]

    @property
    def dtype(self) -> str:
        """How the rows are stored: "float32", "float16" or "int8"."""
        return self._stored.dtype

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.tokens

    def __getitem__(self, token: str) -> FloatVector:
        """Return the vector of a token, float32 (D,), the caller's own, composed where it is not in the table but can be.

        Raises UnknownToken.
        """
        if self._subwords is not None and isinstance(token, str) and self.tokens.find(token) < 0:
            vector: FloatVector = self._composed([token])[0]
            return vector
        return np.array(self._stored.decode(self.id(token)), np.float32)

    def __repr__(self) -> str:
        counts = "" if self.counts is None else ", counts"
        output = "" if self._output is None else ", output_vectors"
        subwords = ", subwords" if self.composes else ""
        return f"Table({len(self):,} tokens, {self.dim} dimensions, {self.dtype}{counts}{output}{subwords})"

    def id(self, token: str) -> int:
        """Return the row of a token. Raises UnknownToken, with the nearest spellings."""
        if not isinstance(token, str):
            raise SettingsError(f"a token is a str, not {type(token).__name__} {token!r}; for rows by number: table.rows")
        token_id = self.tokens.find(token)
        if token_id < 0:
            raise UnknownToken(token, self.tokens.nearest(token), n_tokens=len(self))
        return token_id

    def ids(self, tokens: Iterable[str]) -> TokenIds:
        """Return the rows of tokens, int32 (B,), -1 where one is unknown."""
        return self.tokens.find_all(_several(tokens))

    def lookup(self, tokens: Iterable[str]) -> FloatMatrix:
        """Return the vectors of tokens, float32 (B, D), decoding only these rows; others are composed if possible.

        Raises UnknownToken (the first).
        """
        sought = list(_several(tokens))
        ids = self.tokens.find_all(sought)
        unknown = np.flatnonzero(ids < 0)
        if not len(unknown):
            return self._stored.decode(ids)
        composed = self._composed([sought[place] for place in unknown.tolist()])
        vectors = np.empty((len(ids), self.dim), np.float32)
        vectors[unknown] = composed
        vectors[ids >= 0] = self._stored.decode(ids[ids >= 0])
        return vectors

    def _composed(self, tokens: list[str]) -> FloatMatrix:
        """The vectors of tokens that are not in the table. Raises UnknownToken (the first without an n-gram)."""
        if self._subwords is None:
            self.id(tokens[0])
            raise AssertionError("a token that the table lacks has an id")
        packed = Tokens.pack(tokens)
        vectors, n_rows = self._subwords.compose(packed)
        bare = np.flatnonzero(n_rows == 0)
        if len(bare):
            advice = "it has no n-gram that this table has a row for either, so no vector can be composed for it"
            raise UnknownToken(packed[int(bare[0])], (), n_tokens=len(self), advice=advice)
        return vectors

    def rows(self, ids: Any, dtype: Any = None) -> AnyArray:
        """Return rows (..., D) by number, the caller's own.

        ids: whole numbers in an array of any shape. dtype: float32 (None), float64 or float16; float16 rows are copied
        as they are where they are stored so, which is the quickest look-up of a giant table.
        Raises ShapeError for a number outside 0 .. V - 1 or that is not whole, and SettingsError (dtype).
        """
        numbers = self._numbers(ids)
        wanted = _float_dtype(dtype)
        if wanted == np.float16:
            return self._stored.halves(numbers)
        found: AnyArray = self._stored.decode(numbers)  # a copy already: `numbers` is an array
        return found.astype(wanted, copy=False)

    def _numbers(self, ids: Any) -> npt.NDArray[np.int64]:
        """Numbers of rows, each of them there."""
        try:
            given = np.asarray(ids)
        except ValueError as failure:
            raise ShapeError(f"numbers of rows must be an array of whole numbers: {failure}") from failure
        if given.size and given.dtype.kind not in "iu":
            raise ShapeError(f"numbers of rows must be whole, given is {given.dtype}; for tokens: table.lookup")
        outside = given[(given < 0) | (given >= len(self))]
        if outside.size:
            raise ShapeError(f"row {outside.flat[0]:,} was asked for, the table has rows 0 to {len(self) - 1:,}")
        return given.astype(np.int64, copy=False)

    def quantize(self, dtype: str) -> Table:
        """Return this table stored as "float32", "float16" or "int8" (each row its largest value / 127 a step).

        Output vectors and rows of sub-words follow. Raises SettingsError for another dtype or a value that float16 cannot hold.
        """
        if dtype == self.dtype:
            return self
        output = None if self._output is None else store_rows(self._output, dtype)
        stored = store_rows(self._stored, dtype)
        subwords = None if self._subwords is None else self._subwords.to_stored().stored_as(dtype)
        counts, metadata = self.counts, self._metadata
        return Table.of_stored(self.tokens, stored, counts=counts, metadata=metadata, output=output, subwords=subwords)

    def reduce(self, dim: int) -> Table:
        """Return this table with the `dim` principal components of its vectors; see `semap.table.reduce.reduce`."""
        from semap.table.reduce import reduce

        return reduce(self, dim)

    def truncate(self, dim: int, *, normalize: bool = True) -> Table:
        """Return this table with the first `dim` columns of its vectors; see `semap.table.reduce.truncate`."""
        from semap.table.reduce import truncate

        return truncate(self, dim, normalize=normalize)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the table to a `.semap` file, whole or not at all. Raises CannotWrite, SettingsError (metadata)."""
        from semap.table.file import save_table

        save_table(self, path)


def _kept_dtype(*given: Any) -> Any:
    """float16 where every matrix has it, else float32."""
    halves = [getattr(matrix, "dtype", None) == np.float16 for matrix in given if matrix is not None]
    return np.float16 if all(halves) else np.float32


def _float_dtype(dtype: Any) -> np.dtype[Any]:
    try:
        wanted = np.dtype(np.float32 if dtype is None else dtype)
    except TypeError:
        wanted = np.dtype(object)
    if wanted not in (np.float16, np.float32, np.float64):
        raise SettingsError(f"dtype is {dtype!r}; rows are float32, float16 or float64")
    return wanted


def _matrix(name: str, values: Any, tokens: Tokens, dtype: Any) -> AnyArray:
    """Values as `dtype` (V, D), finite and read-only."""
    try:
        given = np.asarray(values)
        with np.errstate(over="ignore"):
            matrix: AnyArray = np.require(given, dtype, ["C", "A"]) if given.dtype.kind != "c" else given
    except (TypeError, ValueError, RuntimeError) as failure:
        raise ShapeError(f"{name} must be (V, D) numbers: {failure}") from failure
    if matrix.ndim != 2 or given.dtype.kind not in "fiub":
        raise ShapeError(f"{name} must be (V, D) numbers, given is {given.dtype} of the shape {given.shape}")
    if len(matrix) != len(tokens):
        raise ShapeError(f"there are {len(tokens):,} tokens and {len(matrix):,} rows of {name}; give one row a token")
    if matrix.shape[1] == 0:
        raise ShapeError(f"{name} have 0 columns; a vector needs at least one number")
    step = max(1, (1 << 20) // matrix.shape[1])
    for begin in range(0, len(matrix), step):  # a piece at a time: the flags of a whole large matrix would fill memory
        finite = np.isfinite(matrix[begin : begin + step])
        if not finite.all():
            row = begin + int(np.flatnonzero(~finite.all(axis=1))[0])
            reason = "a value that is NaN or infinite, or too large for float32"
            raise ShapeError(f"row {row:,} of {name} ({tokens[row]!r}) has {reason}")
    return _read_only(matrix)


def _read_only(matrix: AnyArray) -> AnyArray:
    view = matrix.view()
    view.flags.writeable = False
    return view


def _several(tokens: Iterable[str]) -> Iterable[str]:
    if isinstance(tokens, str):
        raise SettingsError(f"give a list of tokens; for one token write table[{tokens!r}]")
    if not isinstance(tokens, Iterable):
        raise SettingsError(f"give a list of tokens, not {type(tokens).__name__}")
    return tokens
