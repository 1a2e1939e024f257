"""Names and paths of tables in, the tables that a service holds out: each with its index, its pipeline and its threads."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike, fspath
from pathlib import Path

from semap.encode.file import holds_pipeline
from semap.encode.pipeline import Pipeline
from semap.errors import SettingsError
from semap.formats.load import BUILT_IN, load
from semap.serve.indexes import asked_index, index_beside
from semap.serve.refusal import Refusal
from semap.serve.served import Heard, ServedTable

__all__ = ["Tables", "named_places"]


class Tables:
    """The tables of a service by name, in the order in which they were given.

    `on_batch`: told ("search" | "encode" | "aside", how many searches, texts or others) of every batch, on the thread that
    answers it; can be set. `notes`: what whoever started the service should read.
    """

    def __init__(self, served: Iterable[ServedTable] = ()) -> None:
        self._served = {each.name: each for each in served}
        self.on_batch: Heard = lambda kind, size: None
        self.notes: list[str] = []
        self._warmed = threading.Event()

    @classmethod
    def open(
        cls,
        places: Mapping[str, str | PathLike[str]],
        *,
        indexes: Mapping[str, str | PathLike[str]] | None = None,
        ids: Mapping[str, str | PathLike[str]] | None = None,
        exact: bool = False,
        threads: int = 0,
    ) -> Tables:
        """Open tables, saved pipelines and folders of static models.

        places: their names, see `named_places`, and where each is: what `semap.load` opens, or a pipeline. A table's texts
            are encoded with SIF weights, with the mean where it has no counts.
        indexes: an approximate index of some of them, by name; without one, that beside a large table is searched, unless
            `exact`: see `semap.index.beside`. ids: the file of ids of those that are .npy files, by name.
        threads: for one search or one batch of texts; 0 for every CPU of this process. Answers do not depend on it.
        Raises what opening raises, and SettingsError (no table, a name of `indexes` or `ids` that no table has).
        """
        indexes, ids = dict(indexes or {}), dict(ids or {})
        if not places:
            raise SettingsError('there is no table to serve; name one, as "english" or wiki.semap')
        for kind, given in (("an index", indexes), ("ids", ids)):
            if strangers := sorted(set(given) - set(places)):
                raise SettingsError(f"{kind} was given for {strangers[0]!r}; the tables are {', '.join(map(repr, places))}")
        tables = cls()
        for name, place in places.items():
            pipeline = _pipeline(place, ids.get(name), threads)
            index, note = index_beside(place, pipeline.table, exact or name in indexes, threads)
            if name in indexes:
                index = asked_index(indexes[name], pipeline.table, threads)
            tables.notes += [note] if note else []
            tables._served[name] = ServedTable(
                name, pipeline, created=_changed(place), place=place, index=index, threads=threads, heard=tables._hear
            )  # fmt: skip
        return tables

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in their order."""
        return tuple(self._served)

    def sizes(self) -> dict[str, tuple[int, int]]:
        """Return the rows and the dimensions of each table."""
        return {served.name: (len(served.table), served.table.dim) for served in self}

    def __len__(self) -> int:
        return len(self._served)

    def __iter__(self) -> Iterator[ServedTable]:
        return iter(self._served.values())

    def of(self, name: str | None) -> ServedTable:
        """Return the table of a name; None is the only one. Raises Refusal (404; 400 where None could be several)."""
        if name is None:
            if len(self._served) == 1:
                return next(iter(self))
            raise Refusal(400, f"model is missing and this service has several: {self._names()}", param="model")
        served = self._served.get(name)
        if served is None:
            message = f"the model {name[:100]!r} does not exist; this service has {self._names()}"
            raise Refusal(404, message, param="model", code="model_not_found")
        return served

    @property
    def ready(self) -> bool:
        """Whether `warm` has run to its end: until then a first question may take as long as making an index."""
        return self._warmed.is_set()

    def warm(self) -> None:
        """Make every index and compile or load every kernel; call it on a thread of its own, requests can come meanwhile.

        Raises what making them does; the requests that need them meet it again.
        """
        try:
            for served in self:
                served.warm()
        finally:
            self._warmed.set()

    def close(self) -> None:
        """Answer what waits, refuse what comes, and stop the threads."""
        for served in self:
            served.close()

    def _hear(self, kind: str, size: int) -> None:
        self.on_batch(kind, size)

    def _names(self) -> str:
        return ", ".join(map(repr, self._served))


def named_places(tables: Iterable[str], named: Iterable[str] = ()) -> dict[str, str]:
    """Return where the table of each name is.

    tables: places, whose names are the built-in one's own, the file's stem or the folder's name. named: "name=place" each.
    Raises SettingsError for a name that stands twice or is empty.
    """
    pairs = [(_name_of(place), place) for place in tables]
    for each in named:
        name, equals, place = each.partition("=")
        if not (name and equals and place):
            raise SettingsError(f"--table is {each!r}; give a name and a place, as wiki=tables/wiki.semap")
        pairs.append((name, place))
    found: dict[str, str] = {}
    for name, place in pairs:
        if name in found:
            raise SettingsError(f"{found[name]} and {place} are both called {name!r}; name one of them: --table NAME={place}")
        found[name] = place
    return found


def _name_of(place: str) -> str:
    if place in BUILT_IN:
        return place
    path = Path(place).resolve()
    return path.name if path.is_dir() else path.stem


def _pipeline(place: str | PathLike[str], ids: str | PathLike[str] | None, threads: int) -> Pipeline:
    """What encodes texts, at length 1 and whole: a limit on texts is the service's own."""
    if ids is None and holds_pipeline(place):
        pipeline = Pipeline.load(place, threads=threads)
        pipeline.normalize, pipeline.max_length = True, None
        return pipeline
    table = load(place, ids=ids, threads=threads)
    return Pipeline.from_table(table, pooling="mean" if table.counts is None else "sif", normalize=True, threads=threads)


def _changed(place: str | PathLike[str]) -> int:
    """Seconds since 1970 at the last change of a file or folder."""
    if place in BUILT_IN:
        from importlib import resources

        place = str(resources.files("semap")) + f"/data/{fspath(place)}.semap"
    return int(Path(place).stat().st_mtime)
