"""`semap tokenize`: texts in, a trained tokenizer out; or a tokenizer and texts in, their sub-words out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_writable
from semap.cli.options import AsJson, Quiet
from semap.cli.sheet import Sheet, show
from semap.cli.watched import Watched
from semap.progress import progress_for

if TYPE_CHECKING:
    from semap.tokenize.encoding import Encoding

__all__ = ["tokenize"]

_TEXTS_AT_ONCE = 1000


def tokenize(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="TOKENIZER [TEXT]...", help="A tokenizer.json, and texts; with --train files to learn from."),
    ],
    kind: Annotated[
        Literal["bpe", "wordpiece", "unigram", "word"] | None, typer.Option("--train", help="Learn a tokenizer of this kind.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where --train writes its tokenizer.json.")
    ] = None,
    vocab_size: Annotated[int, typer.Option(min=1, help="Tokens at most.")] = 30_000,
    min_count: Annotated[int, typer.Option(min=1, help="How often a merged pair, a word or a letter must come.")] = 2,
    lowercase: Annotated[bool, typer.Option(help="Lower-case all text.")] = False,
    normalize: Annotated[
        Literal["auto", "NFC", "NFKC", "NFD", "NFKD", "none"], typer.Option(help="auto: NFC, but none for bpe.")
    ] = "auto",
    files: Annotated[
        list[str] | None,
        typer.Option("--file", "-f", metavar="FILE", help='Texts from a file, one a line; "-" is standard input.'),
    ] = None,
    max_length: Annotated[int | None, typer.Option(min=1, help="Cut each text to so many tokens.")] = None,
    special: Annotated[bool, typer.Option("--special", help="Add what the tokenizer adds, as [CLS] and [SEP].")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Learn a tokenizer, or show how one splits texts.

    Without a TEXT and without --file, texts are read from standard input. --json prints one line for each text.

    \b
    Examples:
      semap tokenize --train bpe --vocab-size 30000 wiki.txt -o tok.json
      semap tokenize tok.json "some text"
      semap tokenize tok.json --file texts.txt --json
    """
    if kind is not None:
        if output is None:
            raise typer.BadParameter("--train needs -o FILE")
        settings: dict[str, Any] = {"vocab_size": vocab_size, "min_count": min_count, "lowercase": lowercase}
        settings["normalize"] = None if normalize == "none" else normalize
        _train(inputs, kind, output, settings, quiet, as_json)
        return
    if output is not None:
        raise typer.BadParameter("-o is the output of --train")
    _show(inputs[0], _texts(inputs[1:], files or []), max_length, special, as_json)


def _train(files: list[str], kind: Any, output: Path, settings: dict[str, Any], quiet: bool, as_json: bool) -> None:
    from semap.tokenize.tokenizer import Tokenizer

    check_writable(output, "tokenizer", [Path(name) for name in files])
    watch_compiling(quiet)
    source: Any = files[0] if len(files) == 1 else [Path(name) for name in files]
    trained = Tokenizer.train(source, kind=kind, progress=Watched(progress_for(not quiet), interrupts), **settings)
    interrupts.stage, interrupts.writing = f"writing {output}", True
    trained.save(output)
    facts = {
        "output": str(output), "kind": trained.kind, "tokens": trained.vocab_size, "fingerprint": trained.fingerprint(),
        "bytes": output.stat().st_size, **settings,
    }  # fmt: skip
    line = f"wrote {output}: {trained.kind}, {trained.vocab_size:,} tokens, {facts['bytes']:,} bytes"
    if as_json or not quiet:
        show(facts, [Sheet(("",), [(line,)])], as_json)


def _texts(given: list[str], files: list[str]) -> Iterator[str]:
    yield from given
    if not given and not files:
        files = ["-"]
    for name in files:
        from semap.text.source import Files, find_source
        from semap.tokenize.counting import lines_of

        found = find_source(Path(name), "replace")
        assert isinstance(found, Files)
        for lines, _ in lines_of(found.chunks()):
            yield from (line.decode() for line in lines)


def _show(name: str, texts: Iterator[str], max_length: int | None, special: bool, as_json: bool) -> None:
    from semap.tokenize.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(name)
    first = 0
    while batch := list(islice(texts, _TEXTS_AT_ONCE)):
        encodings = tokenizer.encode_batch(batch, special_tokens=special, max_length=max_length)
        if as_json:
            for text, encoding in zip(batch, encodings, strict=True):
                show(_document(text, encoding), [], True)
        else:
            rows = [row for number, encoding in enumerate(encodings, first) for row in _rows(number, encoding)]
            sheet = Sheet(("text", "token", "id", "from", "to"), rows, right=frozenset({0, 2, 3, 4}), headings=first == 0)
            show({}, [sheet], False)
        first += len(batch)


def _rows(number: int, encoding: Encoding) -> Iterator[tuple[str, ...]]:
    for token, token_id, (start, end) in zip(encoding.tokens, encoding.ids.tolist(), encoding.offsets.tolist(), strict=True):
        yield str(number), token, str(token_id), str(start), str(end)


def _document(text: str, encoding: Encoding) -> dict[str, Any]:
    return {
        "text": text, "tokens": encoding.tokens, "ids": encoding.ids.tolist(), "offsets": encoding.offsets.tolist(),
        "special": encoding.special.tolist(), "cut": encoding.n_cut,
    }  # fmt: skip
