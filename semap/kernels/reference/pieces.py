"""Texts as bytes in, the pieces that they may be cut into and the ids of those out, in plain Python.

`data` uint8 holds texts one after another, each with a blank after it: text b is data[offsets[b] : offsets[b + 1] - 1].
"""

from __future__ import annotations

import string
from itertools import pairwise

from semap.arrays import AnyArray

__all__ = ["AT_BLANKS", "AT_PUNCTUATION", "AT_SPACES", "EMPTY", "SPACE_WITHIN", "TAB_WITHIN", "lay_out", "spread"]

AT_BLANKS, AT_PUNCTUATION, AT_SPACES = 0, 1, 2

EMPTY, SPACE_WITHIN, TAB_WITHIN = 0xFE, 0xFF, 0xF5

_OTHER_BLANKS = b"\x0b\x0c\x1c\x1d\x1e\x1f"
_SOME_BLANKS = _OTHER_BLANKS[2:]
_PUNCTUATION = string.punctuation.encode()


def lay_out(
    data: AnyArray, offsets: AnyArray, how: int, classes: AnyArray, laid: AnyArray, counts: AnyArray, whole: AnyArray
) -> int:
    r"""Write the pieces of all texts to `laid`, one blank after each; return how many bytes that are.

    how: AT_BLANKS cuts at spaces, tabs and line ends; AT_PUNCTUATION also around each ASCII punctuation mark; AT_SPACES before
    each space that stands behind a character which is no blank; such a space is not written, EMPTY stands for a piece that has
    nothing else, and blanks within pieces become bytes that UTF-8 does not have: a space SPACE_WITHIN, \t to \r TAB_WITHIN and
    those after it.
    laid: uint8, up to twice as long as `data`. counts: int64 (B,), filled with the pieces of each text. whole: bool (B,),
    filled with whether a text must not be cut, and then has no pieces: for \x1c to \x1f, and but for AT_SPACES \x0b and \x0c,
    which are blanks to some and not to others. classes: uint8, one for each code point, 0 for one that is a blank.
    """
    written = 0
    for text in range(len(counts)):
        content = data[offsets[text] : offsets[text + 1] - 1].tobytes()
        whole[text] = any(byte in (_SOME_BLANKS if how == AT_SPACES else _OTHER_BLANKS) for byte in content)
        if how == AT_PUNCTUATION:
            content = b"".join(b" %c " % byte if byte in _PUNCTUATION else b"%c" % byte for byte in content)
        pieces = _spaced(content.decode(), classes) if how == AT_SPACES else content.split()  # at the four blanks that are left
        counts[text] = 0 if whole[text] else len(pieces)
        for piece in pieces[: counts[text]]:
            laid[written : written + len(piece) + 1] = list(piece + b" ")
            written += len(piece) + 1
    return written


def _spaced(text: str, classes: AnyArray) -> list[bytes]:
    """The pieces of a text, cut before spaces."""
    blanks = [classes[ord(letter)] == 0 for letter in text]
    cuts = [place for place, letter in enumerate(text) if letter == " " and place > 0 and not blanks[place - 1]]
    pieces = [text[start + (start > 0) : stop] for start, stop in pairwise([0, *cuts, len(text)])] if text else []
    return [b"".join(map(_within, piece)) or bytes([EMPTY]) for piece in pieces]


def _within(letter: str) -> bytes:
    """One letter of a piece that is cut before spaces."""
    if letter in "\t\n\x0b\x0c\r":
        return bytes([ord(letter) - 9 + TAB_WITHIN])
    return bytes([SPACE_WITHIN]) if letter == " " else letter.encode()


def spread(
    entries: AnyArray, piece_offsets: AnyArray, starts: AnyArray, pool: AnyArray, out: AnyArray, out_offsets: AnyArray
) -> None:
    """Write the ids of each text's pieces one after another.

    entries: int32 (P,), for each piece which one it is; text b has those from piece_offsets[b] to piece_offsets[b + 1].
    starts: int64 (E + 1,), entry e has the ids pool[starts[e] : starts[e + 1]], int32. out: int32 (T,), those of text b go to
    out_offsets[b] and after.
    """
    for text in range(len(piece_offsets) - 1):
        place = int(out_offsets[text])
        for entry in entries[piece_offsets[text] : piece_offsets[text + 1]]:
            ids = pool[starts[entry] : starts[entry + 1]]
            out[place : place + len(ids)] = ids
            place += len(ids)
