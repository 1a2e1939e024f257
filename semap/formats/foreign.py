"""What a reader of a foreign file found in, a Table out; and the checks that every writer of one makes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import Bytes, Counts64, FloatMatrix, Offsets
from semap.errors import SemapWarning, SettingsError
from semap.formats.filerows import FileRows, chosen_rows
from semap.table.rows import Rows, StoredRows
from semap.table.subwords import Composer
from semap.table.table import Table
from semap.tokenize.subwords import SubWords
from semap.vocab.tokens import Tokens

__all__ = [
    "TEXT_SETTINGS",
    "as_bytes",
    "broken_tokens",
    "check_tokens",
    "first_tokens",
    "pack_tokens",
    "report_odd",
    "table_from",
    "warn_of_loss",
]

# Foreign tables say nothing about the text they were made of: their tokens are taken as they stand.
TEXT_SETTINGS = {"split": "whitespace", "lowercase": False, "normalize": None, "errors": "replace"}
_TOKENS_AT_ONCE = 1 << 16


def pack_tokens(content: Bytes, begins: Offsets, ends: Offsets) -> Tokens:
    """Return the tokens that lie at content[begins[i]:ends[i]], packed and with their lookup."""
    from semap.kernels.native.packedrows import pack_spans

    offsets = np.zeros(len(begins) + 1, np.int64)
    np.cumsum(ends - begins, out=offsets[1:])
    data = np.empty(int(offsets[-1]), np.uint8)
    pack_spans(content, begins, offsets, data)
    return Tokens(data, offsets)


def first_tokens(tokens: Tokens, n_tokens: int) -> Tokens:
    """Return the first tokens, their bytes shared."""
    offsets = tokens.offsets[: n_tokens + 1]
    return Tokens(tokens.data[: offsets[-1]], offsets)


def table_from(
    path: str | PathLike[str],
    form: str,
    tokens: Tokens,
    rows: FloatMatrix | FileRows,
    *,
    counts: Counts64 | None = None,
    facts: Mapping[str, Any] | None = None,
    output: FloatMatrix | FileRows | None = None,
    subwords: Composer | None = None,
) -> Table:
    """Return the table of a foreign file whose rows are known to be finite; of equal tokens the first row is kept.

    rows: in memory or in the file; facts: more metadata. One SemapWarning counts repeated tokens, empty ones, and those
    that are not UTF-8, whose bytes are kept.
    """
    from semap.kernels.native.packedrows import hash_tokens

    hashes = np.empty(len(tokens), np.uint32)
    hash_tokens(tokens.data, tokens.offsets, hashes)
    twins = tokens.duplicates(hashes)
    if len(twins):
        first = tokens[int(twins[0])]
        message = f"{fspath(path)}: left out {len(twins):,} of {len(tokens):,} rows, whose tokens stand twice"
        warnings.warn(f"{message} (the first: {first!r}); their first rows are kept", SemapWarning, stacklevel=4)
        kept = np.delete(np.arange(len(tokens)), twins)
        rows, counts = _chosen(rows, kept), None if counts is None else counts[kept]
        output = None if output is None else _chosen(output, kept)
        tokens = pack_tokens(tokens.data, tokens.offsets[kept], tokens.offsets[kept + 1])
    report_odd(path, tokens)
    metadata = {"format": form, "text": TEXT_SETTINGS, **(facts or {})}
    second = None if output is None else _stored(output)
    return Table.of_stored(tokens, _stored(rows), counts=counts, metadata=metadata, output=second, subwords=subwords)


def _chosen(rows: FloatMatrix | FileRows, numbers: Any) -> FloatMatrix | FileRows:
    return chosen_rows(rows, numbers) if isinstance(rows, FileRows) else rows[numbers]


def _stored(rows: FloatMatrix | FileRows) -> Rows:
    if isinstance(rows, FileRows):
        return rows
    rows.flags.writeable = False
    return StoredRows(rows)


def report_odd(path: str | PathLike[str], tokens: Tokens) -> None:
    """Say in one SemapWarning how many tokens are empty or not UTF-8; they are kept as they are."""
    empty = np.flatnonzero(np.diff(tokens.offsets) == 0)
    broken = broken_tokens(tokens)
    said = [f"{len(empty):,} tokens are empty, the first in row {empty[0]:,}"] if len(empty) else []
    if broken:
        shown = f"the first in row {broken[0]:,}: {tokens[broken[0]]!r}"
        said.append(f"{len(broken):,} tokens are not UTF-8 (cut within a letter, or of another encoding), {shown}")
    if said:
        warnings.warn(f"{fspath(path)}: {'; '.join(said)}; their bytes are kept", SemapWarning, stacklevel=5)


def broken_tokens(tokens: Tokens) -> list[int]:
    """Return the numbers of the tokens that are not UTF-8."""
    found = []
    for first in range(0, len(tokens), _TOKENS_AT_ONCE):
        last = min(first + _TOKENS_AT_ONCE, len(tokens))
        span = tokens.data[tokens.offsets[first] : tokens.offsets[last]]
        starts = tokens.offsets[first:last] - tokens.offsets[first]
        starts = starts[starts < len(span)]
        if (span < 0x80).all():
            continue
        try:
            span.tobytes().decode()
            whole = bool(np.all((span[starts] & 0xC0) != 0x80))
        except UnicodeDecodeError:
            whole = False
        if not whole:
            found += [number for number in range(first, last) if not _is_utf8(tokens.bytes_of(number))]
    return found


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def check_tokens(tokens: Tokens, form: str, forbidden: Sequence[str]) -> None:
    """Raise SettingsError where a token is empty or holds a character that would break a file of this form."""
    codes = np.frombuffer("".join(forbidden).encode(), np.uint8)
    bad = np.flatnonzero(np.isin(tokens.data, codes))
    rows = np.unique(np.searchsorted(tokens.offsets, bad, side="right") - 1)
    rows = np.union1d(rows, np.flatnonzero(np.diff(tokens.offsets) == 0))
    if len(rows):
        names = " or ".join({" ": "a space", "\n": "a line break", "\r": "a carriage return"}[each] for each in forbidden)
        found = f"{len(rows):,} tokens are empty or hold {names}, the first in row {rows[0]:,}: {tokens[int(rows[0])]!r}"
        raise SettingsError(f"{found}; a {form} file cannot hold them: rename them or save as .semap")


def warn_of_loss(table: Table, path: str | PathLike[str], form: str, *, counts: bool = False) -> None:
    """Say in one SemapWarning what of a table a foreign file does not keep; counts: whether it keeps these."""
    facts = table.metadata
    own = set(facts) - {"format", "text", "source"}
    lost = [] if table.counts is None or counts else ["counts"]
    lost += ["the tokenizer of its sub-words"] if SubWords.are_in(facts.get("text")) else []
    lost += ["the rows of n-grams (tokens that are not in it get no vector)"] if table.composes else []
    lost += [] if table.stored[1] is None else ["output vectors"]
    lost += [f"metadata ({', '.join(sorted(own))})"] if own else []
    if lost:
        kept = "tokens, vectors and counts" if counts else "tokens and vectors"
        article = "an" if form[0] in "AEIOU" else "a"
        message = f"{fspath(path)}: {article} {form} file holds {kept} only; left out: {', '.join(lost)}"
        warnings.warn(message, SemapWarning, stacklevel=4)


def as_bytes(content: Any) -> Bytes:
    """Return a mapped file as uint8."""
    return np.frombuffer(content, np.uint8) if len(content) else np.empty(0, np.uint8)
