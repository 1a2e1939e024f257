"""Texts as bytes in, the pieces that they may be cut into and the ids of those out, in plain Python.

`data` uint8 holds texts one after another, each with a blank after it: text b is data[offsets[b] : offsets[b + 1] - 1].
"""

from __future__ import annotations

import string

from semap.arrays import AnyArray

__all__ = ["AT_BLANKS", "AT_PUNCTUATION", "AT_SPACES", "lay_out", "spread"]

AT_BLANKS, AT_PUNCTUATION, AT_SPACES = 0, 1, 2

_CUTS = b" \t\n\r"
_OTHER_BLANKS = b"\x0b\x0c\x1c\x1d\x1e\x1f"
_PUNCTUATION = string.punctuation.encode()


def lay_out(
    data: AnyArray, offsets: AnyArray, how: int, classes: AnyArray, laid: AnyArray, counts: AnyArray, whole: AnyArray
) -> int:
    r"""Write the pieces of all texts to `laid`, one blank after each; return how many bytes that are.

    how: AT_BLANKS cuts at spaces, tabs and line ends; AT_PUNCTUATION also around each ASCII punctuation mark; AT_SPACES at
    spaces, and only texts all of whose spaces stand alone between two characters that are no blanks.
    laid: uint8, up to twice as long as `data`. counts: int64 (B,), filled with the pieces of each text. whole: bool (B,),
    filled with whether a text must not be cut, and then has no pieces: AT_SPACES says when, and everywhere what is a blank
    to some and not to others (\x0b, \x0c, \x1c to \x1f). classes: uint8, one for each code point, 0 for one that is a blank.
    """
    written = 0
    for text in range(len(counts)):
        content = data[offsets[text] : offsets[text + 1] - 1].tobytes()
        whole[text] = any(byte in _OTHER_BLANKS for byte in content) or (
            how == AT_SPACES and not _even(content.decode(), classes)
        )
        if how == AT_PUNCTUATION:
            content = b"".join(b" %c " % byte if byte in _PUNCTUATION else b"%c" % byte for byte in content)
        pieces = [] if whole[text] else content.split()  # at the four blanks that are left
        counts[text] = len(pieces)
        for piece in pieces:
            laid[written : written + len(piece) + 1] = list(piece + b" ")
            written += len(piece) + 1
    return written


def _even(text: str, classes: AnyArray) -> bool:
    """Whether each blank of a text is a space between characters that are no blanks, or not ASCII and apart from spaces."""
    if any(blank in text for blank in "\t\n\r"):
        return False
    blanks = [classes[ord(letter)] == 0 for letter in text]
    for place, letter in enumerate(text):
        if letter == " " and (place in (0, len(text) - 1) or blanks[place - 1] or blanks[place + 1]):
            return False
    return True


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
