"""`semap dimensions`: texts and sizes in, how good, how slow and how large a table of each size is, out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semap.cli import train_options as options
from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable
from semap.cli.options import AsJson, Quiet
from semap.cli.sheet import Sheet, show
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.evaluate.size_report import DimensionsReport
    from semap.learn.learner import Learner

__all__ = ["dimensions"]

_TOKENS = 50_000


def _sizes(text: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"{text!r} is no list of whole numbers from 1, such as 8,16,32")
    return tuple(map(int, parts))


def dimensions(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILES]", help='Texts, one a line: files, folders, globs, "-" for standard input.'),
    ] = None,
    dims: Annotated[Any, typer.Option("--dims", parser=_sizes, metavar="N,N,...", help="The sizes.")] = "8,16,32,64,128,256",
    known: Annotated[bool, typer.Option("--known", help="Show the sizes of well-known models instead.")] = False,
    output: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", metavar="OUT", help="Write a .json table or an .svg plot; can be repeated."),
    ] = None,
    analogies: Annotated[
        Path | None, typer.Option("--analogies", metavar="FILE", help="Questions as in questions-words.txt.")
    ] = None,
    similarity: Annotated[
        Path | None, typer.Option("--similarity", metavar="FILE", help="Lines of two words and a number.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Ask analogies among the so many most frequent words.")] = 30_000,
    held_out: Annotated[float, typer.Option("--held-out", help="The share of the text to measure the loss on.")] = 0.1,
    model: options.Model = "skipgram",
    window: options.Window = 5,
    negatives: options.Negatives = 5,
    sample: options.Sample = 1e-3,
    learning_rate: options.LearningRate = None,
    epochs: options.Epochs = 5,
    threads: options.Threads = 0,
    seed: options.Seed = 1,
    min_count: options.MinCount = 5,
    max_size: options.MaxSize = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train a text at several sizes: how many dimensions does it need?

    Shows the loss on the end of the text, which is left out of training, training time and bytes, with gold files the scores
    too, and from which size on more stops paying. Too many dimensions show as a loss that rises again.

    \b
    Examples:
      semap dimensions wiki.txt --dims 8,16,32,64,128,256
      semap dimensions wiki.txt --analogies questions-words.txt -o sizes.svg -o sizes.json
      semap dimensions --known
    """
    outputs = output or []
    if known:
        if files or outputs:
            raise typer.BadParameter("--known takes no text and writes no file")
        _show_known(as_json)
        return
    if not files:
        raise typer.BadParameter("give a text, or --known")
    _check_outputs(outputs, files)
    watch_compiling(quiet)
    from semap.corpus.read import read_text
    from semap.evaluate.sizes import dimensions as measure

    settings = {"window": window, "negatives": negatives, "sample": sample, "epochs": epochs, "threads": threads, "seed": seed}
    learner = _learner(model, settings if learning_rate is None else {**settings, "learning_rate": learning_rate})
    interrupts.stage = "reading"
    source = files[0] if len(files) == 1 else [Path(name) for name in files]
    corpus = read_text(source, min_count=min_count, max_size=max_size, threads=threads, progress=not quiet)
    interrupts.stage = "training"
    report = measure(
        corpus, dims=dims, learner=learner, analogies=analogies, similarity=similarity, top=top, held_out=held_out,
        threads=threads, progress=not quiet,
    )  # fmt: skip
    for path in outputs:
        interrupts.stage, interrupts.writing = f"writing {path}", True
        _write(report, path)
    if as_json or not (quiet and outputs):
        right = frozenset(range(len(report.columns())))
        sheet = Sheet(report.columns(), report.rows(), right=right, headings=True, notes=report.notes())
        show(report.as_dict(), [sheet], as_json)


def _check_outputs(outputs: list[Path], files: list[str]) -> None:
    for path in outputs:
        if path.suffix.lower() not in (".json", ".svg"):
            raise SettingsError(f"{path}: its ending must be .json, for a table, or .svg, for a plot")
        check_writable(path, "", map(Path, files))


def _learner(model: str, settings: dict[str, Any]) -> Learner:
    from semap.learn.cbow import CBOW
    from semap.learn.skipgram import SkipGram

    return CBOW(**settings) if model == "cbow" else SkipGram(**settings)


def _write(report: DimensionsReport, path: Path) -> None:
    from semap.storage.atomic import atomic_file

    text = report.svg() if path.suffix.lower() == ".svg" else report.to_json() + "\n"
    with atomic_file(path) as file:
        file.write(text.encode())


def _show_known(as_json: bool) -> None:
    from semap.evaluate.known_sizes import KNOWN_SIZES

    facts = [each.as_dict(_TOKENS) for each in KNOWN_SIZES]
    rows = [
        (each["name"], _span(each["dims"], _whole), *(_span(ends, _megabytes) for ends in each["bytes"].values()), each["note"])
        for each in facts
    ]
    columns = ("model", "dimensions", "float32 MB", "float16 MB", "int8 MB", "")
    notes = [f"megabytes of {_TOKENS:,} tokens; a row of int8 has its float32 scale beside it"]
    sheet = Sheet(columns, rows, right=frozenset(range(1, 5)), headings=True, notes=notes)
    show({"tokens": _TOKENS, "known": facts}, [sheet], as_json)


def _span(ends: list[int], written: Any) -> str:
    least, most = map(written, ends)
    return least if least == most else f"{least}-{most}"


def _whole(number: int) -> str:
    return f"{number:,}"


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f}"
