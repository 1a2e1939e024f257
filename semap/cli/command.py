"""What a user wrote for each option in, its value out, and no more loaded than a plain value needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.core import TyperCommand

from semap.cli.guard import GuardedGroup

__all__ = ["PlainCommand", "PlainGroup"]

_LEFT = object()  # what is left to Typer


class _PlainValues:
    """Takes plain values over before Typer sees them.

    Recent versions of Typer hand every value, defaults too, to pydantic, which takes a tenth of a second to load. What is
    anything but plain, and all that is wrong, stays Typer's matter, so that its answers stay the same.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, the one for help too."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            # Older versions of Typer, without a descriptor, do without pydantic.
            if hasattr(parameter, "type_descriptor") and "process_value" not in vars(parameter):
                vars(parameter)["process_value"] = _plain_first(parameter)
        return parameters


class PlainCommand(_PlainValues, TyperCommand):
    """A command with quick values."""


class PlainGroup(_PlainValues, GuardedGroup):
    """The group of all commands, with quick values and every command guarded."""


def _plain_first(parameter: Any) -> Callable[[Any, Any], Any]:
    careful, described = parameter.process_value, parameter.type_descriptor
    optional = not (parameter.required or parameter.multiple or parameter.nargs == -1)

    def process_value(context: Any, value: Any) -> Any:
        taken = _LEFT
        if optional or value:
            taken = None if value is None else _taken(value, described.annotation, described.parameter_info)
        if taken is _LEFT:
            return careful(context, value)
        return taken if parameter.callback is None else parameter.callback(context, parameter, taken)

    return process_value


def _taken(value: Any, kind: Any, asked: Any) -> Any:
    """The value of a parameter, or _LEFT. `kind`: its annotation; `asked`: what else Typer was told of it."""
    if asked.parser is not None:
        try:
            return asked.parser(value)
        except Exception:  # Typer calls it again and says what is wrong
            return _LEFT
    if kind is bool and isinstance(value, bool):
        return value
    if kind in (int, float):
        return _number(value, kind, asked)
    if kind is Path:
        return Path(value) if _plain_path(value, asked) else _LEFT
    if kind == list[str] and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return list(value)
    fits = isinstance(value, str) and (kind is str or (get_origin(kind) is Literal and value in get_args(kind)))
    return value if fits else _LEFT


def _number(value: Any, kind: type[int] | type[float], asked: Any) -> Any:
    if isinstance(value, str):
        digits = value if kind is int else value.replace(".", "", 1)
        if not (value.isascii() and digits.isdigit() and len(digits) < 16):
            return _LEFT
        value = kind(value)
    small = asked.min is not None and value < asked.min
    large = asked.max is not None and value > asked.max
    return _LEFT if type(value) is not kind or small or large else value


def _plain_path(value: Any, asked: Any) -> bool:
    special = asked.exists or asked.writable or asked.resolve_path or not (asked.file_okay and asked.dir_okay)
    return not special and asked.path_type is None and (not Path(value).exists() or os.access(value, os.R_OK))
