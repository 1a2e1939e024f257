"""Who did what with which item: held as ids, seen by user or by item, saved and opened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike, fspath
from typing import Any, TypeAlias

import numpy as np

from semap.arrays import AnyArray, Counts64, FloatVector, Offsets, TokenIds
from semap.errors import BadFile, MissingExtra, ShapeError
from semap.storage.container import open_container, write
from semap.vocab.tokens import Tokens
from semap.vocab.vocab import Vocab

__all__ = ["Interactions", "Sparse"]

_KIND = "interactions"
Sparse: TypeAlias = tuple[Offsets, TokenIds, FloatVector]


@dataclass(frozen=True, eq=False, repr=False)
class Interactions:
    """N interactions of users with items, sorted by user, those of one user in the order given. Immutable.

    users, items: Vocabs; a user or item without an interaction is allowed. user_ids, item_ids: whole numbers (N,), kept as
    int32. values: (N,) finite numbers such as ratings or plays, kept as float32, or None: each then weighs 1. times: (N,)
    numbers in any one unit, kept as int64 or float64, or None. facts: what was read and left out, in numbers.
    A pair may stand several times; the readers leave one of each. Raises ShapeError where the parts do not fit.
    """

    users: Vocab
    items: Vocab
    user_ids: TokenIds
    item_ids: TokenIds
    values: FloatVector | None = None
    times: AnyArray | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        users = _ids("user", self.user_ids, len(self.users))
        items = _ids("item", self.item_ids, len(self.items))
        n = len(users)
        if len(items) != n:
            raise ShapeError(f"there are {n:,} user ids and {len(items):,} item ids; give one of each an interaction")
        values = None if self.values is None else _numbers("values", self.values, n, np.float32)
        times = None if self.times is None else _numbers("times", self.times, n)
        order = None if (users[1:] >= users[:-1]).all() else np.argsort(users, kind="stable")
        for name, array in (("user_ids", users), ("item_ids", items), ("values", values), ("times", times)):
            placed = array if array is None or order is None else array[order]
            object.__setattr__(self, name, None if placed is None else _read_only(placed))

    @property
    def n_users(self) -> int:
        """How many users there are, with or without an interaction."""
        return len(self.users)

    @property
    def n_items(self) -> int:
        """How many items there are, with or without an interaction."""
        return len(self.items)

    def __len__(self) -> int:
        return len(self.user_ids)

    def __repr__(self) -> str:
        parts = [name for name, part in (("values", self.values), ("times", self.times)) if part is not None]
        shown = f" with {' and '.join(parts)}" if parts else ""
        return f"Interactions({self.n_users:,} users, {self.n_items:,} items, {len(self):,} interactions{shown})"

    def by_user(self) -> Sparse:
        """Return the matrix users x items in rows (CSR): indptr int64 (U + 1,), item ids int32 (N,), values float32 (N,).

        Within a user item ids rise; `item_ids` itself keeps the order given. Without values every one is 1.
        """
        order = np.argsort(self.user_ids.astype(np.int64) * max(self.n_items, 1) + self.item_ids, kind="stable")
        return _starts(self.user_ids, self.n_users), self.item_ids[order], self.weights()[order]

    def by_item(self) -> Sparse:
        """Return the same matrix in columns (CSC): indptr int64 (I + 1,), rising user ids int32 (N,), values float32 (N,)."""
        order = np.argsort(self.item_ids, kind="stable")
        return _starts(self.item_ids, self.n_items), self.user_ids[order], self.weights()[order]

    def weights(self) -> FloatVector:
        """Return the values, or ones where there are none: float32 (N,)."""
        return np.ones(len(self), np.float32) if self.values is None else self.values

    def history(self, user: str) -> TokenIds:
        """Return the item ids of one user in the order given: int32. Raises UnknownToken, with the nearest spellings."""
        user_id = self.users.id(user)
        return self.item_ids[slice(*np.searchsorted(self.user_ids, [user_id, user_id + 1]))]

    def rows(self, which: AnyArray) -> Interactions:
        """Return some of the interactions, given as flags (N,) or row numbers: same ids, the Vocabs counted anew."""
        users, items = self.user_ids[which], self.item_ids[which]
        return Interactions(
            Vocab.of_unique(self.users.tokens, np.bincount(users, minlength=self.n_users)),
            Vocab.of_unique(self.items.tokens, np.bincount(items, minlength=self.n_items)),
            users, items,
            None if self.values is None else self.values[which],
            None if self.times is None else self.times[which],
        )  # fmt: skip

    @classmethod
    def from_scipy(cls, matrix: Any) -> Interactions:
        """Return the stored entries of a SciPy sparse matrix users x items; ids and tokens are row and column numbers.

        Zeros that are stored are no interaction and left out. Raises ShapeError for what is no sparse matrix of numbers.
        """
        if not hasattr(matrix, "tocoo") or len(getattr(matrix, "shape", ())) != 2:
            raise ShapeError(f"{type(matrix).__name__} is no sparse matrix; give scipy.sparse.csr_array(matrix), users x items")
        entries = matrix.tocsr().tocoo()  # through CSR entries that stand twice are summed and come row by row
        stored = np.asarray(entries.data)
        kept = stored != 0
        rows, columns = np.asarray(entries.row)[kept], np.asarray(entries.col)[kept]
        users, items = (_numbered(*side) for side in zip((rows, columns), matrix.shape, strict=True))
        return cls(users, items, rows, columns, stored[kept])

    def to_scipy(self) -> Any:
        """Return a `scipy.sparse.csr_array` (U, I) that is the caller's own. Raises MissingExtra without SciPy."""
        try:
            from scipy.sparse import csr_array
        except ModuleNotFoundError as failure:
            raise MissingExtra("scipy") from failure
        indptr, items, values = self.by_user()
        return csr_array((values, items, indptr), shape=(self.n_users, self.n_items), copy=True)

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that other interactions (ids, values, times or tokens differ) do not have."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for name, array in self._arrays().items():
            if not name.endswith("_lookup"):
                digest.update(f"{name} {len(array)} {array.dtype.kind}".encode())
                digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).data)
        return digest.hexdigest()[:16]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the interactions to a file that `open` maps. Raises CannotWrite."""
        write(path, self._arrays(), {"kind": _KIND, "facts": dict(self.facts)})

    @classmethod
    def open(cls, path: str | PathLike[str]) -> Interactions:
        """Map interactions that `save` wrote. Raises FileMissing, BadFile, NewerVersion."""
        container = open_container(path)
        arrays, metadata = container.arrays, container.metadata
        if metadata.get("kind") != _KIND:
            kind = metadata.get("kind", "something else")
            raise BadFile(fspath(path), f"holds no interactions but {kind}; they come from Interactions.save")
        try:
            users, items = (_vocab(arrays, side) for side in ("user", "item"))
            parts = (arrays["user_ids"], arrays["item_ids"], arrays.get("values"), arrays.get("times"))
            return cls(users, items, *parts, dict(metadata["facts"]))
        except KeyError as failure:
            raise BadFile(fspath(path), f"has no {failure.args[0]!r}, which all interactions have") from None
        except (ValueError, TypeError) as failure:
            raise BadFile(fspath(path), f"its parts do not fit each other: {failure}") from failure

    def _arrays(self) -> dict[str, AnyArray]:
        arrays: dict[str, AnyArray] = {"user_ids": self.user_ids, "item_ids": self.item_ids}
        arrays |= {name: part for name, part in (("values", self.values), ("times", self.times)) if part is not None}
        for side, vocab in (("user", self.users), ("item", self.items)):
            arrays[f"{side}_tokens"], arrays[f"{side}_token_offsets"] = vocab.tokens.data, vocab.tokens.offsets
            arrays[f"{side}_token_lookup"], arrays[f"{side}_counts"] = vocab.tokens.lookup, vocab.counts
        return arrays


def _vocab(arrays: dict[str, AnyArray], side: str) -> Vocab:
    parts = (arrays[f"{side}_{name}"] for name in ("tokens", "token_offsets", "token_lookup"))
    return Vocab(Tokens(*parts), arrays[f"{side}_counts"])


def _numbered(ids: AnyArray, n: int) -> Vocab:
    """The numbers 0 to n - 1 as tokens, each its own id, with how often it stands among `ids`."""
    counts: Counts64 = np.bincount(ids, minlength=n).astype(np.int64)
    return Vocab.of_unique(Tokens.pack([str(number) for number in range(n)]), counts)


def _ids(name: str, ids: Any, n_tokens: int) -> TokenIds:
    given = np.asarray(ids)
    if given.ndim != 1 or (given.dtype.kind not in "iu" and len(given)):
        raise ShapeError(f"{name} ids are whole numbers in one dimension; got {given.dtype} of the shape {given.shape}")
    if len(given) and not 0 <= given.min() <= given.max() < n_tokens:
        raise ShapeError(f"{name} ids go from {given.min():,} to {given.max():,}; there are {n_tokens:,} {name}s")
    return given.astype(np.int32, copy=False)


def _numbers(name: str, numbers: Any, n: int, dtype: type[np.float32] | None = None) -> AnyArray:
    """Finite numbers (n,) of `dtype`; without one, int64 for whole numbers and float64 for others."""
    given = np.asarray(numbers)
    if given.shape != (n,) or given.dtype.kind not in "biuf":
        raise ShapeError(f"{name} are {given.dtype} of the shape {given.shape}; give {n:,} numbers, one an interaction")
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
        kept = given.astype(dtype or (np.float64 if given.dtype.kind == "f" else np.int64), copy=False)
    if not np.isfinite(kept).all():
        row = int(np.argmin(np.isfinite(kept)))
        raise ShapeError(f"{name} must be finite {kept.dtype} numbers; interaction {row:,} has {given[row]}")
    return kept


def _starts(ids: TokenIds, n: int) -> Offsets:
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(ids, minlength=n), out=starts[1:])
    return starts


def _read_only(array: AnyArray) -> AnyArray:
    view = np.require(array, None, ["C", "A"]).view()
    view.flags.writeable = False
    return view
