"""An approximate index in, a file out, and back: mapped, and believed only where its checksums are right.

Arrays of the file, in this order: `graph` uint8 (N,), the bytes of usearch; `added` float32 (A, D), the rows that were added
to those of the table; `removed` int64 (R,), ascending. Metadata: `kind`: "index"; `index`: what `_FACTS` names; `crc32` of
the JSON of that. The rows of the table are not in the file, only their fingerprint.

Nothing of it is believed unchecked, since the library follows the links of a graph without looking where they lead: every byte
is summed up at opening, which finds damage, and every link is looked at, which keeps a file made to do harm from reading outside.
"""

from __future__ import annotations

import json
import math
import threading
import zlib
from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, NewerVersion
from semap.index.backend import Graph, GraphRefused, library_version, links_stay_inside
from semap.index.checksum import checksum
from semap.index.coding import Coding, Dtype
from semap.index.held import HeldRows, fingerprint
from semap.index.index import Metric
from semap.index.vectors import finite_matrix, kernel_matrix
from semap.parallel.crew import run, thread_count
from semap.settings import whole
from semap.storage.container import Container, open_container, write
from semap.table.table import Table

if TYPE_CHECKING:
    from semap.index.hnsw import HNSWIndex

__all__ = ["VERSION", "open_index", "save_index"]

VERSION = 1
_AGAIN = "build it again with: semap index TABLE -o FILE"
_KINDS = {"graph": (np.uint8, 1), "added": (np.float32, 2), "removed": (np.int64, 1)}
_FACTS: dict[str, Callable[[Any], bool]] = {
    "library": lambda value: type(value) is str,
    "rows": lambda value: type(value) is int and value >= 0,
    "dim": lambda value: type(value) is int and value >= 1,
    "metric": lambda value: value in get_args(Metric),
    "dtype": lambda value: value in get_args(Dtype),
    "scale": lambda value: type(value) is float and 0 < value < math.inf,
    "tame": lambda value: type(value) is bool,
    "connectivity": lambda value: type(value) is int and 2 <= value <= 512,
    "expansion_add": lambda value: type(value) is int and 1 <= value <= 1 << 16,
    "expansion_search": lambda value: type(value) is int and 1 <= value <= 1 << 16,
    "table": lambda value: type(value) is str,
    "checksums": lambda value: isinstance(value, dict) and set(value) == set(_KINDS),
}


def save_index(index: HNSWIndex, path: str | PathLike[str]) -> None:
    """Write an index to a file; equal indexes give equal bytes. Raises CannotWrite."""
    held, coding, graph, removed = index.parts
    arrays: dict[str, AnyArray] = {"graph": graph.content(), "added": held.added, "removed": removed}
    facts = {
        "version": VERSION,
        "library": f"usearch {library_version()}",
        "rows": len(held.base),
        "dim": held.dim,
        "metric": coding.metric,
        "dtype": coding.dtype,
        "scale": coding.scale,
        "tame": held.tame,
        **index.settings,
        "table": fingerprint(held.base, 0),
        "checksums": {name: checksum(array, 0) for name, array in arrays.items()},
    }
    write(path, arrays, {"kind": "index", "index": facts, "crc32": _crc(facts)})


def open_index(
    path: str | PathLike[str], table_or_vectors: Table | Any, *, expansion_search: int | None = None, threads: int = 0
) -> HNSWIndex:
    """Open a file that `save_index` wrote for these rows: the graph stays in the file, mapped, until something is added.

    Every byte is read once, to compare checksums. expansion_search: instead of that of the file.
    Raises FileMissing, NewerVersion, and BadFile where the file is damaged, no index or was built for other rows; ShapeError
    (vectors), SettingsError (settings) and MissingExtra.
    """
    from semap.index.hnsw import HNSWIndex

    thread_count(threads)
    container = open_container(path)
    facts = _facts_of(container)
    arrays = _arrays_of(container)
    base = table_or_vectors if isinstance(table_or_vectors, Table) else finite_matrix("vectors", table_or_vectors)
    _check_size(path, facts, base)
    _run_all(
        threads,
        lambda: _check_sums(path, facts, arrays),
        lambda: _check_table(path, facts, base),
        lambda: _check_links(path, facts, arrays),
    )
    settings = {name: facts[name] for name in ("connectivity", "expansion_add", "expansion_search")}
    if expansion_search is not None:
        settings["expansion_search"] = whole("expansion_search", expansion_search, 1, 1 << 16)
    coding = Coding(facts["metric"], facts["dtype"], facts["scale"])
    held = HeldRows(base, kernel_matrix(arrays["added"]), facts["tame"])
    shape = Graph(held.dim, measure=coding.measure, dtype=coding.dtype, **settings)
    try:
        graph = shape.over(arrays["graph"], mapped=True)
    except GraphRefused as failure:
        written = f"it was written by {facts['library']}, this is usearch {library_version()}"
        raise BadFile(path, f"its graph is not read: {failure}; {written}; {_AGAIN}") from failure
    return HNSWIndex.of_parts(held, coding, graph, settings, np.array(arrays["removed"]), threads)


