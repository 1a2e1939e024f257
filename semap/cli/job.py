"""Files and settings in, a trained table on the disk and the facts of its making out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semap.cli.interrupts import interrupts
from semap.cli.opened import check_folder_writable
from semap.cli.reading import read
from semap.cli.watched import Watched
from semap.progress import progress_for

if TYPE_CHECKING:
    from semap.corpus.corpus import Corpus
    from semap.corpus.phrase_model import PhraseModel
    from semap.learn.learner import Learner
    from semap.table.table import Table

__all__ = ["Job"]


@dataclass(frozen=True)
class Job:
    """What `semap train` was asked to do.

    `form`: the format of `output`; `text`: the arguments of `read_text`; `phrases`: what joins its words, in order.
    """

    files: Sequence[str]
    output: Path
    form: str
    learner: Learner
    text: Mapping[str, Any]
    phrases: Sequence[PhraseModel]
    init: Table | None
    checkpoint: Path | None
    every: float
    resume: bool
    quantize: str | None
    quiet: bool

    def run(self) -> dict[str, Any]:
        """Read, train and save; returns what to tell, as JSON can hold it. Raises what these three do."""
        began = time.monotonic()
        corpus = self._read()
        read = time.monotonic()
        table, rate = self._train(corpus)
        trained = time.monotonic()
        self._save(table)
        seconds = {"reading": read - began, "training": trained - read, "saving": time.monotonic() - trained}
        return {
            "output": str(self.output),
            "format": self.form,
            "bytes": self.output.stat().st_size,
            "tokens": len(table),
            "dim": table.dim,
            "dtype": (self.quantize or table.dtype) if self.form == "semap" else "float32",
            **{name: table.metadata[name] for name in ("settings", "training", "corpus")},
            "words_per_second": rate,
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
        }

    def _read(self) -> Corpus:
        return read(self.files, self.text, self.phrases, self.learner.threads, self.quiet)

    def _train(self, corpus: Corpus) -> tuple[Table, float | None]:
        """The table, and words a second."""
        if self.checkpoint is not None:
            check_folder_writable(self.checkpoint)
        shown = Watched(progress_for(not self.quiet), interrupts)
        table = self.learner.fit(
            corpus, init=self.init, progress=shown, checkpoint=self.checkpoint, every=self.every, resume=self.resume
        )
        return table, shown.rate

    def _save(self, table: Table) -> None:
        from semap.formats.save import save

        interrupts.stage, interrupts.writing = f"writing {self.output}", True
        save(table if self.quantize is None else table.quantize(self.quantize), self.output, to=self.form)
