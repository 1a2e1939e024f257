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
    from semap.learn.glove import GloVe
    from semap.learn.learner import Learner
    from semap.table.table import Table

__all__ = ["Job", "summary"]


@dataclass(frozen=True)
class Job:
    """What `semap train` or `semap glove` was asked to do.

    `form`: the format of `output`; `text`: the arguments of `read_text`; `phrases`: what joins its words, in order.
    """

    files: Sequence[str]
    output: Path
    form: str
    learner: Learner | GloVe
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
        table, shown = self._train(corpus)
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
            f"{shown.unit}_per_second": shown.rate,
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
        }

    def _read(self) -> Corpus:
        return read(self.files, self.text, self.phrases, self.learner.threads, self.quiet)

    def _train(self, corpus: Corpus) -> tuple[Table, Watched]:
        """The table, and what measured the speed."""
        if self.checkpoint is not None:
            check_folder_writable(self.checkpoint)
        shown = Watched(progress_for(not self.quiet), interrupts)
        start = {} if self.init is None else {"init": self.init}  # GloVe begins anew
        table = self.learner.fit(
            corpus, progress=shown, checkpoint=self.checkpoint, every=self.every, resume=self.resume, **start
        )
        return table, shown

    def _save(self, table: Table) -> None:
        from semap.formats.save import save

        interrupts.stage, interrupts.writing = f"writing {self.output}", True
        save(table if self.quantize is None else table.quantize(self.quantize), self.output, to=self.form)


def summary(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return lines that tell what was done, of what `Job.run` returned."""
    seconds = facts["seconds"]
    rows = [
        ("wrote", f"{facts['output']}, {facts['bytes']:,} bytes, {facts['format']}"),
        ("table", f"{facts['tokens']:,} tokens x {facts['dim']} {facts['dtype']}"),
        ("loss by epoch", "  ".join(f"{loss:.4f}" for loss in facts["training"]["losses"])),
        ("seconds", ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())),
    ]
    for unit in ("words", "cells"):
        speed = facts.get(f"{unit}_per_second")
        if speed is not None:
            rows.append((f"{unit} a second", f"{speed:,.0f}"))
    return rows
