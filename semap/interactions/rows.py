"""Fields in, an interaction more among those gathered out, or what is wrong with them."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from semap.interactions.form import Form, number_in
from semap.interactions.gathered import Gathered

__all__ = ["BadRow", "list_taker", "row_taker"]


class BadRow(Exception):  # never leaves this folder: the reader adds the place
    """What is wrong with a row."""


def row_taker(form: Form, gathered: Gathered) -> Callable[[list[Any]], None]:
    """Return what adds one row of fields to what was gathered; all of it or, raising BadRow, nothing."""
    width, expected = form.width, form.expected()
    user_at, item_at = form.places["user"], form.places["item"]
    value_at, time_at = form.places.get("rating", -1), form.places.get("time", -1)
    users, items, user_ids, item_ids = gathered.users, gathered.items, gathered.user_ids, gathered.item_ids

    def take(fields: list[Any]) -> None:
        """Add a row."""
        if len(fields) != width:
            raise BadRow(f"{expected}, not {len(fields)}")
        user, item = _token(fields[user_at], "user"), _token(fields[item_at], "item")
        value = time = None
        if value_at >= 0 and (value := number_in(fields[value_at])) is None:
            raise BadRow(f"{expected}; the rating {fields[value_at]!r} is no finite number")
        if time_at >= 0 and (time := _time(fields[time_at])) is None:
            raise BadRow(f"{expected}; the time {fields[time_at]!r} is neither a number nor a date such as 2026-11-22")
        user_ids.append(users.setdefault(user, len(users)))
        item_ids.append(items.setdefault(item, len(items)))
        if value is not None:
            gathered.values.append(value)
        if time is not None:
            if isinstance(time, float) and gathered.times.typecode == "q":
                gathered.times = array("d", gathered.times)
            gathered.times.append(time)

    return take


def list_taker(gathered: Gathered, facts: dict[str, Any]) -> Callable[[list[Any]], None]:
    """Return what adds a user and all of that user's items; `facts` learns how many users have none."""
    users, items, user_ids, item_ids = gathered.users, gathered.items, gathered.user_ids, gathered.item_ids
    facts["users_without_items"] = 0

    def take(fields: list[Any]) -> None:
        """Add a user and all of that user's items."""
        user = _token(fields[0] if len(fields) else None, "user")
        named = [_token(name, "item") for name in fields[1:]]
        if not named:
            facts["users_without_items"] += 1
            return
        user_id = users.setdefault(user, len(users))
        user_ids.extend([user_id] * len(named))
        item_ids.extend([items.setdefault(item, len(items)) for item in named])

    return take


def _token(name: Any, role: str) -> str:
    """The text of an id. A number that is missing in a data frame is not a number, and equals nothing."""
    text = name.strip() if isinstance(name, str) else "" if name is None or name != name else str(name)
    if not text:
        raise BadRow(f"the {role} is empty")
    return text


def _time(value: Any) -> int | float | None:
    if isinstance(value, int | np.integer):
        return int(value) if -(2**63) <= value < 2**63 else None
    if isinstance(value, str):
        text = value.strip()
        if text.removeprefix("-").isdecimal() and text.isascii():
            return _time(int(text)) if len(text) < 20 else None
        number = number_in(text)
        if number is not None:
            return number
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return number_in(value)
