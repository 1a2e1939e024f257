"""Settings in, a learner out that makes the products of vectors the logarithms of co-occurrence."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

from semap.corpus.blocks import Blocks
from semap.counts.cooccurrence import MEMORY
from semap.errors import EmptyCorpus, SettingsError
from semap.learn.checkpoint import minutes_between
from semap.parallel.crew import thread_count
from semap.progress import Progress
from semap.settings import flag, real, whole
from semap.table.table import Table

__all__ = ["GloVe"]


@dataclass(frozen=True, kw_only=True)
class GloVe:
    """GloVe: vectors whose products are the logarithms of how often words stand near each other; `GloVe(...).fit(corpus)`.

    Pennington, Socher, Manning 2014, GloVe: Global Vectors for Word Representation: co-occurrence is counted once
    (`semap.cooccurrence`), then f(x) (w . c + b + b' - ln x)^2 / 2 is lowered over all cells x that are not 0, f(x) =
    min(1, (x / x_max) ** alpha) (equations 8 and 9), by AdaGrad steps as the original glove.c takes them: the sums of squares
    begin at 1, slopes are cut to 100. Unlike it, the same bits come out for any number of threads: cells are dealt into blocks
    of words x contexts of which those of one turn share no row; turns, and the cells of a block, come in an order drawn
    anew for every epoch. Numbers are float32 where it has float64, and a slope that is no number is an error, not left out.

    dim: length D of the vectors. window, symmetric, distance_weighting: see `semap.cooccurrence`. x_max, alpha: of f; on
    17 M words an x_max of 10 was better by every score. learning_rate: of AdaGrad, the same from first to last. epochs: how
    often all cells are trained. vectors: "sum" of the vectors of a word as word and as context, the tool's and the paper's
    choice, or "words" only. memory: bytes for the cells; what is more goes to temporary files, to the same result. threads: 0 for
    every CPU of the process; never changes the result. seed: from 0. Raises SettingsError.
    """

    dim: int = 100
    window: int = 10
    x_max: float = 100.0
    alpha: float = 0.75
    learning_rate: float = 0.05
    epochs: int = 25
    symmetric: bool = True
    distance_weighting: bool = True
    vectors: Literal["sum", "words"] = "sum"
    memory: int = MEMORY
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in {"dim": 1, "window": 1, "epochs": 1, "threads": 0, "seed": 0}.items():
            self._keep(name, whole(name, getattr(self, name), least))
        self._keep("memory", whole("memory", self.memory, 1, 2**62))
        thread_count(self.threads)
        for name in ("x_max", "alpha", "learning_rate"):
            self._keep(name, real(name, getattr(self, name), above=name != "alpha"))
        for name in ("symmetric", "distance_weighting"):
            self._keep(name, flag(name, getattr(self, name)))
        if self.vectors not in ("sum", "words"):
            raise SettingsError(f"vectors is {self.vectors!r}; GloVe gives 'sum', of words and contexts, or 'words'")

    def fit(
        self,
        corpus: Blocks,
        *,
        progress: bool | Progress = False,
        checkpoint: str | PathLike[str] | None = None,
        every: float = 10.0,
        resume: bool = False,
    ) -> Table:
        """Learn from a Corpus (or other Blocks) and return a Table of its vocabulary, float32 (V, D).

        checkpoint: a folder that gets the state every `every` minutes and at Ctrl-C; resume=True counts again and goes on from
        it, to the same bits as an unbroken run, or begins where nothing was saved. `metadata["training"]` holds the mean of
        f(x) diff^2 / 2 over the cells of each epoch, as the original prints it, and how many cells there are.
        Raises EmptyCorpus, SettingsError, TrainingDiverged, CheckpointError, CannotWrite, and TrainingInterrupted after a Ctrl-C
        that was saved (KeyboardInterrupt where there is no checkpoint folder).
        """
        from semap.learn.descent import Descent

        if not hasattr(corpus, "read") or not hasattr(corpus, "n_tokens"):
            raise SettingsError(f"fit takes a Corpus, not {type(corpus).__name__}; semap.read_text(...) makes one")
        seconds = 60 * minutes_between(every, checkpoint, resume)
        if corpus.n_tokens == 0:
            raise EmptyCorpus("the corpus holds no token, so there is nothing to learn from; give texts, or lower min_count")
        return Descent(self, corpus, checkpoint, seconds).run(progress, resume)

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads` and `memory`."""
        fields = dataclasses.asdict(self)
        del fields["threads"], fields["memory"]
        return {"learner": type(self).__name__, **fields}

    def _keep(self, name: str, value: object) -> None:
        """Put the checked value in the place of the given one, in spite of being frozen."""
        object.__setattr__(self, name, value)
