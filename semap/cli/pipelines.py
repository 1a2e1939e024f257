"""The name of a table or of a saved pipeline in, the Pipeline out; and the options that commands with one share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import open_table
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.encode.pipeline import Pipeline

__all__ = ["Normalize", "PipelineName", "Pooled", "PositionsOf", "open_pipeline"]

PipelineName: TypeAlias = Annotated[
    str, typer.Argument(metavar="TABLE", help='A table, "english", a saved pipeline, or a static model\'s folder.')
]
Pooled: TypeAlias = Annotated[
    Literal["sif", "mean", "max"] | None,
    typer.Option("--pooling", help="How a table's words become one vector.", show_default="sif; mean where there are no counts"),
]
PositionsOf: TypeAlias = Annotated[
    Literal["sinusoidal"] | None, typer.Option("--positions", help="Add the place of each token to its row.")
]
Normalize: TypeAlias = Annotated[
    bool | None,
    typer.Option("--normalize/--no-normalize", help="Divide by the length.", show_default="no; as saved for a pipeline"),
]


def open_pipeline(
    name: str, ids: Path | None, pooling: Any, positions: Any, normalize: bool | None, threads: int = 0
) -> Pipeline:
    """Open a pipeline, or make the one of a table. Raises SettingsError (options that a saved pipeline has itself)."""
    from semap.encode.file import holds_pipeline
    from semap.encode.pipeline import Pipeline

    watch_compiling()
    if holds_pipeline(name):
        if pooling or positions or ids:
            raise SettingsError(
                f"{name} is a pipeline, which has its own settings; --pooling, --positions and --ids go with a table"
            )
        interrupts.stage = f"opening {name}"
        pipeline = Pipeline.load(name, threads=threads)
        pipeline.normalize = pipeline.normalize if normalize is None else normalize
        return pipeline
    table = open_table(name, ids, searching=True)
    chosen: Any = pooling or ("mean" if table.counts is None else "sif")
    return Pipeline.from_table(table, pooling=chosen, positions=positions, normalize=bool(normalize), threads=threads)
