"""The first bytes of a file in, what it is other than text out."""

from __future__ import annotations

__all__ = ["HEAD_BYTES", "what_else"]

HEAD_BYTES = 1 << 13  # looked at; a stray NUL after them does not make a file binary

_BEGINS = {
    b"\x93NUMPY": "is a NumPy array; if it holds vectors to go on from, give it as --init, with its --init-ids",
    b"PK\x03\x04": "is a zip archive (as .npz and .docx are); unpack it and give the text in it",
    b"\x7fELF": "is a compiled program; give a text",
    b"%PDF-": "is a PDF; extract its text first, as with pdftotext",
}
_TABLE = (
    "is a .semap or safetensors file, not text; a table to go on from is given as --init FILE (in Python: init=semap.load(...)), "
    "`semap info FILE` tells what it holds, and Corpus.open opens a corpus"
)


def what_else(head: bytes) -> str | None:
    """Return what a file that begins so is and what to do with it, or None where it looks like text."""
    if head[8:9] == b"{" and not any(head[5:8]):  # the length of a JSON header, and the header
        return _TABLE
    for magic, finding in _BEGINS.items():
        if head.startswith(magic):
            return finding
    place = head.find(b"\0", 0, HEAD_BYTES)
    if place < 0:
        return None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16, and only UTF-8 is read; convert it, as with iconv -f UTF-16 -t UTF-8"
    return (
        f"is no text: byte {place:,} is NUL; vectors to go on from are given as --init FILE, and text with stray NUL bytes is "
        "read without them, as from tr -d '\\0'"
    )
