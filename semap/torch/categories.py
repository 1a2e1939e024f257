"""Settings in, a learner out whose `fit` turns rows of categories and a target into one Table a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, get_args

from semap.errors import SettingsError
from semap.parallel.crew import thread_count
from semap.progress import Progress
from semap.settings import real, whole

if TYPE_CHECKING:
    from semap.torch.category_model import CategoryModel

__all__ = ["CategoryEmbeddings", "Task"]

Task = Literal["auto", "classification", "regression"]
_ELSEWHERE = ("threads", "device")
_MOST = 2**31 - 1
_LARGEST_AUTO = 50


@dataclass(frozen=True, kw_only=True)
class CategoryEmbeddings:
    """A vector for each category of each column, learned end to end while a small network predicts a target from them.

    Guo and Berkhahn 2016, Entity Embeddings of Categorical Variables, with these differences: each column has a row for what is
    unknown, learned by hiding categories at random; numbers stand beside the vectors, standardised; and dropout.
    dims: length of a column's vectors: one for all, a dict by column (the others "auto"), or "auto": half as many as there are
    categories, 50 at most (a rule of thumb; the paper chose by hand).
    task: "classification" (target: text, True and False, whole numbers), "regression" (numbers), or "auto": regression
    for floats, classification for text and for whole numbers of 20 kinds at most, an error for more.
    numbers: names of the columns that are numbers; None for those of floats. All others are categories: text, whole numbers, True
    and False, by their text, so that 5 and "5" are the same. min_count: rarer categories share the row "<unknown>".
    unknown_share: share of the categories hidden in training. hidden: widths of the network's layers.
    epochs, batch_size, learning_rate: Adam's, falling linearly to 0. dropout: share of the numbers zeroed in training.
    patience: stop after so many epochs without a better validation, None for never. seed: from 0. threads: of torch, 0 for every
    CPU of this process. device: a name of torch, never chosen for you.

    Raises SettingsError. On the CPU, equal data, settings, seed, `threads` and torch version give equal bits; another number of
    threads or a GPU adds in another order and gives about the same model. torch's global generator is not used.
    """

    dims: Literal["auto"] | int | Mapping[str, int] = "auto"
    task: Task = "auto"
    numbers: Sequence[str] | None = None
    min_count: int = 1
    unknown_share: float = 0.05
    hidden: Sequence[int] = (128, 64)
    epochs: int = 20
    learning_rate: float = 3e-3
    batch_size: int = 128
    dropout: float = 0.1
    patience: int | None = 5
    seed: int = 1
    threads: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for field in ("min_count", "epochs", "batch_size"):
            self._keep(field, whole(field, getattr(self, field), 1, _MOST))
        self._keep("seed", whole("seed", self.seed, 0, _MOST))
        if self.patience is not None:
            self._keep("patience", whole("patience", self.patience, 1, _MOST))
        for field in ("learning_rate", "dropout", "unknown_share"):
            self._keep(field, real(field, getattr(self, field)))
        for field in ("dropout", "unknown_share"):
            if getattr(self, field) >= 1:
                raise SettingsError(f"{field} is {getattr(self, field)}, which leaves nothing; give a share below 1")
        if self.learning_rate == 0:
            raise SettingsError("learning_rate is 0, so nothing would be learned")
        if self.task not in get_args(Task):
            raise SettingsError(f"task is {self.task!r}; choose one of {', '.join(map(repr, get_args(Task)))}")
        self._check_lists()
        self._keep("threads", whole("threads", self.threads, 0))
        thread_count(self.threads)

    def fit(
        self,
        rows: Any,
        *,
        target: Any,
        validation: float | tuple[Any, Any] | None = None,
        progress: bool | Progress = False,
        checkpoint: str | PathLike[str] | None = None,
        resume: bool = False,
    ) -> CategoryModel:
        """Learn from N rows and return a CategoryModel: `tables` by column, `predict`, `save`.

        rows: dicts, a dict of columns, a NumPy array with named fields, or a data frame; None and NaN are missing values.
        target: the name of a column, or N values. validation: the share of the rows to hold back (one of each class stays), or
        (rows, target): the model is that of the epoch with the least loss there, and `patience` counts from it.
        checkpoint: a folder that gets the state after every epoch; resume=True goes on from it, to the same bits as an unbroken
        run with the same `threads`, or begins where nothing was saved.
        Raises SettingsError (no row, no column of categories, one class only, a value of another kind), ShapeError (columns,
        rows or target that do not fit each other), MissingExtra, TrainingDiverged, CheckpointError, CannotWrite, and
        TrainingInterrupted after a Ctrl-C where there is a checkpoint. SemapWarning counts missing values and, in the
        validation, unknown categories.
        """
        from semap.torch.category_fitting import fit

        if resume and checkpoint is None:
            raise SettingsError("resume needs the folder of the checkpoint; give checkpoint=...")
        return fit(self, rows, target, validation, progress, checkpoint, resume)

    def settings(self) -> dict[str, Any]:
        """Return what decides the result and JSON can hold: all fields but `threads` and `device`."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _ELSEWHERE}

    def dim_of(self, column: str, n_categories: int) -> int:
        """Return the length of the vectors of a column with so many categories."""
        dims = self.dims.get(column, "auto") if isinstance(self.dims, Mapping) else self.dims
        return min(_LARGEST_AUTO, (n_categories + 1) // 2) or 1 if dims == "auto" else int(dims)

    def _check_lists(self) -> None:
        if isinstance(self.dims, Mapping):
            self._keep("dims", {name: whole(f"dims[{name!r}]", dim, 1, _MOST) for name, dim in self.dims.items()})
        elif self.dims != "auto":
            self._keep("dims", whole("dims", self.dims, 1, _MOST))
        if not isinstance(self.hidden, list | tuple):
            raise SettingsError(f"hidden is {self.hidden!r}; give the widths of the layers, as (128, 64), or () for none")
        self._keep("hidden", tuple(whole("a width of hidden", width, 1, _MOST) for width in self.hidden))
        if self.numbers is not None:
            several = isinstance(self.numbers, Iterable) and not isinstance(self.numbers, str | bytes)
            if not several or not all(isinstance(name, str) for name in self.numbers):
                raise SettingsError(f"numbers is {self.numbers!r}; give a list of names of columns, or None")
            self._keep("numbers", tuple(self.numbers))

    def _keep(self, field: str, value: object) -> None:
        """Put the checked value in the place of the given one, in spite of being frozen."""
        object.__setattr__(self, field, value)
