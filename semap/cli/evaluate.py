"""`semap evaluate`: a table and gold files in, how well its vectors agree with them out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from semap.cli.interrupts import interrupts
from semap.cli.opened import open_table
from semap.cli.options import AsJson, Ids, Method, TableName
from semap.cli.sheet import Sheet, show

if TYPE_CHECKING:
    from semap.evaluate.analogy_scores import AnalogyScores, SectionScore
    from semap.evaluate.similarity_scores import SimilarityScores

__all__ = ["evaluate"]

_NO_FILES: list[Path] = []


def evaluate(
    table: TableName,
    analogies: Annotated[
        list[Path],
        typer.Option("--analogies", metavar="FILE", help="Questions as in questions-words.txt; can be repeated."),
    ] = _NO_FILES,
    similarity: Annotated[
        list[Path],
        typer.Option("--similarity", metavar="FILE", help="Lines of two words and a number; can be repeated."),
    ] = _NO_FILES,
    top: Annotated[int | None, typer.Option(min=1, help="Ask analogies among the so many most frequent words only.")] = None,
    method: Method = "add",
    oov: Annotated[
        Literal["skip", "wrong"],
        typer.Option(help="Unknown words: leave out, or count as wrong (a pair: as cosine 0)."),
    ] = "skip",
    lowercase: Annotated[
        bool | None,
        typer.Option("--lowercase/--no-lowercase", help="Of the gold words.", show_default="as the table's text"),
    ] = None,
    ids: Ids = None,
    as_json: AsJson = False,
) -> None:
    """Score a table by analogies and similarities.

    Both are compared with what people say.

    \b
    Examples:
      semap evaluate wiki.semap --analogies questions-words.txt --top 30000
      semap evaluate english --similarity ws353.txt --similarity men.txt --json
    """
    if not (analogies or similarity):
        raise typer.BadParameter("give --analogies FILE or --similarity FILE")
    opened = open_table(table, ids, searching=bool(analogies))
    from semap.evaluate.analogy_questions import analogies as score_analogies
    from semap.evaluate.word_pairs import similarity as score_similarity

    interrupts.stage = "evaluating"
    answered = {
        str(path): score_analogies(opened, path, top=top, method=method, oov=oov, lowercase=lowercase) for path in analogies
    }
    pairs_oov: Literal["skip", "zero"] = "skip" if oov == "skip" else "zero"
    compared = {str(path): score_similarity(opened, path, oov=pairs_oov, lowercase=lowercase) for path in similarity}
    document = {
        "table": table,
        "analogies": [{"file": name, **scores.as_dict()} for name, scores in answered.items()],
        "similarity": [{"file": name, **scores.as_dict()} for name, scores in compared.items()],
    }
    sheets = [_analogies_sheet(name, scores) for name, scores in answered.items()]
    show(document, [*sheets, *_similarity_sheets(compared)], as_json)


def _analogies_sheet(name: str, scores: AnalogyScores) -> Sheet:
    columns = ("section", "correct", "answered", "asked", "accuracy", "coverage")
    rows = [_section(section) for section in (*scores.sections, scores.semantic, scores.syntactic, scores.total)]
    notes = str(scores).splitlines()[len(rows) + 2 :]  # after the headings, the sections and the line between them
    return Sheet(columns, rows, title=name, right=frozenset(range(1, 6)), headings=True, notes=notes)


def _section(score: SectionScore) -> tuple[str, ...]:
    counts = (f"{number:,}" for number in (score.correct, score.answered, score.asked))
    return (score.name, *counts, _share(score.as_dict()["accuracy"]), _share(score.as_dict()["coverage"]))


def _similarity_sheets(compared: dict[str, SimilarityScores]) -> list[Sheet]:
    if not compared:
        return []
    columns: tuple[str, ...] = (
        "file",
        "spearman",
        "pearson",
        "used",
        "composed",
        "asked",
        "coverage",
        "unknown words",
        "bad lines",
    )
    rows = [_pairs(name, scores) for name, scores in compared.items()]
    if not any(scores.composed for scores in compared.values()):  # most tables compose nothing
        columns, rows = (*columns[:4], *columns[5:]), [(*row[:4], *row[5:]) for row in rows]
    return [Sheet(columns, rows, right=frozenset(range(1, 9)), headings=True)]


def _pairs(name: str, scores: SimilarityScores) -> tuple[str, ...]:
    facts: dict[str, Any] = scores.as_dict()
    return (
        name, _correlation(facts["spearman"]), _correlation(facts["pearson"]), f"{scores.used:,}",
        f"{scores.composed:,}", f"{scores.asked:,}", _share(scores.coverage), f"{len(scores.unknown_words):,}",
        f"{scores.bad_lines:,}",
    )  # fmt: skip


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _correlation(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
