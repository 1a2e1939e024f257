"""The first rows of a file in, its form out: what separates fields, whether there is a header, which field is what."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from semap.errors import SettingsError

__all__ = ["COLUMNS", "ROLES", "Columns", "Form", "number_in", "splitter_for"]

Columns: TypeAlias = Sequence[str | None] | Mapping[str, str | int]
ROLES = COLUMNS = ("user", "item", "rating", "time")
_KNOWN = ("::", "\t", ",", ";", "|", " ")
_NAMES = {"\t": "a tab", " ": "spaces", ",": "a comma", ";": "a semicolon"}
_ALIASES = {
    "user": "user", "uid": "user", "customer": "user", "reviewer": "user",
    "item": "item", "iid": "item", "movie": "item", "product": "item", "artist": "item", "book": "item", "track": "item",
    "rating": "rating", "score": "rating", "stars": "rating", "weight": "rating", "plays": "rating",
    "time": "time", "timestamp": "time", "date": "time", "unixtime": "time",
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How rows look.

    places: the field of each role; width: fields a row has; header: the first row, where it is one; guessed: whether that is
    only because it has words where the second row has numbers.
    """

    places: dict[str, int]
    width: int
    header: list[Any] | None
    separated_by: str
    guessed: bool = False

    @classmethod
    def of(cls, head: Sequence[list[Any]], columns: Columns, header: bool | None, separated_by: str) -> Form:
        """Recognise the form of the first rows, at least one of them. Raises SettingsError where `columns` does not fit."""
        width = Counter(map(len, head)).most_common(1)[0][0]  # of equally frequent ones the first
        if isinstance(columns, Mapping):
            by_name = header is not False and any(isinstance(place, str) for place in columns.values())
            places = {role: _place(role, place, head[0] if by_name else None, width) for role, place in columns.items()}
            _check(places)
        else:
            by_name, places = False, _by_position(columns, width)
        named = by_name or (_is_header(head, places) if header is None else header)
        if named and not isinstance(columns, Mapping):
            _check_names(head[0], places)
        guessed = named and header is None and not by_name and not any(map(_role, head[0]))
        return cls(places, width, list(head[0]) if named else None, separated_by, guessed)

    def expected(self) -> str:
        """What a row should be, for a message."""
        names: list[str] = ["(not used)"] * self.width
        for role, place in self.places.items():
            names[place] = role
        by = f", separated by {self.separated_by}" if self.separated_by else ""
        return f"expected {self.width} fields ({', '.join(names)}){by}"


def splitter_for(delimiter: str | None, head: Sequence[str]) -> tuple[Callable[[str], list[str]], str]:
    """Return what splits a line, and the delimiter in words; None is recognised from the first lines.

    A delimiter of spaces means any white space. A field in double quotes may hold a delimiter of one character.
    Raises SettingsError for an empty one.
    """
    if delimiter is not None and (not isinstance(delimiter, str) or not delimiter or delimiter in '\r\n"'):
        what = "empty" if delimiter == "" else repr(delimiter)
        raise SettingsError(f"the delimiter is {what}; give one such as {', '.join(map(repr, _KNOWN))}, or None to recognise it")
    by = _recognised(head) if delimiter is None else delimiter
    told = _NAMES.get(by, repr(by))
    if by == " ":
        return str.split, told
    if len(by) > 1:
        return lambda line: line.split(by), told

    def split(line: str) -> list[str]:
        """Split at one character, outside of quotes."""
        if '"' not in line:
            return line.split(by)
        return next(csv.reader([line], delimiter=by, strict=True, skipinitialspace=True))

    return split, told


def number_in(value: Any) -> float | None:
    """Return a finite number that float32 can hold, or None. Unlike float() it takes neither "nan" nor "1_000"."""
    if isinstance(value, str) and "_" in value:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -3.4028234e38 <= number <= 3.4028234e38 else None


def _recognised(head: Sequence[str]) -> str:
    """The first delimiter that cuts most of the lines into equally many parts, else the one that most lines hold."""
    for by in _KNOWN:
        parts, n = Counter(len(line.split() if by == " " else line.split(by)) for line in head).most_common(1)[0]
        if parts > 1 and 2 * n > len(head):
            return by
    return next((by for by in _KNOWN if 2 * sum(by in line for line in head) > len(head)), " ")


def _by_position(columns: Sequence[str | None], width: int) -> dict[str, int]:
    if isinstance(columns, str):
        raise SettingsError(f"columns is the one string {columns!r}; give one name a column: ('user', 'item')")
    if not isinstance(columns, Sequence):
        raise SettingsError(f"columns is {columns!r}; give one name a column, as ('user', 'item'), or a dict")
    places: dict[str, int] = {}
    for place, role in enumerate(columns):
        if role is None:
            continue
        if role in places:
            raise SettingsError(f"columns names {role!r} twice; give each role once, None for a column that is not used")
        places[role] = place
    _check(places)
    if max(places["user"], places["item"]) >= width and width:
        raise SettingsError(
            f"columns names {len(columns)} fields, {tuple(columns)}, but rows have {width}; name what they hold, in their order, "
            "or give the delimiter"
        )
    return {role: place for role, place in places.items() if place < width}  # a rating or time that the file does not have


def _place(role: str, place: str | int, names: list[Any] | None, width: int) -> int:
    if isinstance(place, int):
        if not 0 <= place < width:
            raise SettingsError(f"columns puts the {role} in field {place}; rows have the fields 0 to {width - 1}")
        return place
    given = [str(name).strip() for name in names or []]
    if place not in given:
        raise SettingsError(f"columns calls the {role} {place!r}; the header has {', '.join(map(repr, given)) or 'no names'}")
    return given.index(place)


def _check(places: Mapping[str, int]) -> None:
    strange = [role for role in places if role not in ROLES]
    if strange:
        raise SettingsError(f"columns names {strange[0]!r}; its names are {', '.join(ROLES)}, and None for what is not used")
    for role in ("user", "item"):
        if role not in places:
            raise SettingsError(f"columns names no {role!r}; say which column it is, as in columns=('user', 'item')")
    if len(set(places.values())) < len(places):
        raise SettingsError(f"columns gives one field two roles: {dict(places)}")


def _is_header(head: Sequence[list[Any]], places: Mapping[str, int]) -> bool:
    """Whether the first row names columns, or has words where the second has numbers."""
    first = head[0]
    if len(first) <= max(places.values()):
        return False
    if {_role(first[places["user"]]), _role(first[places["item"]])} == {"user", "item"}:
        return True
    numbers = [places[role] for role in ("rating", "time") if role in places]
    second = head[1] if len(head) > 1 else []
    return any(_is_word(first[at]) and len(second) > at and number_in(second[at]) is not None for at in numbers)


def _is_word(field: Any) -> bool:
    """Whether a field may be a name of a column; a missing number, nan or inf is a bad row, not a header to leave out."""
    if not isinstance(field, str) or not field.strip():
        return False
    try:
        float(field)
    except ValueError:
        return True
    return False


def _check_names(names: list[Any], places: Mapping[str, int]) -> None:
    for role, place in places.items():
        told = _role(names[place]) if place < len(names) else None
        if told is not None and told != role:
            better = tuple(_role(name) for name in names)
            raise SettingsError(
                f"the header calls field {place} {names[place]!r}, columns calls it {role!r}; give columns={better}"
            )


def _role(name: Any) -> str | None:
    letters = re.sub(r"[^a-z]", "", str(name).lower())
    return _ALIASES.get(letters) or _ALIASES.get(letters.removesuffix("id")) or _ALIASES.get(letters.removesuffix("name"))
