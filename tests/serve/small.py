"""A service of two made-up tables and three routes, which waits and fails when it is told to."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import msgspec

from semap.errors import SettingsError, UnknownToken
from semap.serve.app import build_app
from semap.serve.log import Log
from semap.serve.refusal import Refusal
from semap.serve.route import Example, Route
from semap.serve.settings import ServeSettings


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """What the answer should be."""

    word: str
    times: int = 1
    seconds: float = 0.0


class Echo(msgspec.Struct):
    """The word, so many times."""

    words: list[str]


class ListOfNames(msgspec.Struct):
    """Names."""

    names: list[str]


class SmallTables:
    """Stands for `semap.serve.tables.Tables`; `started`, `cancelled` and `finished` hold the words that answers were made for."""

    def __init__(self) -> None:
        self.on_batch: Any = None
        self.warming = threading.Event()
        self.warming.set()
        self.warmed, self.closed = False, 0
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.finished: list[str] = []

    names = ("animals", 'qu"ote')

    @property
    def ready(self) -> bool:
        return self.warmed

    def sizes(self) -> dict[str, tuple[int, int]]:
        return {"animals": (3, 4), 'qu"ote': (0, 4)}

    def of(self, name: str | None) -> Any:
        if name not in self.names:
            raise Refusal(404, f"the model {name!r} does not exist", param="model", code="model_not_found")
        return SimpleNamespace(name=name)

    def warm(self) -> None:
        self.warming.wait(10)
        self.warmed = True

    def close(self) -> None:
        self.closed += 1


async def echo(wish: Wish, tables: SmallTables, limits: Any) -> Echo:
    """Return the word so many times, after so many seconds; some words fail."""
    if wish.word == "secret-bug":
        raise RuntimeError(f"nobody expected {wish.word}")
    if wish.word == "hwale":
        raise UnknownToken("hwale", ["whale"])
    if wish.times > 100:
        raise SettingsError(f"times is {wish.times}; give a number to 100")
    tables.started.append(wish.word)
    try:
        await asyncio.sleep(wish.seconds)
    except asyncio.CancelledError:
        tables.cancelled.append(wish.word)
        raise
    tables.on_batch("search", wish.times)
    tables.finished.append(wish.word)
    return Echo([wish.word] * wish.times)


async def names(_: None, tables: SmallTables, limits: Any) -> ListOfNames:
    """Return the names of the tables."""
    return ListOfNames(list(tables.names))


ROUTES = (
    Route(
        "POST", "/v1/echo", Wish, Echo, echo, "Say a word again.", refusals={404: "the word is unknown."},
        examples=(Example({"word": "owl", "times": 2}, {"words": ["owl", "owl"]}),),
    ),
    Route("GET", "/v1/names", None, ListOfNames, names, "List names."),
)  # fmt: skip


class Lines(list[str]):
    """Lines of a log."""

    def log(self) -> Log:
        return Log(self.append)

    def documents(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in self]


def small_app(settings: ServeSettings | None = None, tables: SmallTables | None = None, lines: Lines | None = None) -> Any:
    """The application of them; explorer off, since they have no map."""
    settings = settings or ServeSettings(explorer=False)
    return build_app(tables or SmallTables(), settings, routes=ROUTES, log=(lines if lines is not None else Lines()).log())
