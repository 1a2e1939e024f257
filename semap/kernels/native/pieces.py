"""Texts as bytes in, the pieces that they may be cut into and the ids of those out (`reference/pieces.py` says more)."""

from __future__ import annotations

from typing import Any

from semap.arrays import AnyArray
from semap.kernels.native.jit import inlined, kernel
from semap.kernels.native.utf8 import class_at

__all__ = ["lay_out", "spread"]

_AT_PUNCTUATION, _AT_SPACES = 1, 2
_SPACE = 32
_EMPTY, _SPACE_WITHIN, _TAB_WITHIN = 0xFE, 0xFF, 0xF5  # no byte of UTF-8; blanks in pieces must not end them


@inlined
def _is_punctuation(byte: Any) -> Any:
    return 33 <= byte <= 47 or 58 <= byte <= 64 or 91 <= byte <= 96 or 123 <= byte <= 126


@inlined
def _write_spaced(data: Any, start: Any, stop: Any, classes: Any, laid: Any, written: Any) -> Any:
    """As `_write`, for AT_SPACES."""
    n_pieces, first = 0, written
    after_blank, at = True, start
    while at < stop:
        byte, size, blank = data[at], 1, False
        if byte == _SPACE and not after_blank:
            n_pieces, after_blank, at = n_pieces + 1, True, at + 1
            laid[written] = _SPACE
            written += 1
            if at == stop:
                laid[written] = _EMPTY
                written += 1
            continue
        if byte == _SPACE:
            blank, byte = True, _SPACE_WITHIN
        elif 9 <= byte <= 13:
            blank, byte = True, byte - 9 + _TAB_WITHIN
        elif 28 <= byte < _SPACE:
            return -1, first
        elif byte >= 0x80:
            separates, size, _ = class_at(data, at, classes)
            blank = separates == 0
        laid[written] = byte
        for more in range(1, size):
            laid[written + more] = data[at + more]
        written, at, after_blank = written + size, at + size, blank
    if stop == start:
        return 0, first
    laid[written] = _SPACE
    return n_pieces + 1, written + 1


@inlined
def _write(data: Any, start: Any, stop: Any, how: Any, laid: Any, written: Any) -> Any:
    """Write the pieces of one text; their number, -1 where there must be none, and where the next text goes."""
    n_pieces, first = 0, written
    in_piece = False
    for at in range(start, stop):
        byte = data[at]
        if byte <= _SPACE and (byte == _SPACE or 9 <= byte <= 13 or byte >= 28):
            if byte != _SPACE and byte != 9 and byte != 10 and byte != 13:
                return -1, first
            if in_piece:
                laid[written] = _SPACE
                written += 1
            in_piece = False
            continue
        alone = how == _AT_PUNCTUATION and _is_punctuation(byte)
        if alone and in_piece:
            laid[written] = _SPACE
            written += 1
            in_piece = False
        n_pieces += not in_piece
        laid[written] = byte
        written += 1
        in_piece = not alone
        if alone:
            laid[written] = _SPACE
            written += 1
    if in_piece:
        laid[written] = _SPACE
        written += 1
    return n_pieces, written


@kernel
def lay_out(
    data: AnyArray, offsets: AnyArray, how: int, classes: AnyArray, laid: AnyArray, counts: AnyArray, whole: AnyArray
) -> int:
    """Write the pieces of all texts to `laid`, one blank after each; return how many bytes that are."""
    written = 0
    for text in range(counts.size):
        start, stop = offsets[text], offsets[text + 1] - 1
        if how == _AT_SPACES:
            n_pieces, written = _write_spaced(data, start, stop, classes, laid, written)
        else:
            n_pieces, written = _write(data, start, stop, how, laid, written)
        whole[text] = n_pieces < 0
        counts[text] = max(n_pieces, 0)
    return written


@kernel
def spread(
    entries: AnyArray, piece_offsets: AnyArray, starts: AnyArray, pool: AnyArray, out: AnyArray, out_offsets: AnyArray
) -> None:
    """Write the ids of each text's pieces one after another."""
    for text in range(piece_offsets.size - 1):
        place = out_offsets[text]
        for piece in range(piece_offsets[text], piece_offsets[text + 1]):
            for at in range(starts[entries[piece]], starts[entries[piece] + 1]):
                out[place] = pool[at]
                place += 1
