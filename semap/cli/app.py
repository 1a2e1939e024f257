"""All commands in one Typer application."""

from __future__ import annotations

from typing import Annotated

import typer

from semap import __version__
from semap.cli.analogy import analogy
from semap.cli.convert import convert
from semap.cli.cosine import cosine
from semap.cli.demo import demo
from semap.cli.dimensions import dimensions
from semap.cli.encode import encode
from semap.cli.evaluate import evaluate
from semap.cli.glove import glove
from semap.cli.graph import graph
from semap.cli.guard import GuardedGroup
from semap.cli.index import index
from semap.cli.info import info
from semap.cli.map import map as map_
from semap.cli.phrases import phrases
from semap.cli.recommend import recommend
from semap.cli.serve import serve
from semap.cli.similar import similar
from semap.cli.tokenize import tokenize
from semap.cli.tour import tour
from semap.cli.trace import trace
from semap.cli.train import train

__all__ = ["app"]

# Without rich in the help: its import would take longer than all the rest of `semap --help`.
app = typer.Typer(
    cls=GuardedGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"semap {__version__}")
        raise typer.Exit


@app.callback()
def semap(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Learn, look up, compare and evaluate embeddings: coordinates for anything that has an id.

    A TABLE is a .semap, word2vec or GloVe file, a .npy file with its --ids, or the built-in table "english".

    \b
    Examples:
      semap train wiki.txt -o wiki.semap     learn vectors from a text
      semap similar wiki.semap king          the words nearest to king
      semap analogy english man king woman   man is to king as woman is to ...
      semap tour                             the idea of embeddings from the ground up

    Exit codes: 0 done, 1 bad input, 2 wrong usage, 130 Ctrl-C.
    """


for command in (
    train, glove, tokenize, phrases, similar, analogy, index, cosine, info, evaluate, encode, trace, dimensions, graph, map_,
    convert, serve, tour, demo,
):  # fmt: skip
    app.command()(command)

app.add_typer(recommend, name="recommend")
