"""A Recommender in, a folder out, and back.

`users.semap` and `items.semap` are tables, `history.semap` are Interactions, `model.semap` holds `user_biases` and
`item_biases`, where there are any, and the mean; it is written last.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from semap.arrays import FloatVector
from semap.errors import BadFile, CannotWrite, FileMissing
from semap.interactions.interactions import Interactions
from semap.recommend.model import Recommender
from semap.settings import path_text
from semap.storage.container import Container, open_container, write
from semap.table.file import open_table, save_table
from semap.table.table import Table

__all__ = ["load_recommender", "save_recommender"]

_KIND = "recommender"


def save_recommender(model: Recommender, folder: str | PathLike[str]) -> None:
    """Write the four files of a model; each appears whole or not at all. Raises CannotWrite and SettingsError (no path)."""
    place = Path(path_text(folder))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CannotWrite(f"{folder}: cannot make the folder: {failure.strerror or failure}") from failure
    arrays = {} if model.biases is None else dict(zip(("user_biases", "item_biases"), model.biases, strict=True))
    save_table(model.users, place / "users.semap")
    save_table(model.items, place / "items.semap")
    model.history.save(place / "history.semap")
    write(place / "model.semap", arrays, {"kind": _KIND, "mean": model.mean, "facts": _facts(model.users)})


def load_recommender(folder: str | PathLike[str]) -> Recommender:
    """Open a folder; its files must be of one model. Raises FileMissing, BadFile, NewerVersion and SettingsError (no path)."""
    place = Path(path_text(folder))
    if not place.is_dir():
        raise FileMissing(f"{folder}: there is no folder of this name; model.save(folder) writes one")
    container = open_container(place / "model.semap")
    if container.metadata.get("kind") != _KIND or not isinstance(container.metadata.get("mean"), float):
        raise BadFile(container.path, f"it does not hold a recommender, but {container.metadata.get('kind')!r}")
    users, items = open_table(place / "users.semap"), open_table(place / "items.semap")
    history = Interactions.open(place / "history.semap")
    facts = container.metadata.get("facts")
    of_one = isinstance(facts, dict) and facts == _facts(users) == _facts(items)
    if not of_one or users.metadata.get("interactions") != history.fingerprint():
        raise BadFile(place, "its files are not of one model: one was replaced, or saving was cut off; save the model again")
    biases = _biases(container, users, items)
    return Recommender(users, items, history, biases=biases, mean=container.metadata["mean"])


def _facts(table: Table) -> dict[str, object]:
    """What all files of a model agree on."""
    return {name: fact for name, fact in table.metadata.items() if name != "side"}


def _biases(container: Container, users: Table, items: Table) -> tuple[FloatVector, FloatVector] | None:
    """The biases of users and items, None where the model has none. Raises BadFile where they do not fit the tables."""
    found = [container.arrays.get(name) for name in ("user_biases", "item_biases")]
    if found[0] is None and found[1] is None:
        return None
    for name, array, table in zip(("user_biases", "item_biases"), found, (users, items), strict=True):
        if array is None or array.dtype != np.float32 or array.shape != (len(table),):
            kind = "nothing" if array is None else f"{array.dtype} of the shape {array.shape}"
            raise BadFile(container.path, f"{name} must be float32 of the shape ({len(table)},), found {kind}")
    return found[0], found[1]  # type: ignore[return-value]
