"""The name of a table in, the Table out; and the place where a result is going to be written, tried beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.errors import CannotWrite, SettingsError

if TYPE_CHECKING:
    from semap.table.table import Table

__all__ = ["bytes_of", "check_folder_writable", "check_writable", "format_for", "open_table", "path_of"]


def open_table(name: str, ids: Path | None, *, searching: bool, limit: int | None = None) -> Table:
    """Open a table. `searching`: whether kernels will be needed even where the file is read without any."""
    from semap.formats.load import BUILT_IN, load

    if searching or (name not in BUILT_IN and not name.endswith(".semap")):
        watch_compiling()
    interrupts.stage = f"opening {name}"
    table = load(name, ids=ids, limit=limit)
    interrupts.stage = ""
    return table


def path_of(name: str) -> Path:
    """Return the file behind the name of a table."""
    from importlib import resources

    from semap.formats.load import BUILT_IN

    return Path(str(resources.files("semap"))) / "data" / f"{name}.semap" if name in BUILT_IN else Path(name)


def format_for(output: Path, to: str | None) -> str:
    """Return the name of the format to write: `to`, or what the ending of `output` says. Raises SettingsError."""
    from semap.formats.save import ENDINGS, FORMATS

    name = to or ENDINGS.get(output.suffix.lower())
    if name is None:
        known = ", ".join(f"{ending} ({form})" for ending, form in ENDINGS.items())
        told = f"{output}: its ending says no format; known are {known}"
        raise SettingsError(f"{told}; semap convert --to writes any of {', '.join(FORMATS)}, whatever the ending")
    if name not in FORMATS:
        raise SettingsError(f"a table can be written as {', '.join(FORMATS)}, not as {name!r}")
    return name


def check_writable(output: Path, form: str, inputs: Iterable[Path] = ()) -> None:
    """Make sure now that `output` can be written later; what stands there stays. Raises CannotWrite and SettingsError.

    inputs: files that the output must not take the place of; not looked at where nothing stands at the output.
    """
    from semap.formats.idlist import ids_path

    if form == "projector":
        check_folder_writable(output)
        return
    outputs = (output, ids_path(output)) if form in ("numpy", "safetensors") else (output,)
    standing = [path for path in outputs if path.exists()]
    for source in inputs if standing else ():
        for path in standing:
            if source.exists() and source.samefile(path):
                raise SettingsError(f"{path} is one of the inputs and would be overwritten; give another output")
    for path in outputs:
        _try_to_write(path)


def check_folder_writable(folder: Path) -> None:
    """Make sure that files can be written to `folder`, which is made where it is missing. Raises CannotWrite."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CannotWrite(f"{folder}: cannot make this folder: {failure.strerror or failure}") from failure
    _try_to_write(folder / "checkpoint")


def bytes_of(output: Path, form: str) -> int:
    """Return how many bytes were written; of a folder, those of its files that make a table."""
    from semap.formats.projector import METADATA, TENSORS

    files = [output / TENSORS, output / METADATA] if form == "projector" else [output]
    return sum(file.stat().st_size for file in files)


def _try_to_write(path: Path) -> None:
    from semap.storage.atomic import atomic_file

    class Enough(Exception):
        """Leaves the file before it takes its place."""

    try:
        with atomic_file(path):
            raise Enough
    except Enough:
        pass
