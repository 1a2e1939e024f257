"""The files of TensorFlow's Embedding Projector in and out: `tensors.tsv` and `metadata.tsv`; in also what a config names.

`tensors.tsv`: a row of numbers a line, tabs between. `metadata.tsv`: the labels, with a header only where there are two columns
or more. Both sides skip blank lines. `projector_config.pbtxt` may name other files, and raw float32 (`.bytes`) with its shape.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import Counts64, FloatMatrix
from semap.errors import BadFile, FileMissing, SemapWarning, SettingsError, ShapeError
from semap.formats.filerows import FileRows, converted_rows
from semap.formats.foreign import as_bytes, first_tokens, table_from, warn_of_loss
from semap.formats.projector_config import CONFIG, Places, is_config, places_in
from semap.formats.textrows import read_text_rows
from semap.kernels.reference.numerals import read_number
from semap.storage.atomic import atomic_files
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["METADATA", "NAME", "TENSORS", "Cells", "is_folder", "looks_like", "stream", "write", "write_files"]

NAME = "TensorFlow projector"
TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
_LONGEST_LINE = 1 << 22
_BREAKS = re.compile("[\t\n\r]")
_WRITTEN = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
# What JavaScript's trim takes away: a line of these alone counts for the projector as no line, and all rows below move up.
_BLANK = re.compile("[\\s\ufeff]*\\Z")
_TABS = bytes.maketrans(b"\t", b" ")


def is_folder(path: str | PathLike[str]) -> bool:
    """Whether a folder holds files of the projector."""
    return (Path(path) / TENSORS).is_file() or (Path(path) / CONFIG).is_file()


def looks_like(content: Any) -> bool:
    """Whether the first lines are equally many numbers with tabs between, or a config that names files."""
    first, second = _two_lines(content)
    return is_config(content) or (_dim(first) >= 2 and (not second or _dim(second) == _dim(first)))


def _two_lines(content: Any) -> tuple[bytes, bytes]:
    """The first lines that are not blank."""
    head = bytes(content[:_LONGEST_LINE])
    lines = [line for line in head.split(b"\n", 50)[:50] if line.strip()]
    return (lines[0] if lines else b""), (lines[1] if len(lines) > 1 else b"")


def _dim(line: bytes) -> int:
    """How many numbers a line has, 0 where something else stands in it."""
    fields = line.rstrip(b"\r").split(b"\t")
    return len(fields) if all(read_number(field) is not None for field in fields) else 0


def stream(
    path: str | PathLike[str],
    *,
    ids: str | PathLike[str] | None = None,
    vectors: str | None = None,
    tokens: str | None = None,
    limit: int | None = None,
    threads: int = 0,
) -> Table:
    """Open a folder with these files, a `projector_config.pbtxt`, or a file of tensors with `metadata.tsv` beside it.

    ids: the file of labels, where it is another one; tokens: the column of labels (else the first); vectors: the tensor_name,
    where a config lists several tensors. A column "count" of whole numbers gives the counts. Text is read now; raw float32
    stays in its file. Raises FileMissing, BadFile (rows that do not fit, and which) and SettingsError.
    """
    places = _places(Path(path), vectors)
    labels_path = Path(ids) if ids is not None else places.metadata or places.tensors.with_name(METADATA)
    if not labels_path.is_file():
        raise FileMissing(f"{labels_path}: no such file; give the labels of {places.tensors} as ids= (--ids)")
    packed, counts = _labels(labels_path, tokens)
    rows = _raw(places) if places.shape else _numbers(places.tensors, limit, threads)
    n_rows = rows.n_rows if isinstance(rows, FileRows) else len(rows)
    expected = len(packed) if limit is None or places.shape else min(limit, len(packed))
    if n_rows != expected:
        raise BadFile(labels_path, f"it has {len(packed):,} labels, {places.tensors} has {n_rows:,} rows; give one label a row")
    if limit is not None and limit < len(packed):
        packed, counts = first_tokens(packed, limit), None if counts is None else counts[:limit]
        rows = rows.first(limit) if isinstance(rows, FileRows) else rows
    return table_from(path, NAME, packed, rows, counts=counts)


def _places(path: Path, vectors: str | None) -> Places:
    """Where the tensors and the labels are."""
    if path.is_dir():
        path = path / CONFIG if (path / CONFIG).is_file() else path / TENSORS
    if is_config(map_file(path)):
        return places_in(path, vectors)
    if vectors is not None:
        raise SettingsError(f"vectors name a tensor of a {CONFIG}; {path} is a file of numbers: leave vectors out")
    return Places(path, None, None)


def _numbers(path: Path, limit: int | None, threads: int) -> FloatMatrix:
    """The rows of `tensors.tsv`: the first number is read where other files have a token."""
    content = bytes(map_file(path))
    if not content.strip():
        raise BadFile(path, "holds no row", offset=0)
    if re.search(rb"\n[ \t\r]*\n|\A[ \t\r]*\n", content):
        content = b"\n".join(line for line in content.split(b"\n") if line.strip())
    dim = _dim(_two_lines(content)[0])
    if dim < 2:
        raise BadFile(path, f"expected lines of 2 numbers or more, tabs between, found {content[:40]!r}", offset=0)
    try:
        firsts, rest = read_text_rows(path, content.translate(_TABS), 0, dim - 1, n_rows=None, limit=limit, threads=threads)
    except BadFile as failure:
        raise BadFile(path, f"not {dim} numbers, tabs between: {failure.reason}", offset=failure.offset) from failure
    rows = np.empty((len(firsts), dim), np.float32)
    rows[:, 1:] = rest
    for row in range(len(firsts)):
        number = read_number(firsts.bytes_of(row))
        if number is None or not np.isfinite(number):
            shown = firsts.bytes_of(row)[:40]
            raise BadFile(path, f"line {row + 1:,} must be {dim} finite numbers, tabs between; it begins with {shown!r}")
        rows[row, 0] = number
    return rows


def _raw(places: Places) -> FileRows:
    """The rows of a file of float32 and nothing else."""
    assert places.shape is not None
    n_rows, dim = places.shape
    content = map_file(places.tensors)
    if len(content) != 4 * n_rows * dim:
        raise BadFile(places.tensors, f"{n_rows:,} x {dim:,} float32 take {4 * n_rows * dim:,} bytes, it has {len(content):,}")
    return converted_rows(places.tensors, as_bytes(content).view("<f4").reshape(n_rows, dim))


def _labels(path: Path, asked: str | None) -> tuple[Tokens, Counts64 | None]:
    """The labels, and counts where a column has them."""
    lines = [line.removesuffix(b"\r") for line in bytes(map_file(path)).removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    rows = [line.split(b"\t") for line in lines if line.strip()]
    names = [name.decode("utf-8", "replace") for name in rows.pop(0)] if rows and len(rows[0]) > 1 else ["label"]
    odd = next((number for number, row in enumerate(rows) if len(row) != len(names)), None)
    if odd is not None:
        raise BadFile(path, f"row {odd:,} has {len(rows[odd])} columns, expected {len(names)}: {', '.join(names)}")
    if asked is not None and asked not in names:
        raise SettingsError(f"{fspath(path)} has no column {asked!r}; it has {', '.join(names)}")
    column = 0 if asked is None else names.index(asked)
    packed = Tokens.pack_bytes([row[column] for row in rows])
    numbers = [row[names.index("count")] for row in rows] if "count" in names else []
    whole = bool(numbers) and all(number.isdigit() and len(number) < 19 for number in numbers)
    return packed, np.array([int(number) for number in numbers], np.int64) if whole else None


def write(table: Table, path: str | PathLike[str]) -> None:
    """Write the files of a table to the folder `path`: vectors, and tokens with their counts where they have some.

    See `write_files` for what is escaped. Raises ShapeError (a table of 1 dimension, which the projector refuses), CannotWrite.
    """
    cells = Cells()

    def rows() -> Iterator[list[str]]:
        """The lines of `metadata.tsv`."""
        if table.counts is None:
            yield from ([cells.label(token)] for token in table.tokens)
        else:
            yield ["token", "count"]
            yield from ([cells.label(token), str(count)] for token, count in zip(table.tokens, table.counts, strict=True))

    write_files(path, table.dim, (piece for _, piece in table.stored[0].pieces()), rows(), cells)
    warn_of_loss(table, path, NAME, counts=True)


def write_files(
    folder: str | PathLike[str], dim: int, pieces: Iterable[FloatMatrix], rows: Iterable[list[str]], cells: Cells
) -> None:
    """Write `tensors.tsv` of some rows after others, and `metadata.tsv` of cells, together or not at all.

    Numbers have nine digits, so that the same float32 is read again. A SemapWarning says how many cells were escaped.
    """
    if dim < 2:
        raise ShapeError("the projector refuses vectors of 1 dimension; give a table of 2 or more")
    with atomic_files(folder, TENSORS) as partial:
        with open(partial / TENSORS, "w", encoding="utf-8", newline="\n") as file:
            for piece in pieces:
                file.writelines("\t".join([format(value, ".9g") for value in row]) + "\n" for row in piece.tolist())
        with open(partial / METADATA, "w", encoding="utf-8", newline="\n") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    if cells.n_escaped:
        warnings.warn(
            f"{cells.n_escaped:,} cells of {METADATA} hold tabs, line breaks, only blanks, or bytes that are not UTF-8, "
            "and are written escaped",
            SemapWarning,
            stacklevel=3,
        )


class Cells:
    """Makes cells of values, and counts those that could not stay as they are.

    Tabs and line breaks become \\t, \\n and \\r, a token of blanks alone and bytes that are not UTF-8 their code points.
    """

    def __init__(self) -> None:
        self.n_escaped = 0

    def of(self, value: Any) -> str:
        """Return a value as a cell."""
        text = "" if value is None else format(value, ".9g") if isinstance(value, float) else str(value)
        written = _BREAKS.sub(lambda found: _WRITTEN[found[0]], text).encode("utf-8", "backslashreplace").decode()
        self.n_escaped += written != text
        return written

    def label(self, token: str) -> str:
        """Return a token as a cell that is not blank."""
        if not _BLANK.match(token):
            return self.of(token)
        self.n_escaped += 1
        return "".join(f"\\u{ord(each):04x}" for each in token) or "\\u200b"
