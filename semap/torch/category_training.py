"""A network and coded rows in, the network trained out: epochs, hidden categories, early stopping, checkpoints."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import TrainingDiverged, TrainingInterrupted
from semap.progress import Progress, progress_for
from semap.torch.backend import Tensor, functional, generator, torch
from semap.torch.categories import CategoryEmbeddings
from semap.torch.category_network import CategoryNetwork
from semap.torch.checkpoint import load_state, save_state
from semap.torch.coding import Coded

__all__ = ["CategoryTraining", "Records", "outputs_of"]

_AT_ONCE = 4096  # rows whose outputs are asked for at once
_ORDER, _DROPOUT = 1, 2  # which numbers of an epoch a seed is for


@dataclass(frozen=True)
class Records:
    """N coded rows and their targets: int64 (N,) classes, or float32 (N,) standardised values."""

    rows: Coded
    targets: AnyArray


@dataclass
class Past:
    """How far a training has come: one entry a finished epoch."""

    losses: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    best_epoch: int = 0  # from 1


class CategoryTraining:
    """One run of `CategoryEmbeddings.fit`."""

    def __init__(
        self, settings: CategoryEmbeddings, network: CategoryNetwork, records: Records, validation: Records | None,
        identity: dict[str, Any], folder: str | PathLike[str] | None,
    ) -> None:  # fmt: skip
        self._settings, self._network, self._records, self._validation = settings, network, records, validation
        self._identity, self._folder = identity, folder
        rate = settings.learning_rate
        rows = list(network.rows.parameters())
        others = [each for name, each in network.named_parameters() if not name.startswith("rows.")]
        # Adam (Kingma and Ba 2015); of the rows it moves only those of a batch
        self._optimizers = [torch.optim.Adam(others, lr=rate), torch.optim.SparseAdam(rows, lr=rate)]
        self._past = Past()
        self._best: dict[str, Tensor] | None = None

    def run(self, progress: bool | Progress, resume: bool) -> dict[str, Any]:
        """Train to the end, leave the best weights in the network and return what happened, as JSON can hold it."""
        past, settings = self._past, self._settings
        if self._folder is not None and resume:
            found = load_state(self._folder, self._identity, self._network, self._optimizers)
            if found is not None:
                past = self._past = Past(**found[0])
                self._best = found[1]
        shown = progress_for(progress)
        shown.start("training", settings.epochs * len(self._records.rows), "rows")
        try:
            while len(past.losses) < settings.epochs and not self._exhausted():
                self._epoch(shown)
                if self._folder is not None:
                    save_state(self._folder, self._identity, self._network, self._best, self._optimizers, vars(past))
        except KeyboardInterrupt:
            self._stop()
        finally:
            shown.finish()
        if self._best is not None:
            self._network.load_state_dict(self._best)
        return dict(vars(past))

    def _epoch(self, shown: Progress) -> None:
        settings, n_rows = self._settings, len(self._records.rows)
        epoch, total, done = len(self._past.losses), 0.0, 0
        rng = np.random.default_rng([settings.seed, epoch, _ORDER])
        drawn = generator(self._network.output.weight.device, settings.seed, epoch, _DROPOUT)
        order = rng.permutation(n_rows)
        for start in range(0, n_rows, settings.batch_size):
            places = order[start : start + settings.batch_size]
            self._set_rates(1 - (epoch * n_rows + done) / (settings.epochs * n_rows))
            total += self._step(places, rng, drawn) * len(places)
            done += len(places)
            shown.update(epoch * n_rows + done, loss=total / done)
        if not math.isfinite(total):
            remedy = f"lower learning_rate ({settings.learning_rate})"
            raise TrainingDiverged(f"the loss is no longer finite in epoch {epoch + 1}; {remedy}")
        self._past.losses.append(total / n_rows)
        self._validate()

    def _step(self, places: AnyArray, rng: np.random.Generator, drawn: torch.Generator) -> float:
        """Learn from the rows at these places, some of their categories hidden; return their mean loss."""
        ids = self._records.rows.ids[places]
        ids = np.where(rng.random(ids.shape) < self._settings.unknown_share, 0, ids)
        outputs = self._outputs(ids, self._records.rows.numbers[places], drawn)
        loss = _loss(outputs, torch.from_numpy(self._records.targets[places]).to(outputs.device))
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in self._optimizers:
            optimizer.step()
        return float(loss.detach())

    def _outputs(self, ids: AnyArray, numbers: AnyArray, drawn: torch.Generator) -> Tensor:
        device = self._network.output.weight.device
        outputs: Tensor = self._network(torch.from_numpy(ids).to(device), torch.from_numpy(numbers).to(device), drawn)
        return outputs

    def _set_rates(self, left: float) -> None:
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self._settings.learning_rate * left

    def _validate(self) -> None:
        past = self._past
        if self._validation is None:
            past.best_epoch = len(past.losses)
            return
        outputs = outputs_of(self._network, self._validation.rows).double()
        loss = float(_loss(outputs, torch.from_numpy(self._validation.targets)))
        past.validation_losses.append(loss)
        if loss < min(past.validation_losses[:-1], default=math.inf):
            past.best_epoch = len(past.losses)
            self._best = {name: tensor.detach().clone() for name, tensor in self._network.state_dict().items()}

    def _exhausted(self) -> bool:
        """Whether `patience` epochs have passed without a better validation."""
        if self._settings.patience is None or self._validation is None:
            return False
        return len(self._past.losses) - self._past.best_epoch >= self._settings.patience

    def _stop(self) -> None:
        """Ctrl-C: say what was saved and how to go on."""
        n_done = len(self._past.losses)
        done = f"stopped in epoch {n_done + 1} of {self._settings.epochs}"
        if self._folder is None or not n_done:
            raise KeyboardInterrupt(f"{done}; nothing was saved")
        where = f"the state after epoch {n_done} is in {fspath(self._folder)}"
        raise TrainingInterrupted(f"{done}; {where}: resume=True goes on from it")


def outputs_of(network: CategoryNetwork, rows: Coded) -> Tensor:
    """Return the outputs of every row, float32 (N, n_outputs) on the CPU, without dropout."""
    device, parts = network.output.weight.device, []
    with torch.no_grad():
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            ids, numbers = torch.from_numpy(rows.ids[part]).to(device), torch.from_numpy(rows.numbers[part]).to(device)
            parts.append(network(ids, numbers).cpu())
    return torch.cat(parts)


def _loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of classes; the mean square of standardised values."""
    if targets.dtype == torch.int64:
        return functional.cross_entropy(outputs, targets)
    return functional.mse_loss(outputs[:, 0], targets.to(outputs.dtype))
