"""A trained classifier: texts in, classes, their probabilities or a score out."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import Counts64, FloatMatrix
from semap.errors import BadFile, EmptyCorpus, SemapWarning
from semap.parallel.crew import thread_count
from semap.storage.container import Container, open_container, write
from semap.table.table import Table
from semap.text.splitter import Splitter
from semap.torch.answers import checked_labels, numbers_of
from semap.torch.backend import array_of, device_of, torch, torch_threads
from semap.torch.classifier import TextClassifier
from semap.torch.features import Features, Numbered
from semap.torch.networks import Network, Sizes, build_network
from semap.torch.training import scores_of
from semap.vocab.tokens import Tokens

__all__ = ["TextModel", "cut_for"]

_KIND = "text classifier"
_NETWORK = "network."


class TextModel:
    """What `TextClassifier.fit` returns: `labels`, the classes in the order of `predict_proba`; `facts` of the training.

    facts: texts, words and unknown words of training; loss, validation loss and accuracy of each epoch; the best epoch, from 1.
    """

    def __init__(
        self,
        settings: TextClassifier,
        labels: Sequence[Any],
        features: Features,
        sizes: Sizes,
        network: Network,
        counts: Counts64,
        facts: Mapping[str, Any],
    ) -> None:
        self.settings, self.labels, self.facts = settings, list(labels), dict(facts)
        self._features, self._sizes, self._network, self._counts = features, sizes, network, counts

    def __repr__(self) -> str:
        return f"TextModel({self.settings.architecture}, {len(self.labels):,} classes, {self._sizes.n_words:,} words)"

    def predict(self, texts: Iterable[str]) -> list[Any]:
        """Return the likeliest class of each text, as it was given in training. Raises BadText."""
        return [self.labels[number] for number in self.predict_proba(texts).argmax(1).tolist()]

    def predict_proba(self, texts: Iterable[str]) -> FloatMatrix:
        """Return the probability of each class, float32 (N, C), rows adding up to 1. Raises BadText.

        A text without a known word gets what the output layer says of nothing; SemapWarning counts such texts, and those that
        a transformer cuts after `max_length` words.
        """
        numbered, n_cut = cut_for(self.settings, self._features.number(texts))
        if n_cut:
            _warn(f"{n_cut:,} of {len(numbered):,} texts were cut after max_length={self.settings.max_length:,} words")
        if numbered.n_empty:
            _warn(f"{numbered.n_empty:,} of {len(numbered):,} texts hold no known word; their classes are guesses")
        if not len(numbered):
            return np.zeros((0, len(self.labels)), np.float32)
        with torch_threads(self.settings.threads):
            probabilities: FloatMatrix = array_of(torch.softmax(scores_of(self._network, numbered), 1))
        return probabilities

    def score(self, texts: Iterable[str], labels: Iterable[Any]) -> float:
        """Return the share of texts that get their label. Raises ShapeError, SettingsError (a label unknown in training)."""
        given = list(texts) if not isinstance(texts, str) else texts
        known = checked_labels(labels, len(given))
        if not given:
            raise EmptyCorpus("there is no text to score")
        expected = numbers_of(known, self.labels)
        return float(np.mean(self.predict_proba(given).argmax(1) == expected))

    def unknown_words(self, texts: Iterable[str]) -> tuple[int, int]:
        """Return how many words of these texts have no row, and how many words there are."""
        numbered = self._features.number(texts)
        return numbered.n_unknown, numbered.n_words

    @property
    def table(self) -> Table:
        """The rows of the words after training, with their counts in the training texts."""
        metadata = {"settings": self._settings(), "text": self._features.splitter.to_json(), "training": self.facts}
        return Table(self._features.tokens, array_of(self._network.words.weight), counts=self._counts, metadata=metadata)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the model to one file, laid out as safetensors, whole or not at all. Raises CannotWrite."""
        features = self._features
        arrays = {f"{_NETWORK}{name}": array_of(tensor) for name, tensor in self._network.state_dict().items()}
        arrays |= {
            "tokens": features.tokens.data, "token_offsets": features.tokens.offsets, "token_lookup": features.tokens.lookup,
            "counts": self._counts, "kept": features.kept,
        }  # fmt: skip
        metadata = {
            "kind": _KIND, "settings": self._settings(), "labels": self.labels, "text": features.splitter.to_json(),
            "sizes": dataclasses.asdict(self._sizes), "first": features.first, "facts": self.facts,
        }  # fmt: skip
        write(path, arrays, metadata)

    @classmethod
    def load(cls, path: str | PathLike[str], *, threads: int = 0, device: str = "cpu") -> TextModel:
        """Open a model that `save` wrote; nothing in the file is executed.

        Raises FileMissing, BadFile, NewerVersion, SettingsError (device, threads).
        """
        container = open_container(path)
        if container.metadata.get("kind") != _KIND:
            raise BadFile(container.path, f"it does not hold a {_KIND}, but {container.metadata.get('kind')!r}")
        place = device_of(device)
        thread_count(threads)
        container.verify()
        try:
            return cls._of(container, threads, place)
        except (KeyError, TypeError, RuntimeError, ValueError) as failure:
            raise BadFile(container.path, f"it is no whole {_KIND}: {failure}") from failure

    @classmethod
    def _of(cls, container: Container, threads: int, device: torch.device) -> TextModel:
        metadata, arrays = container.metadata, container.arrays
        fields, sizes = {**metadata["settings"]}, Sizes(**metadata["sizes"])
        fields.pop("learner")
        frozen = fields.pop("frozen")
        letters = fields.pop("char_ngrams")
        # The table that the rows came from is not kept: its rows are in the network.
        width = fields.pop("dim") or sizes.row_dim
        settings = TextClassifier(
            **fields, dim=width, char_ngrams=None if letters is None else tuple(letters), threads=threads, device=str(device)
        )
        object.__setattr__(settings, "frozen", frozen)
        tokens = Tokens(arrays["tokens"], arrays["token_offsets"], arrays["token_lookup"])
        features = Features(
            Splitter.from_json(metadata["text"]), tokens, int(metadata["first"]), settings.word_ngrams,
            settings.char_ngrams, settings.buckets, np.array(arrays["kept"]),
        )  # fmt: skip
        network = build_network(settings, sizes)
        held = {name.removeprefix(_NETWORK): each for name, each in arrays.items() if name.startswith(_NETWORK)}
        network.load_state_dict({name: torch.from_numpy(np.array(each)) for name, each in held.items()})
        return cls(
            settings, metadata["labels"], features, sizes, network.to(device), np.array(arrays["counts"]), metadata["facts"]
        )

    def _settings(self) -> dict[str, Any]:
        return {"learner": "TextClassifier", **self.settings.settings()}


def cut_for(settings: TextClassifier, numbered: Numbered) -> tuple[Numbered, int]:
    """Return the texts as the architecture can read them, and how many had to be cut."""
    if settings.architecture == "average" or settings.positions is None:
        return numbered, 0
    words, n_cut = numbered.words.cut(settings.max_length)
    return dataclasses.replace(numbered, words=words), n_cut


def _warn(message: str) -> None:
    warnings.warn(message, SemapWarning, stacklevel=3)
