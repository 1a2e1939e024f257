"""The state of a training in, a file in a folder out, and back."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.errors import BadFile, CannotWrite, CheckpointError, SemapWarning, SettingsError
from semap.learn.model import Model
from semap.settings import real
from semap.storage.container import open_container, write

__all__ = ["ALGORITHM", "Position", "digest_of", "load_checkpoint", "minutes_between", "save_checkpoint", "warn_of_replacing"]

_FILE = "training.semap-checkpoint"
ALGORITHM = 1  # raised when the same settings no longer give the same bits


@dataclass
class Position:
    """How far a training has come."""

    epoch: int = 0
    block: int = 0  # next block of the epoch; a multiple of the lanes, or the epoch's end
    loss: float = 0.0  # summed over this epoch so far
    pairs: int = 0  # training examples of this epoch so far
    losses: list[float] = field(default_factory=list)  # mean loss of each finished epoch


def save_checkpoint(folder: str | PathLike[str], identity: Mapping[str, Any], model: Model, position: Position) -> None:
    """Write the state; the last good one stays until the new one is whole on the disk. Raises CannotWrite."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CannotWrite(f"{folder}: cannot make the checkpoint folder: {failure.strerror or failure}") from failure
    metadata = {"identity": dict(identity), "position": vars(position)}
    write(Path(folder) / _FILE, {"inputs": model.input_rows, "outputs": model.output_rows}, metadata)


def minutes_between(every: Any, folder: str | PathLike[str] | None, resume: bool) -> float:
    """Return the minutes between two states, as given to `fit`. Raises SettingsError (0, or no folder to resume from)."""
    if resume and folder is None:
        raise SettingsError("resume needs the folder of the checkpoint; give checkpoint=...")
    minutes = real("every", every)
    if minutes == 0:
        raise SettingsError("every is 0 minutes; give a number above 0 (fractions are allowed)")
    return minutes


def warn_of_replacing(folder: str | PathLike[str], stacklevel: int) -> None:
    """Say so where a state was saved here that a training from the beginning will replace."""
    if (Path(folder) / _FILE).exists():
        warnings.warn(
            f"{fspath(folder)} holds the checkpoint of an earlier training, which this one will replace; to go on from it "
            "instead, stop now and add --resume (in Python: resume=True)",
            SemapWarning,
            stacklevel=stacklevel + 1,
        )


def load_checkpoint(folder: str | PathLike[str], identity: Mapping[str, Any]) -> tuple[Model, Position] | None:
    """Return the saved state, or None where nothing was saved yet.

    Raises CheckpointError when the file is broken, or when it belongs to other settings or another corpus.
    """
    path = Path(folder) / _FILE
    if not path.exists():
        return None
    remedy = "remove the folder to begin again"
    try:
        container = open_container(path)
        container.verify()
        saved, position = container.metadata["identity"], Position(**container.metadata["position"])
        inputs, outputs = container.arrays["inputs"], container.arrays["outputs"]
    except (KeyError, TypeError) as failure:
        raise CheckpointError(f"the checkpoint {path} is broken: it lacks {failure}; {remedy}") from failure
    except BadFile as failure:
        raise CheckpointError(f"the checkpoint is broken: {failure}; {remedy}") from failure
    differing = _differences(saved, identity)
    if differing:
        raise CheckpointError(f"the checkpoint in {path.parent} was made with other {differing}; use those again, or {remedy}")
    return Model.of_rows(np.asarray(inputs), np.asarray(outputs)), position


def digest_of(*arrays: np.ndarray[Any, Any]) -> str:
    """Return a short SHA-256 of arrays."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()[:16]


def _differences(saved: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(dict(given)))
    names = sorted(name for name in {*saved, *plain} if saved.get(name) != plain.get(name))
    return ", ".join(f"{name} ({saved.get(name)!r}, now {plain.get(name)!r})" for name in names)
