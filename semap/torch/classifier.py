"""Settings in, a learner out whose `fit` turns texts and labels into a TextModel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from semap.errors import SettingsError, ShapeError
from semap.parallel.crew import thread_count
from semap.progress import Progress
from semap.settings import flag, real, whole
from semap.table.table import Table
from semap.text.splitter import Splitter

if TYPE_CHECKING:
    from semap.torch.embedding_layer import Positions
    from semap.torch.text_model import TextModel

__all__ = ["Architecture", "TextClassifier", "Validation"]

Architecture = Literal["average", "transformer"]
Validation: TypeAlias = float | tuple[Iterable[str], Iterable[Any]] | None
_DIM = 100
_ELSEWHERE = ("pretrained", "splitter", "threads", "device")  # not among the settings that JSON holds


@dataclass(frozen=True, kw_only=True)
class TextClassifier:
    """A classifier of texts learned end to end, from a Table's rows or random ones; `TextClassifier(...).fit(texts, labels)`.

    architecture: "average", the mean of the words' rows beside the mean of hashed n-grams' rows and one linear layer, as
    fastText has it (Joulin et al. 2016); or "transformer", a small pre-norm encoder in the place of that mean.
    pretrained: a Table to start from, whose other words are known too; None for random rows. frozen: its rows stay as they are.
    dim: length D of the rows; with `pretrained` the table's, but a transformer may be of another width (a projection is learned).
    word_ngrams: the longest n-gram of words, 1 for none; char_ngrams: (shortest, longest) n-gram of letters or None, which tell
    something of words that have no row. Both are hashed into `buckets` and have rows of `ngram_dim`, whose mean stands beside the
    text's vector. With frozen rows single words are hashed too, so that something can be learned of each.
    log_count_ratios: the rows of n-grams start from how much more often each class has them (Wang and Manning 2012), not at
    random; often better where there are some thousand texts, and quicker.
    epochs, batch_size, learning_rate: Adam's, falling linearly to 0. dropout: share of the numbers zeroed in training;
    word_dropout: share of the words and n-grams left out of a text in training.
    layers, heads, positions, max_length: of the transformer. patience: stop after so many epochs without a better validation,
    None for never. splitter: None for the table's own (metadata "text"), or Splitter(). seed: from 0.
    threads: of torch while it trains, 0 for every CPU of this process. device: a name of torch, never chosen for you.

    Raises SettingsError. On the CPU, equal data, settings, seed, `threads` and torch version give equal bits; another number of
    threads or a GPU adds in another order and gives about the same model. torch's global generator is not used.
    """

    architecture: Architecture = "average"
    dim: int | None = None
    word_ngrams: int = 2
    char_ngrams: tuple[int, int] | None = None
    buckets: int = 2_000_000
    ngram_dim: int = 32
    log_count_ratios: bool = False
    epochs: int = 10
    learning_rate: float = 1e-3
    batch_size: int = 32
    dropout: float = 0.3
    word_dropout: float = 0.3
    layers: int = 2
    heads: int = 4
    positions: Positions | None = "sinusoidal"
    max_length: int = 512
    patience: int | None = 5
    pretrained: Table | None = None
    frozen: bool = False
    splitter: Splitter | None = None
    seed: int = 1
    threads: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for field in ("word_ngrams", "buckets", "ngram_dim", "epochs", "batch_size", "layers", "heads", "max_length"):
            self._keep(field, whole(field, getattr(self, field), 1, 2**31 - 1))
        self._keep("seed", whole("seed", self.seed, 0, 2**31 - 1))
        for field in ("dim", "patience"):
            if getattr(self, field) is not None:
                self._keep(field, whole(field, getattr(self, field), 1, 2**31 - 1))
        for field in ("learning_rate", "dropout", "word_dropout"):
            self._keep(field, real(field, getattr(self, field)))
        for field in ("dropout", "word_dropout"):
            if getattr(self, field) >= 1:
                raise SettingsError(f"{field} is {getattr(self, field)}, which leaves nothing; give a share below 1")
        if self.learning_rate == 0:
            raise SettingsError("learning_rate is 0, so nothing would be learned")
        if self.architecture not in get_args(Architecture):
            raise SettingsError(f'architecture is {self.architecture!r}; give "average" or "transformer"')
        if self.positions not in (None, "sinusoidal", "learned"):
            raise SettingsError(f'positions is {self.positions!r}; give None, "sinusoidal" or "learned"')
        for field in ("frozen", "log_count_ratios"):
            self._keep(field, flag(field, getattr(self, field)))
        self._keep("threads", whole("threads", self.threads, 0))
        thread_count(self.threads)
        self._check_table()
        self._check_widths()

    def fit(
        self,
        texts: Iterable[str],
        labels: Iterable[Any],
        *,
        validation: Validation = None,
        progress: bool | Progress = False,
        checkpoint: str | PathLike[str] | None = None,
        resume: bool = False,
    ) -> TextModel:
        """Learn from N texts and their N labels (str or whole numbers) and return a TextModel.

        validation: (texts, labels) or the share of the texts to hold back for it; the model is that of the best epoch on it
        (accuracy, then loss), and `patience` counts from there. Without it the last epoch is the model.
        checkpoint: a folder that gets the state after every epoch; resume=True goes on from it, to the same bits as an unbroken
        run with the same `threads`, or begins where nothing was saved.
        Raises ShapeError (texts and labels of different numbers), SettingsError (one class only, a label of another kind, a
        device that is not there), BadText, EmptyCorpus, TrainingDiverged, CheckpointError, CannotWrite, and TrainingInterrupted
        after a Ctrl-C where there is a checkpoint. SemapWarning counts texts without a known word and texts that are cut.
        """
        from semap.torch.fitting import fit

        if resume and checkpoint is None:
            raise SettingsError("resume needs the folder of the checkpoint; give checkpoint=...")
        return fit(self, texts, labels, validation, progress, checkpoint, resume)

    def settings(self) -> dict[str, Any]:
        """Return what decides the result and JSON can hold: all fields but the table, the splitter, `threads` and `device`."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _ELSEWHERE}

    @property
    def row_dim(self) -> int:
        """D, the length of the words' rows."""
        return self.pretrained.dim if self.pretrained is not None else (self.dim or _DIM)

    def _check_table(self) -> None:
        if self.pretrained is not None and not isinstance(self.pretrained, Table):
            raise SettingsError(f"pretrained is {type(self.pretrained).__name__}; give a Table (semap.load opens one) or None")
        if self.splitter is not None and not isinstance(self.splitter, Splitter):
            raise SettingsError(f"splitter is {type(self.splitter).__name__}; give a Splitter or None")
        if self.frozen and self.pretrained is None:
            raise SettingsError("frozen rows need a table: random rows that are never trained tell nothing; give pretrained=...")
        if self.char_ngrams is not None:
            pair = self.char_ngrams
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise SettingsError(f"char_ngrams is {pair!r}; give (shortest, longest) or None")
            shortest = whole("the shortest of char_ngrams", pair[0], 1, 64)
            self._keep("char_ngrams", (shortest, whole("the longest of char_ngrams", pair[1], shortest, 64)))

    def _check_widths(self) -> None:
        if self.architecture == "average" and self.dim not in (None, self.row_dim):
            raise ShapeError(
                f"dim is {self.dim}, the rows of the table have {self.row_dim}; leave dim out, or take table.reduce({self.dim})"
            )
        width = self.dim or self.row_dim
        if self.architecture == "transformer" and width % self.heads:
            raise SettingsError(f"{self.heads} heads cannot share {width} dimensions evenly; give dim a multiple of heads")

    def _keep(self, field: str, value: object) -> None:
        """Put the checked value in the place of the given one, in spite of being frozen."""
        object.__setattr__(self, field, value)
