"""`semap serve`: tables in, a service over HTTP out, until it is told to stop."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Annotated

import typer

from semap.cli.interrupts import interrupts
from semap.cli.options import Ids
from semap.cli.stderr import remark
from semap.errors import FileMissing, SettingsError

if TYPE_CHECKING:
    from semap.serve.settings import ServeSettings

__all__ = ["serve"]

_LOCAL = ("127.0.0.1", "::1", "localhost")
_KEYS = "SEMAP_KEYS"


def serve(
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help='A file or folder, or "english", the built-in table.')
    ] = None,
    tables: Annotated[
        list[str] | None, typer.Option("--table", metavar="NAME=PATH", help="One more table, under this name; can be repeated.")
    ] = None,
    index: Annotated[
        list[str] | None,
        typer.Option("--index", metavar="[NAME=]FILE", help="Search a table by its approximate index, from `semap index`."),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Compare every row, even if a table is large and its index stands beside it.")
    ] = False,
    ids: Ids = None,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is every address of this machine.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Where to listen; 0 takes a free port and prints it.")] = 8000,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY", help="Answer only who sends this key; other users see it in the list of processes."),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key-file", metavar="FILE", help=f"Keys, one a line; {_KEYS} may hold some, between commas.")
    ] = None,
    explorer: Annotated[
        bool | None,
        typer.Option("--explorer/--no-explorer", help="Show the map at /, to whoever has no key too; default: if no key is set."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-origin", metavar="ORIGIN", help="Let pages of this origin call the service, as https://app.example."
        ),
    ] = None,
    max_items: Annotated[int, typer.Option(min=1, help="Texts or tokens of one request.")] = 2048,
    max_tokens: Annotated[int, typer.Option(min=1, help="Tokens of one text.")] = 8192,
    max_neighbours: Annotated[int, typer.Option(min=1, help="The largest k.")] = 1000,
    max_body: Annotated[int, typer.Option(min=1, metavar="BYTES", help="Size of one request.")] = 8 << 20,
    max_concurrent: Annotated[int, typer.Option(min=1, help="Requests under way at a time.")] = 256,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For one answer.")] = 30.0,
    read_timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For one request to arrive.")] = 20.0,
    grace: Annotated[float, typer.Option(metavar="SECONDS", help="How long a stop waits for requests under way.")] = 30.0,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads of one search; 1 leaves the other CPUs to other requests, 0 takes all.")
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Write no line for each request.")] = False,
) -> None:
    """Serve tables over HTTP: the explorer at /, the API under /v1, its description at /openapi.json.

    Prints where it listens; each request leaves one line of JSON on standard error, without what it asked. Ctrl-C or SIGTERM
    stops it once it has answered what it has accepted.

    \b
    Examples:
      semap serve english
      semap serve wiki.semap --port 9000 --key-file keys.txt
      semap serve english --table wiki=tables/wiki.semap --port 0
    """
    from semap.serve.settings import Limits, ServeSettings

    limits = Limits(max_items, max_tokens, max_neighbours, max_body, max_concurrent, timeout, read_timeout)
    keys = _keys(key or [], key_file)
    settings = ServeSettings(
        host=host, port=port, keys=keys, origins=tuple(allow_origin or ()), explorer=not keys if explorer is None else explorer,
        limits=limits, grace=grace, log=not quiet,
    )  # fmt: skip
    _serve(settings, table, tables or [], index or [], exact, ids, threads)


def _serve(
    settings: ServeSettings,
    table: str | None,
    named: list[str],
    indexes: list[str],
    exact: bool,
    ids: Path | None,
    threads: int,
) -> None:
    from semap.serve.server import listen
    from semap.serve.tables import named_places

    places = named_places([] if table is None else [table], named)
    if not places:
        raise typer.BadParameter('name a table, as "english" or wiki.semap, or give --table NAME=PATH')
    if exact and set(_by_name(indexes, places)) == set(places):
        raise typer.BadParameter("--index and --exact contradict each other")
    with listen(settings) as bound:  # before the tables: a port that is taken is said at once
        _run(settings, bound, places, indexes, exact, ids, threads)


def _run(
    settings: ServeSettings,
    bound: socket,
    places: dict[str, str],
    indexes: list[str],
    exact: bool,
    ids: Path | None,
    threads: int,
) -> None:
    from semap.serve.app import build_app
    from semap.serve.server import address, run
    from semap.serve.tables import Tables

    interrupts.stage = "opening tables"
    ids_of = {} if ids is None else {next(iter(places)): ids}
    opened = Tables.open(places, indexes=_by_name(indexes, places), ids=ids_of, exact=exact, threads=threads)
    interrupts.stage = ""
    for note in opened.notes:
        remark(note)
    if settings.host not in _LOCAL and not settings.keys:
        where = f"{settings.host} port {bound.getsockname()[1]}"
        remark(f"warning: whoever reaches {where} can use this service; set keys with --key-file")
    url = address(bound)
    shown = f"serving {', '.join(places)} at {url}" + (" (the explorer at /, the API under /v1)" if settings.explorer else "")
    # The thread that searches and the one that talks to clients wait for each other at every turn: for half a millisecond at
    # most, not Python's five. With 50 connections that makes a tenth more requests a second.
    sys.setswitchinterval(0.0005)
    run(build_app(opened, settings), bound, listening=lambda: typer.echo(shown))


def _keys(given: list[str], file: Path | None) -> tuple[str, ...]:
    """The keys of the options, of a file and of the environment. Raises SettingsError where a source of keys holds none."""
    found = list(given)
    if file is not None:
        found += _nonempty(_read(file).splitlines(), f"{file} holds no key; write one a line, or leave --key-file out")
    if _KEYS in os.environ:
        found += _nonempty(os.environ[_KEYS].split(","), f"{_KEYS} is set and holds no key; unset it to serve without keys")
    return tuple(dict.fromkeys(found))


def _nonempty(parts: list[str], message: str) -> list[str]:
    found = [part.strip() for part in parts if part.strip()]
    if not found:  # serving to everybody is not what whoever gave it meant
        raise SettingsError(message)
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileMissing(f"{file}: no such file; it should hold the keys, one a line") from None
    except (OSError, UnicodeDecodeError) as failure:
        raise SettingsError(f"{file}: cannot be read: {getattr(failure, 'strerror', None) or 'it is not UTF-8'}") from None


def _by_name(given: list[str], places: dict[str, str]) -> dict[str, str]:
    """NAME=FILE for each; a FILE alone is the first table's."""
    found: dict[str, str] = {}
    for each in given:
        name, equals, path = each.partition("=")
        if not equals or name not in places:
            name, path = next(iter(places)), each
        if name in found:
            raise SettingsError(f"--index was given twice for {name!r}; a table has one index")
        found[name] = path
    return found
