"""A network and numbered texts in, the network trained out: epochs, validation, early stopping, checkpoints."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import TrainingDiverged, TrainingInterrupted
from semap.progress import Progress, progress_for
from semap.torch.backend import Tensor, functional, generator, nn, torch
from semap.torch.checkpoint import load_state, save_state
from semap.torch.classifier import TextClassifier
from semap.torch.features import Numbered
from semap.torch.networks import Network

__all__ = ["Examples", "Training", "scores_of"]

_AT_ONCE = 256  # texts whose scores are asked for at once
_ALIKE = 16  # batches whose texts are sorted by length among themselves
_ORDER, _DROPOUT = 1, 2  # which numbers of an epoch a seed is for


@dataclass(frozen=True)
class Examples:
    """N texts as numbers and the number of each one's class, int64 (N,)."""

    texts: Numbered
    classes: AnyArray

    def arrays(self) -> list[AnyArray]:
        """Return everything that a result depends on."""
        return [self.texts.words.ids, self.texts.words.offsets, self.texts.grams.ids, self.texts.grams.offsets, self.classes]


@dataclass
class Past:
    """How far a training has come: one entry a finished epoch."""

    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_accuracies: list[float] = field(default_factory=list)
    best_epoch: int = 0  # from 1

    @property
    def epochs(self) -> int:
        """How many epochs are done."""
        return len(self.losses)

    def is_best(self) -> bool:
        """Whether the last epoch's validation is better than all before: by accuracy, then by loss."""
        scores = list(zip(self.validation_accuracies, (-loss for loss in self.validation_losses), strict=True))
        return not scores[:-1] or scores[-1] > max(scores[:-1])


