"""The options of `semap map`, and what their texts mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

__all__ = [
    "Analogies", "Axis", "Clusters", "Color", "Labels", "MapMethod", "MetadataFile", "Neighbours", "Outputs", "Seed", "Threads",
    "Title", "To", "Top", "Words", "WordsFrom",
]  # fmt: skip


def _tokens(text: str) -> tuple[str, ...]:
    """Read tokens with commas between them."""
    tokens = tuple(token.strip() for token in text.split(","))
    if not all(tokens):
        raise typer.BadParameter(f"{text!r} is no list of tokens, such as king,queen,man")
    return tokens


def _poles(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read two lists of tokens with a colon between them."""
    left, colon, right = text.partition(":")
    if not colon or ":" in right:
        raise typer.BadParameter(f"{text!r} is no axis, such as man:woman or man,boy:woman,girl")
    return _tokens(left), _tokens(right)


def _clusters(text: str) -> Any:
    """Read "auto" or a whole number from 0."""
    if text == "auto":
        return "auto"
    if not (text.isascii() and text.isdigit()):
        raise typer.BadParameter(f"{text!r} is neither auto nor a whole number from 0")
    return int(text)


Outputs: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(
        "--output", "-o", metavar="OUT",
        help="A page (.html), a picture (.png, .svg) or coordinates to serve later (.map); can be repeated.",
    ),
]  # fmt: skip
To: TypeAlias = Annotated[
    Literal["projector"] | None,
    typer.Option("--to", help="Write tensors.tsv and metadata.tsv for TensorFlow's Embedding Projector to the folder OUT."),
]
MapMethod: TypeAlias = Annotated[
    Literal["umap", "pca"], typer.Option(help="UMAP keeps neighbours together, on one thread; principal components are quick.")
]
Top: TypeAlias = Annotated[int, typer.Option(min=1, metavar="N", help="Show the N most frequent tokens.")]
Words: TypeAlias = Annotated[
    Any, typer.Option("--words", parser=_tokens, metavar="A,B,...", help="Show these tokens instead.", show_default=False)
]
WordsFrom: TypeAlias = Annotated[
    Path | None, typer.Option("--words-from", metavar="FILE", help="Show the tokens of a file instead, one a line.")
]
Axis: TypeAlias = Annotated[
    Any,
    typer.Option(parser=_poles, metavar="A:B", help="From tokens A to tokens B; give both --x and --y.", show_default=False),
]
Analogies: TypeAlias = Annotated[
    list[Any] | None,
    typer.Option("--analogy", parser=_tokens, metavar="A,B,C", help="Draw A to B as C to its answer; can be repeated."),
]
Clusters: TypeAlias = Annotated[
    Any, typer.Option(parser=_clusters, metavar="N|auto", help="How many clusters; auto is 12, or none for under 100 tokens.")
]
Color: TypeAlias = Annotated[
    str | None,
    typer.Option(help="cluster, frequency or a column of --metadata.", show_default="the first column, or cluster"),
]
MetadataFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--metadata", metavar="FILE.tsv", help="Columns: their names in line 1, the token first."),
]
Neighbours: TypeAlias = Annotated[int, typer.Option(min=0, help="Neighbours of each token that the page can show.")]
Labels: TypeAlias = Annotated[int, typer.Option(min=0, help="At most so many tokens are named in a picture.")]
Title: TypeAlias = Annotated[str | None, typer.Option(help="Above the map.", show_default="the name of the table")]
Threads: TypeAlias = Annotated[int, typer.Option(help="0 for every CPU; never changes the result.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of everything that is drawn at random.")]
