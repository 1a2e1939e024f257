"""Settings, rows and a target in, a trained CategoryModel out: what is done once, around the epochs of training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from semap.errors import SettingsError
from semap.learn.checkpoint import digest_of
from semap.progress import Progress
from semap.torch.backend import device_of, torch_threads
from semap.torch.categories import CategoryEmbeddings
from semap.torch.category_model import CategoryModel, told_of
from semap.torch.category_network import CategoryNetwork
from semap.torch.category_training import CategoryTraining, Records
from semap.torch.coding import Coding, learn_coding
from semap.torch.target import Target, classes_in, learn_target, split_target

__all__ = ["fit"]


def fit(
    settings: CategoryEmbeddings, rows: Any, target: Any, validation: Any, progress: bool | Progress,
    folder: str | PathLike[str] | None, resume: bool,
) -> CategoryModel:  # fmt: skip
    """Train; see `CategoryEmbeddings.fit`."""
    device = device_of(settings.device)
    columns, values = split_target(rows, target)
    columns, values, held = _split(columns, values, validation, settings)
    coding, counts = learn_coding(columns, settings.numbers, settings.min_count)
    _check_dims(settings, coding)
    answers = learn_target(values, settings.task)
    records = Records(coding.encode(columns), answers.encode(values))
    told_of(records.rows, "to train on", unknown=False)
    checked = None
    if held is not None:
        checked = Records(coding.encode(held[0]), answers.encode(held[1]))
        told_of(checked.rows, "of the validation")
    with torch_threads(settings.threads):
        network = build_network(settings, coding, answers).to(device)
        identity = _identity(settings, coding, answers, records, checked) if folder is not None else {}
        past = CategoryTraining(settings, network, records, checked, identity, folder).run(progress, resume)
    facts = {"rows": len(records.rows), "fingerprint": _print_of(coding, answers, records), **past}
    return CategoryModel(settings, coding, counts, answers, network, facts)


def build_network(settings: CategoryEmbeddings, coding: Coding, answers: Target) -> CategoryNetwork:
    """Return the network of some settings before training, on the CPU."""
    sizes = [(len(tokens), settings.dim_of(name, len(tokens) - 1)) for name, tokens in coding.categories.items()]
    return CategoryNetwork(sizes, len(coding.numbers), settings.hidden, answers.n_outputs, settings.dropout, settings.seed)


def _split(
    columns: dict[str, list[Any]], values: list[Any], validation: Any, settings: CategoryEmbeddings
) -> tuple[Any, Any, Any]:
    """The columns and targets to train on, and the pair of the validation or None; of each class one row stays to train on."""
    if validation is None:
        return columns, values, None
    if isinstance(validation, tuple) and len(validation) == 2:
        held = split_target(*validation)
        if not held[1]:
            raise SettingsError("the validation holds no row; give some, or validation=None")
        return columns, values, held
    if isinstance(validation, bool) or not isinstance(validation, float | int) or not 0 < validation < 1:
        raise SettingsError(f"validation is {validation!r:.60}; give (rows, target), a share between 0 and 1, or None")
    n_rows = len(values)
    n_held = round(n_rows * validation)
    order = np.random.default_rng([settings.seed, n_rows]).permutation(n_rows)
    classes = classes_in(values, settings.task)
    kept = {classes[place]: place for place in order.tolist()} if classes else {}
    free = np.array([place for place in order.tolist() if not kept or kept[classes[place]] != place], np.int64)
    if not 0 < n_held <= min(len(free), n_rows - 1):
        raise SettingsError(
            f"a share of {validation} of {n_rows:,} rows is {n_held:,} rows, {min(len(free), n_rows - 1):,} can be spared; both "
            "parts need some, and training one of each class"
        )
    parts = []
    for places in (np.setdiff1d(order, free[:n_held]).tolist(), np.sort(free[:n_held]).tolist()):
        chosen = {name: [column[place] for place in places] for name, column in columns.items()}
        parts.append((chosen, [values[place] for place in places]))
    return *parts[0], parts[1]


def _check_dims(settings: CategoryEmbeddings, coding: Coding) -> None:
    if isinstance(settings.dims, Mapping):
        unheard = [name for name in settings.dims if name not in coding.categories]
        if unheard:
            names = ", ".join(map(repr, coding.categories))
            raise SettingsError(f"dims names {unheard[0]!r}, which is no column of categories; they are {names}")


def _identity(
    settings: CategoryEmbeddings, coding: Coding, answers: Target, records: Records, checked: Records | None
) -> dict[str, Any]:
    """What a checkpoint must share with this run."""
    held = "" if checked is None else _print_of(coding, answers, checked)
    return {**settings.settings(), "data": _print_of(coding, answers, records), "validation": held}


def _print_of(coding: Coding, answers: Target, records: Records) -> str:
    """16 hexadecimal digits that other rows, columns or targets do not have."""
    names = json.dumps([list(coding.categories), coding.numbers, answers.classes]).encode()
    tokens = [tokens.data for tokens in coding.categories.values()]
    arrays = (records.rows.ids, records.rows.numbers, records.targets)
    return digest_of(np.frombuffer(names, np.uint8), *tokens, *arrays)
