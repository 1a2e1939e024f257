"""`semap phrases`: texts in, the pairs of words that belong together out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from semap.cli import train_options as options
from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable
from semap.cli.options import AsJson, Quiet
from semap.cli.reading import read
from semap.cli.sheet import Sheet, show
from semap.cli.watched import Watched
from semap.progress import progress_for

if TYPE_CHECKING:
    from semap.corpus.phrase_model import PhraseModel

__all__ = ["phrases"]

_THRESHOLDS = {"default": 10.0, "npmi": 0.5}


def phrases(
    files: options.Files,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT", help="Where they go, for --phrases of semap train.")
    ] = None,
    min_count: Annotated[int, typer.Option(help="Pairs that come less often are no phrases.")] = 5,
    threshold: Annotated[
        float | None, typer.Option(help="A pair is a phrase above this score.", show_default="10; 0.5 for npmi")
    ] = None,
    scoring: Annotated[
        Literal["default", "npmi"],
        typer.Option(help="That of word2phrase and gensim, or normalised mutual information, from -1 to 1."),
    ] = "default",
    connectors: Annotated[
        str, typer.Option(metavar="WORD,WORD", help='Words that stand inside of phrases only, as "of,the".')
    ] = "",
    delimiter: Annotated[str, typer.Option(help="Stands between the words of a phrase.")] = "_",
    after: Annotated[
        list[Path] | None,
        typer.Option("--after", metavar="PHRASES", help="Join these first, to find longer ones; may be given again."),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="Show so many of them.")] = 20,
    split: options.Split = "words",
    lowercase: options.Lowercase = True,
    normalize: options.Normalize = "NFC",
    errors: options.Errors = "replace",
    threads: options.Threads = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Find words that come together more often than chance, as new york.

    \b
    Examples:
      semap phrases wiki.txt -o wiki.phrases
      semap phrases wiki.txt --after wiki.phrases -o longer.phrases
      semap phrases wiki.txt --scoring npmi --connectors of,the,and --top 50
      semap train wiki.txt -o wiki.semap --phrases wiki.phrases --phrases longer.phrases
    """
    from semap.corpus.phrase_model import PhraseModel
    from semap.corpus.phrases import Phrases

    settings: dict[str, Any] = {"min_count": min_count, "scoring": scoring, "delimiter": delimiter, "threads": threads}
    settings["threshold"] = _THRESHOLDS[scoring] if threshold is None else threshold
    finder = Phrases(connectors=[word for word in connectors.split(",") if word], **settings)
    if output is not None:
        check_writable(output, "phrases", [*(Path(name) for name in files), *(after or [])])
    before = [PhraseModel.load(path) for path in after or []]
    watch_compiling(quiet)
    text: dict[str, Any] = {"min_count": 1, "max_size": None, "split": split, "lowercase": lowercase, "errors": errors}
    text["normalize"] = None if normalize == "none" else normalize
    corpus = read(files, text, before, threads, quiet)
    found = finder.fit(corpus, progress=Watched(progress_for(not quiet), interrupts))
    if output is not None:
        interrupts.stage, interrupts.writing = f"writing {output}", True
        found.save(output)
    if as_json or not quiet:
        _tell(found, output, top, as_json)


def _tell(found: PhraseModel, output: Path | None, top: int, as_json: bool) -> None:
    best = [
        {"phrase": found.delimiter.join(words), "score": score, "count": count}
        for words, score, count in zip(
            found.words_of_phrases()[:top], found.scores[:top].tolist(), found.counts[:top].tolist(), strict=True
        )
    ]
    facts = {
        "output": None if output is None else str(output), "found": len(found), "settings": found.settings,
        "corpus": found.facts, "phrases": best,
    }  # fmt: skip
    rows = [(str(each["phrase"]), f"{each['score']:,.2f}", f"{each['count']:,}") for each in best]
    told = f"{len(found):,} phrases among {found.facts['pairs']:,} different pairs"
    notes = [told if output is None else f"{told}, written to {output}"]
    columns = ("phrase", "score", "count")
    show(facts, [Sheet(columns, rows, right=frozenset({1, 2}), headings=True, notes=notes)], as_json)