def _facts_of(container: Container) -> dict[str, Any]:
    """What the file says of itself, sound and of a version that this semap knows."""
    path, metadata = container.path, container.metadata
    if metadata.get("kind") != "index":
        raise BadFile(path, f"it does not hold an index, but {metadata.get('kind')!r}; {_AGAIN}")
    facts = metadata.get("index")
    version = facts.get("version") if isinstance(facts, dict) else None
    if not isinstance(facts, dict) or type(version) is not int or version < 1:
        raise BadFile(path, f"it says no version of its index; {_AGAIN}")
    if version > VERSION:
        raise NewerVersion(path, f"an index of version {version}, this semap knows {VERSION}: upgrade semap, or {_AGAIN}")
    if metadata.get("crc32") != _crc(facts):
        raise BadFile(
            path, f"its metadata is damaged: its CRC-32 is {_crc(facts)}, written was {metadata.get('crc32')}; {_AGAIN}"
        )
    odd = [name for name, fits in _FACTS.items() if not fits(facts.get(name))]
    if odd:
        raise BadFile(path, f"its metadata has no sound {', '.join(odd)}; {_AGAIN}")
    return facts


def _arrays_of(container: Container) -> dict[str, AnyArray]:
    """The arrays of the file, of the right kind."""
    arrays: dict[str, AnyArray] = {}
    for name, (dtype, n_axes) in _KINDS.items():
        array = container.arrays.get(name)
        if array is None or array.dtype != dtype or array.ndim != n_axes:
            what = "nothing" if array is None else f"{array.dtype} {array.shape}"
            expected = f"its array {name!r} must be {np.dtype(dtype)} with {n_axes} axes"
            raise BadFile(container.path, f"{expected}, it is {what}; {_AGAIN}")
        arrays[name] = array
    return arrays


def _check_size(path: str | PathLike[str], facts: dict[str, Any], base: Any) -> None:
    n_rows, dim = len(base), base.dim if isinstance(base, Table) else base.shape[1]
    if (facts["rows"], facts["dim"]) != (n_rows, dim):
        built = f"{facts['rows']:,} rows of {facts['dim']:,} dimensions"
        raise BadFile(path, f"built for another table, of {built}; this one has {n_rows:,} of {dim:,}; {_AGAIN}")


def _check_table(path: str | PathLike[str], facts: dict[str, Any], base: Any) -> None:
    found = fingerprint(base, 1)
    if facts["table"] != found:
        raise BadFile(path, f"built for another table, with the checksum {facts['table']}; this one has {found}; {_AGAIN}")


def _check_sums(path: str | PathLike[str], facts: dict[str, Any], arrays: dict[str, AnyArray]) -> None:
    for name, array in arrays.items():
        expected, found = facts["checksums"][name], checksum(array, 1)
        if expected != found:
            raise BadFile(path, f"its {name} is damaged: checksum {found}, written was {expected}; {_AGAIN}")


def _check_links(path: str | PathLike[str], facts: dict[str, Any], arrays: dict[str, AnyArray]) -> None:
    added, removed = arrays["added"], arrays["removed"]
    n_rows = facts["rows"] + len(added)
    sound = added.shape[1] == facts["dim"] and np.isfinite(added).all()
    sound = sound and (not len(removed) or (removed[0] >= 0 and removed[-1] < n_rows and bool((np.diff(removed) > 0).all())))
    if not (sound and links_stay_inside(arrays["graph"], n_rows, facts["dim"], facts["dtype"], facts["connectivity"])):
        raise BadFile(path, f"its graph, added or removed rows are not those of {n_rows:,} rows; {_AGAIN}")


def _run_all(threads: int, *checks: Callable[[], None]) -> None:
    """Run the checks beside each other and raise what the first of them, in their order, raised."""
    failures: dict[int, Exception] = {}
    left = iter(enumerate(checks))
    lock = threading.Lock()

    def work(thread: int) -> None:
        """Run one check after another."""
        while True:
            with lock:
                number, check = next(left, (-1, None))
            if check is None:
                return
            try:
                check()
            except BadFile as failure:
                failures[number] = failure

    run(min(thread_count(threads), len(checks)), work)
    if failures:
        raise failures[min(failures)]


def _crc(facts: dict[str, Any]) -> str:
    return f"{zlib.crc32(json.dumps(facts, sort_keys=True).encode()):08x}"
