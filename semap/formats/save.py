"""A table and a path in, a file in the format that the path's ending or `to` names out."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fspath
from pathlib import Path

from semap.errors import SettingsError
from semap.formats import arrow, finalfusion, glove, numpy_ids, projector, safetensors_table, word2vec_binary, word2vec_text
from semap.formats.fasttext_write import write as write_fasttext
from semap.table.file import save_table
from semap.table.table import Table

__all__ = ["ENDINGS", "FORMATS", "save"]

FORMATS: dict[str, Callable[[Table, str], None]] = {
    "semap": save_table,
    "word2vec-text": word2vec_text.write,
    "word2vec-binary": word2vec_binary.write,
    "glove": glove.write,
    "numpy": numpy_ids.write,
    "fasttext": write_fasttext,
    "finalfusion": finalfusion.write,
    "safetensors": safetensors_table.write,
    "projector": projector.write,
    "arrow": arrow.write_arrow,
    "parquet": arrow.write_parquet,
}
ENDINGS = {
    ".semap": "semap",
    ".txt": "word2vec-text",
    ".vec": "word2vec-text",
    ".bin": "word2vec-binary",
    ".glove": "glove",
    ".npy": "numpy",
    ".fifu": "finalfusion",
    ".safetensors": "safetensors",
    ".arrow": "arrow",
    ".parquet": "parquet",
}


def save(table: Table, path: str | PathLike[str], to: str | None = None) -> str:
    """Write a table in the format `to`, or in the one that the ending of `path` names; returns the format's name.

    `to`: one of FORMATS. A SemapWarning says what the format does not keep. Raises SettingsError and CannotWrite.
    """
    ending = Path(path).suffix.lower()
    name = ENDINGS.get(ending) if to is None else to
    if name is None:
        known = ", ".join(f"{each} ({form})" for each, form in ENDINGS.items())
        raise SettingsError(f"{fspath(path)}: which format? its ending {ending!r} names none of {known}; say it with to=")
    if name not in FORMATS:
        raise SettingsError(f"a table can be written as {', '.join(FORMATS)}, not as {name!r}")
    FORMATS[name](table, fspath(path))
    return name
