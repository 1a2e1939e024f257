"""Names of files, phrases and the settings of a text in, the corpus to learn from out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semap.cli.interrupts import interrupts
from semap.cli.watched import Watched
from semap.errors import FileMissing
from semap.progress import progress_for

if TYPE_CHECKING:
    from semap.corpus.corpus import Corpus
    from semap.corpus.phrase_model import PhraseModel

__all__ = ["read"]


def read(
    files: Sequence[str], text: Mapping[str, Any], phrases: Sequence[PhraseModel], threads: int, quiet: bool
) -> Corpus:  # fmt: skip
    """Read a text and join its phrases, those of the first model first.

    text: the arguments of `read_text`; min_count and max_size are of the tokens after phrases are joined: words that are rare
    in the text are none that stand side by side for want of those between them. Raises what `read_text` and `apply` do.
    """
    from semap.corpus.read import read_text

    if not all(files):
        raise FileMissing("the name of a file is empty")
    interrupts.stage = "reading"
    source = files[0] if len(files) == 1 else [Path(name) for name in files]
    shown = Watched(progress_for(not quiet), interrupts)
    last = {name: text[name] for name in ("min_count", "max_size")}
    first = {"min_count": 1, "max_size": None} if phrases else last
    corpus = read_text(source, threads=threads, progress=shown, **{**text, **first})
    for number, model in enumerate(phrases, 1):
        interrupts.stage = "joining phrases"
        corpus = model.apply(corpus, threads=threads, **(last if number == len(phrases) else first))
    return corpus
