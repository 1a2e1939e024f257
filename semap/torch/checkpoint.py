"""The state of a classifier's training in, a file in a folder out, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, CannotWrite, CheckpointError
from semap.storage.container import open_container, write
from semap.torch.backend import Tensor, array_of, nn, torch

__all__ = ["load_state", "save_state"]

_FILE = "classifier.semap-checkpoint"
_REMEDY = "remove the folder to begin again"


def save_state(
    folder: str | PathLike[str],
    identity: Mapping[str, Any],
    network: nn.Module,
    best: Mapping[str, Tensor] | None,
    optimizers: Sequence[torch.optim.Optimizer],
    past: Mapping[str, Any],
) -> None:
    """Write the state; the last good one stays until the new one is whole on the disk. Raises CannotWrite."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CannotWrite(f"{folder}: cannot make the checkpoint folder: {failure.strerror or failure}") from failure
    arrays = {f"now.{name}": array_of(tensor) for name, tensor in network.state_dict().items()}
    arrays |= {f"best.{name}": array_of(tensor) for name, tensor in (best or {}).items()}
    for number, optimizer in enumerate(optimizers):
        for place, entries in optimizer.state_dict()["state"].items():
            for name, value in entries.items():
                arrays[f"optimizer.{number}.{place}.{name}"] = (
                    array_of(value) if isinstance(value, Tensor) else np.array(value, np.int64)
                )
    write(Path(folder) / _FILE, arrays, {"identity": dict(identity), "past": dict(past)})


def load_state(
    folder: str | PathLike[str], identity: Mapping[str, Any], network: nn.Module, optimizers: Sequence[torch.optim.Optimizer]
) -> tuple[dict[str, Any], dict[str, Tensor] | None] | None:
    """Fill network and optimizers with the saved state; return the past and the best weights, or None where nothing was saved.

    Raises CheckpointError when the file is broken, or when it belongs to other settings or other texts.
    """
    path = Path(folder) / _FILE
    if not path.exists():
        return None
    try:
        container = open_container(path)
        container.verify()
        saved, past = container.metadata["identity"], dict(container.metadata["past"])
    except (KeyError, TypeError) as failure:
        raise CheckpointError(f"the checkpoint {path} is broken: it lacks {failure}; {_REMEDY}") from failure
    except BadFile as failure:
        raise CheckpointError(f"the checkpoint is broken: {failure}; {_REMEDY}") from failure
    given = json.loads(json.dumps(dict(identity)))
    differing = sorted(name for name in {*saved, *given} if saved.get(name) != given.get(name))
    if differing:
        shown = ", ".join(f"{name} ({saved.get(name)!r}, now {given.get(name)!r})" for name in differing)
        raise CheckpointError(f"the checkpoint in {folder} was made with other {shown}; use those again, or {_REMEDY}")
    try:
        network.load_state_dict(_tensors(container.arrays, "now."))
        for number, optimizer in enumerate(optimizers):
            _fill(optimizer, container.arrays, f"optimizer.{number}.")
    except (RuntimeError, ValueError, KeyError) as failure:
        raise CheckpointError(f"the checkpoint {path} is broken: {failure}; {_REMEDY}") from failure
    return past, _tensors(container.arrays, "best.") or None


def _fill(optimizer: torch.optim.Optimizer, arrays: Mapping[str, AnyArray], prefix: str) -> None:
    state: dict[int, dict[str, Any]] = {}
    for key, value in _tensors(arrays, prefix).items():
        place, _, name = key.partition(".")
        state.setdefault(int(place), {})[name] = int(value) if value.dtype == torch.int64 else value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _tensors(arrays: Mapping[str, AnyArray], prefix: str) -> dict[str, Tensor]:
    """The arrays whose names begin so, copied out of the file: a mapping of it is read-only."""
    chosen = {name.removeprefix(prefix): each for name, each in arrays.items() if name.startswith(prefix)}
    return {name: torch.from_numpy(np.array(each)) for name, each in chosen.items()}
