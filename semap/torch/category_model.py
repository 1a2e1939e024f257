"""A trained model of categories: rows in, classes or values out, and a Table for each column."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64, FloatMatrix
from semap.errors import BadFile, SemapWarning, SettingsError
from semap.parallel.crew import thread_count
from semap.storage.container import Container, open_container, write
from semap.table.table import Table
from semap.torch.backend import array_of, device_of, torch, torch_threads
from semap.torch.categories import CategoryEmbeddings
from semap.torch.category_network import CategoryNetwork
from semap.torch.category_training import outputs_of
from semap.torch.coding import UNKNOWN, Coded, Coding
from semap.torch.columns import Rows, columns_of
from semap.torch.target import Target, split_target
from semap.vocab.tokens import Tokens

__all__ = ["CategoryModel", "told_of"]

_KIND = "category embeddings"
_NETWORK = "network."
_PARTS = ("tokens", "token_offsets", "token_lookup", "counts")


class CategoryModel:
    """What `CategoryEmbeddings.fit` returns.

    `classes`: those of a classification, in the order of `predict_proba`, else None. `facts`: rows, the loss of each epoch (that
    of the validation too) and the best epoch, from 1; losses of a regression are of the standardised target.
    """

    def __init__(
        self, settings: CategoryEmbeddings, coding: Coding, counts: Mapping[str, Counts64], target: Target,
        network: CategoryNetwork, facts: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.settings, self.facts = settings, dict(facts)
        self.classes = None if target.classes is None else list(target.classes)
        self._coding, self._counts, self._target, self._network = coding, dict(counts), target, network

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(tokens) - 1:,}" for name, tokens in self._coding.categories.items())
        return f"CategoryModel({'regression' if self.classes is None else f'{len(self.classes):,} classes'}; {sizes})"

    @property
    def tables(self) -> dict[str, Table]:
        """A Table for each column of categories; its first row is "<unknown>", which any other category gets."""
        rows = dict(zip(self._coding.categories, self._network.rows, strict=True))
        return {
            name: Table(
                tokens, array_of(rows[name]), counts=self._counts[name],
                metadata={"settings": self._settings(), "column": name, "unknown": UNKNOWN},
            )
            for name, tokens in self._coding.categories.items()
        }  # fmt: skip

    def predict(self, rows: Rows) -> Any:
        """Return the likeliest class of each row, a list as the target had them; for a regression values, float32 (N,).

        rows: as in training, without the target or with it; columns are found by their names. SemapWarning counts categories that
        training did not meet (they get the row "<unknown>") and missing values. Raises ShapeError (a column is not there),
        SettingsError.
        """
        outputs = self._outputs(rows)
        if self.classes is None:
            return (outputs[:, 0] * self._target.deviation + self._target.mean).astype(np.float32)
        return [self.classes[number] for number in outputs.argmax(1).tolist()]

    def predict_proba(self, rows: Rows) -> FloatMatrix:
        """Return the probability of each class, float32 (N, C), rows adding up to 1.

        Raises as `predict` does, and SettingsError for a regression.
        """
        if self.classes is None:
            raise SettingsError("a regression has no classes; predict(rows) gives its values")
        probabilities: FloatMatrix = array_of(torch.softmax(torch.from_numpy(self._outputs(rows)), 1))
        return probabilities

    def score(self, rows: Rows, target: Any) -> float:
        """Return the share of right classes, or for a regression R^2: 1 - squared errors / squares around the mean.

        target: the name of a column, or N values. Raises as `predict`; SettingsError for no row, or a target all of one value.
        """
        columns, values = split_target(rows, target)
        if not values:
            raise SettingsError("there is no row to score")
        expected = self._target.encode(values)
        outputs = self._outputs(columns)
        if self.classes is not None:
            return float(np.mean(outputs.argmax(1) == expected))
        around = float(np.square(expected - expected.mean(dtype=np.float64)).sum())
        if around == 0:
            raise SettingsError(f"all {len(values):,} targets are {values[0]!r}, so R^2 has no meaning; give different ones")
        return 1 - float(np.square(expected - outputs[:, 0].astype(np.float64)).sum()) / around

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one file, laid out as safetensors, whole or not at all. Raises CannotWrite."""
        arrays: dict[str, AnyArray] = {f"{_NETWORK}{name}": array_of(each) for name, each in self._network.state_dict().items()}
        for number, (name, tokens) in enumerate(self._coding.categories.items()):
            parts = (tokens.data, tokens.offsets, tokens.lookup, self._counts[name])
            arrays |= {f"column.{number}.{part}": array for part, array in zip(_PARTS, parts, strict=True)}
        target = {"classes": self._target.classes, "mean": self._target.mean, "deviation": self._target.deviation}
        metadata = {
            "kind": _KIND, "settings": self._settings(), "categories": list(self._coding.categories),
            "numbers": list(self._coding.numbers.items()), "target": target, "facts": self.facts,
        }  # fmt: skip
        write(path, arrays, metadata)

    @classmethod
    def load(cls, path: str | PathLike[str], *, threads: int = 0, device: str = "cpu") -> CategoryModel:
        """Open a model that `save` wrote; nothing in the file is executed.

        Raises FileMissing, BadFile, NewerVersion, SettingsError (device, threads).
        """
        container = open_container(path)
        if container.metadata.get("kind") != _KIND:
            raise BadFile(container.path, f"it does not hold {_KIND}, but {container.metadata.get('kind')!r}")
        place = device_of(device)
        thread_count(threads)
        container.verify()
        try:
            return cls._of(container, threads, place)
        except (KeyError, TypeError, RuntimeError, ValueError, IndexError) as failure:
            raise BadFile(container.path, f"it holds no whole {_KIND}: {failure}") from failure

    @classmethod
    def _of(cls, container: Container, threads: int, device: torch.device) -> CategoryModel:
        metadata, arrays = container.metadata, container.arrays
        fields = {name: value for name, value in metadata["settings"].items() if name != "learner"}
        settings = CategoryEmbeddings(**fields, threads=threads, device=str(device))
        tokens, counts = {}, {}
        for number, name in enumerate(metadata["categories"]):
            *packed, counts[name] = (np.array(arrays[f"column.{number}.{part}"]) for part in _PARTS)
            tokens[name] = Tokens(*packed)
        coding = Coding(tokens, {name: (mean, deviation) for name, (mean, deviation) in metadata["numbers"]})
        target = Target(**metadata["target"])
        held = {name.removeprefix(_NETWORK): np.array(each) for name, each in arrays.items() if name.startswith(_NETWORK)}
        sizes = [held[f"rows.{number}"].shape for number in range(len(tokens))]
        network = CategoryNetwork(sizes, len(coding.numbers), settings.hidden, target.n_outputs, settings.dropout, settings.seed)
        network.load_state_dict({name: torch.from_numpy(each) for name, each in held.items()})
        return cls(settings, coding, counts, target, network.to(device), metadata["facts"])

    def _settings(self) -> dict[str, Any]:
        return {"learner": "CategoryEmbeddings", **self.settings.settings()}

    def _outputs(self, rows: Rows) -> FloatMatrix:
        """float32 (N, n_outputs)."""
        columns = columns_of(rows)
        if not columns:  # no row at all
            return np.zeros((0, self._target.n_outputs), np.float32)
        coded = self._coding.encode(columns)
        told_of(coded, "to predict")
        if not len(coded):
            return np.zeros((0, self._target.n_outputs), np.float32)
        with torch_threads(self.settings.threads):
            outputs: FloatMatrix = array_of(outputs_of(self._network, coded))
        return outputs


def told_of(rows: Coded, which: str, *, unknown: bool = True) -> None:
    """Warn, once, of categories that are unknown (unless they are only rare) and numbers that are missing."""
    lacking = {name: n for name, n in rows.unknown.items() if n} if unknown else {}
    parts = [f"{n:,} unknown in {name!r}" for name, n in lacking.items()]
    parts += [f"{n:,} numbers missing in {name!r}" for name, n in rows.missing.items() if n]
    if parts:
        remedy = 'unknown categories get the row "<unknown>", missing numbers the mean'
        warnings.warn(f"of {len(rows):,} rows {which}: {', '.join(parts)}; {remedy}", SemapWarning, stacklevel=4)