class Training:
    """One run of `TextClassifier.fit`."""

    def __init__(
        self,
        settings: TextClassifier,
        network: Network,
        examples: Examples,
        validation: Examples | None,
        identity: dict[str, Any],
        folder: str | PathLike[str] | None,
    ) -> None:
        self._settings, self._network = settings, network
        self._examples, self._validation = examples, validation
        self._identity, self._folder = identity, folder
        self._optimizers = _optimizers(settings, network)
        self._past, self._best = Past(), None if validation is None else _copy(network)

    def run(self, progress: bool | Progress, resume: bool) -> dict[str, Any]:
        """Train to the end, leave the best weights in the network and return what happened, as JSON can hold it."""
        if self._folder is not None and resume:
            self._resume(self._folder)
        shown, n_texts = progress_for(progress), len(self._examples.classes)
        shown.start("training", self._settings.epochs * n_texts, "texts")
        try:
            while self._past.epochs < self._settings.epochs and not self._exhausted():
                self._epoch(shown)
                if self._folder is not None:
                    save_state(self._folder, self._identity, self._network, self._best, self._optimizers, vars(self._past))
        except KeyboardInterrupt:
            self._stop()
        finally:
            shown.finish()
        if self._best is not None:
            self._network.load_state_dict(self._best)
        return dict(vars(self._past))

    def _epoch(self, shown: Progress) -> None:
        settings, examples = self._settings, self._examples
        epoch, n_texts, total = self._past.epochs, len(examples.classes), 0.0
        rng = np.random.default_rng([settings.seed, epoch, _ORDER])
        drawn = generator(self._network.words.weight.device, settings.seed, epoch, _DROPOUT)
        done = 0
        for places in self._batches(rng):
            self._set_rates(epoch * n_texts + done)
            total += self._step(places, rng, drawn) * len(places)
            done += len(places)
            shown.update(epoch * n_texts + done, loss=total / done)
        if not math.isfinite(total):
            raise TrainingDiverged(
                f"the loss is no longer finite in epoch {epoch + 1}; lower learning_rate ({settings.learning_rate})"
            )
        self._past.losses.append(total / n_texts)
        if self._validation is not None:
            self._validate(self._validation)
        else:
            self._past.best_epoch = self._past.epochs

    def _batches(self, rng: np.random.Generator) -> list[AnyArray]:
        """The places of an epoch's texts in random order, a batch each; for a transformer texts of like length share a batch.

        A batch is padded to its longest text, and at random half of it was padding.
        """
        size, lengths = self._settings.batch_size, self._examples.texts.words.lengths
        order = rng.permutation(len(lengths))
        if self._settings.architecture == "transformer":
            pieces = [order[start : start + size * _ALIKE] for start in range(0, len(order), size * _ALIKE)]
            order = np.concatenate([piece[np.argsort(lengths[piece], kind="stable")] for piece in pieces])
        batches = [order[start : start + size] for start in range(0, len(order), size)]
        return [batches[number] for number in rng.permutation(len(batches))]

    def _step(self, places: AnyArray, rng: np.random.Generator, drawn: torch.Generator) -> float:
        """Learn from the texts at these places; return their mean loss."""
        texts, share = self._examples.texts, self._settings.word_dropout
        words, grams = (bags.take(places).thinned(share, rng) for bags in (texts.words, texts.grams))
        scores = self._network(words, grams, drawn)
        loss = functional.cross_entropy(scores, torch.from_numpy(self._examples.classes[places]).to(scores.device))
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self._optimizers:
            optimizer.step()
        return float(loss.detach())

    def _set_rates(self, n_done: int) -> None:
        """The learning rate falls linearly over the texts of all epochs."""
        left = 1.0 - n_done / (self._settings.epochs * len(self._examples.classes))
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["first_lr"] * left

    def _validate(self, validation: Examples) -> None:
        past = self._past
        scores = scores_of(self._network, validation.texts)
        classes = torch.from_numpy(validation.classes)
        past.validation_losses.append(float(functional.cross_entropy(scores.double(), classes)))
        past.validation_accuracies.append(float((scores.argmax(1) == classes).double().mean()))
        if past.is_best():
            past.best_epoch, self._best = past.epochs, _copy(self._network)

    def _exhausted(self) -> bool:
        """Whether `patience` epochs have passed without a better validation."""
        if self._settings.patience is None or self._validation is None:
            return False
        return self._past.epochs - self._past.best_epoch >= self._settings.patience

    def _resume(self, folder: str | PathLike[str]) -> None:
        found = load_state(folder, self._identity, self._network, self._optimizers)
        if found is not None:
            past, self._best = found
            self._past = Past(**past)

    def _stop(self) -> None:
        """Ctrl-C: say what was saved and how to go on."""
        done = f"stopped in epoch {self._past.epochs + 1} of {self._settings.epochs}"
        if self._folder is None or not self._past.epochs:
            raise KeyboardInterrupt(f"{done}; nothing was saved")
        raise TrainingInterrupted(
            f"{done}; the state after epoch {self._past.epochs} is in {fspath(self._folder)}: resume=True goes on from it"
        )


def scores_of(network: nn.Module, texts: Numbered) -> Tensor:
    """Return the scores of every text, float32 (N, C) on the CPU, without dropout."""
    parts = []
    with torch.no_grad():
        for start in range(0, len(texts), _AT_ONCE):
            places = np.arange(start, min(start + _AT_ONCE, len(texts)))
            parts.append(network(texts.words.take(places), texts.grams.take(places)).cpu())
    return torch.cat(parts)


def _optimizers(settings: TextClassifier, network: Network) -> list[torch.optim.Optimizer]:
    """Adam (Kingma and Ba 2015) for the dense weights; for rows one that moves only those of a batch.

    Rows that the network scales learn as if they had been scaled beforehand.
    """
    rate, scale = settings.learning_rate, network.words.scale or 1.0
    rows = [network.words.weight] if network.words.weight.requires_grad else []
    grams = [each for name, each in network.named_parameters() if name == "grams"]
    others = [each for name, each in network.named_parameters() if name not in ("grams", "words.weight")]
    made: list[torch.optim.Optimizer] = [torch.optim.Adam([{"params": others, "first_lr": rate}], lr=rate)]
    for parameters, first in ((rows, rate / scale), (grams, rate)):
        if parameters:
            made.append(torch.optim.SparseAdam([{"params": parameters, "first_lr": first}], lr=first))
    return made


def _copy(network: Network) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
