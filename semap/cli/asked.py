"""The arguments of `semap train` or `semap glove` as they were given in, a Job out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from semap.cli.job import Job
from semap.cli.opened import check_writable, format_for, open_table
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.corpus.phrase_model import PhraseModel
    from semap.learn.glove import GloVe
    from semap.learn.learner import Learner
    from semap.table.table import Table
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["Asked"]

_MINUTES = 10.0
_LEARNER = (
    "dim", "window", "negatives", "sample", "ns_exponent", "learning_rate", "epochs", "objective", "fixed_window",
    "lanes", "block", "pool", "threads", "seed", "keep_output", "compat",
    "subwords", "buckets", "compact", "hashes",
)  # fmt: skip
_GLOVE = (
    "dim", "window", "x_max", "alpha", "learning_rate", "epochs", "symmetric", "distance_weighting", "vectors", "memory",
    "threads", "seed",
)  # fmt: skip
_TEXT = ("min_count", "max_size", "split", "lowercase", "normalize", "errors")


@dataclass(frozen=True)
class Asked:
    """`values`: what was given or is the default, by the name of the parameter; None where it was not given."""

    values: Mapping[str, Any]

    def check_usage(self) -> None:
        """Raise typer.BadParameter for options that lack another one."""
        for name in ("resume", "every"):
            if self.values[name] and self.values["checkpoint"] is None:
                raise typer.BadParameter(f"--{name} needs --checkpoint DIR")
        if self.values["init_ids"] is not None and self.values["init"] is None:
            raise typer.BadParameter("--init-ids needs --init TABLE")

    def job(self) -> Job:
        """Return what is to be done, all of it checked that can be before the text is read.

        Raises SettingsError, CannotWrite, and what opening `init` does.
        """
        asked = self.values
        form = format_for(asked["output"], None)
        init = None if asked["init"] is None else open_table(asked["init"], asked["init_ids"], searching=True)
        learner = self._learner(init)
        models = _phrases(asked["phrases"] or [])
        text: dict[str, Any] = {name: None if asked[name] == "none" else asked[name] for name in _TEXT}
        if asked["tokenizer"] is not None:
            text["tokenizer"] = _tokenizer(asked["tokenizer"])
        read = [*filter(None, [asked["tokenizer"]]), *(asked["phrases"] or [])]
        check_writable(asked["output"], form, chain(_files_of(asked["files"]), read))
        return Job(
            files=asked["files"],
            output=asked["output"],
            form=form,
            learner=learner,
            text=text,
            phrases=models,
            init=init,
            checkpoint=asked["checkpoint"],
            every=_MINUTES if asked["every"] is None else asked["every"],
            resume=asked["resume"],
            quantize=asked["quantize"],
            quiet=asked["quiet"],
        )

    def _learner(self, init: Table | None) -> Learner | GloVe:
        from semap.learn.cbow import CBOW
        from semap.learn.glove import GloVe
        from semap.learn.skipgram import SkipGram

        if self.values["model"] == "glove":
            return GloVe(**{name: self.values[name] for name in _GLOVE})
        settings = {name: self.values[name] for name in _LEARNER if self.values[name] is not None}
        if init is not None:
            settings.setdefault("dim", init.dim)
        if self.values["model"] == "cbow":
            return CBOW(**settings)
        if settings.get("compat") == "word2vec":
            raise SettingsError("--compat word2vec is a setting of --model cbow")
        return SkipGram(**settings)


def _phrases(paths: Sequence[Path]) -> list[PhraseModel]:
    from semap.corpus.phrase_model import PhraseModel

    return [PhraseModel.load(path) for path in paths]


def _tokenizer(path: Path) -> Tokenizer:
    from semap.tokenize.tokenizer import Tokenizer

    return Tokenizer.load(path)


def _files_of(names: Sequence[str]) -> Iterator[Path]:
    """The files that will be read for these names of files, folders and patterns. Raises what `find_source` does."""
    from semap.text.opened import STANDARD_INPUT
    from semap.text.source import Files, find_source

    for name in filter(None, names):  # an empty one is refused when they are read
        found = find_source(Path(name), "replace")
        if isinstance(found, Files):
            yield from (Path(path) for path in found.paths if path != STANDARD_INPUT)
