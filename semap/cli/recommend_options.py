"""The arguments and options of the `semap recommend` commands, and what they say of files and learners."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from semap.cli.interrupts import interrupts
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.interactions.interactions import Interactions

__all__ = ["LEARNERS", "DataFile", "learner_for", "read_data"]

# By the name on the command line: the name in `semap`.
LEARNERS = {"als": "ImplicitALS", "bpr": "BPR", "rating-mf": "RatingMF", "spectral": "SpectralCF"}

DataFile: TypeAlias = Annotated[str, typer.Argument(metavar="FILE", help='Who did what with which item; "-" is standard input.')]
Model: TypeAlias = Annotated[
    Literal["als", "bpr", "rating-mf", "spectral"], typer.Option(help="How to learn: ImplicitALS, BPR, RatingMF or SpectralCF.")
]
Dim: TypeAlias = Annotated[int | None, typer.Option(min=1, help="Length of the vectors.", show_default="the model's")]
Epochs: TypeAlias = Annotated[int | None, typer.Option(min=1, help="Passes over the data.", show_default="the model's")]
Regularization: TypeAlias = Annotated[float | None, typer.Option(help="How much long vectors cost.", show_default="the model's")]
LearningRate: TypeAlias = Annotated[
    float | None, typer.Option("--learning-rate", help="bpr: size of the steps.", show_default="the model's")
]
Unobserved: TypeAlias = Annotated[
    float | None, typer.Option("--unobserved-weight", help="als: weight of items a user has not.", show_default="the model's")
]
Threads: TypeAlias = Annotated[int, typer.Option(help="0 for every CPU; never changes the result.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of the first vectors and of splits.")]
Columns: TypeAlias = Annotated[
    str, typer.Option(metavar="NAMES", help='The fields of a line, as "user,item,rating,time"; "-" for one not used.')
]
Delimiter: TypeAlias = Annotated[str | None, typer.Option(help="Between fields.", show_default="recognised")]
Header: TypeAlias = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether line 1 names the fields.", show_default="recognised")
]
Layout: TypeAlias = Annotated[
    Literal["rows", "lists"], typer.Option(help="An interaction a line, or a user and all their items a line.")
]
Values: TypeAlias = Annotated[
    Literal["given", "ones", "log"],
    typer.Option(help="Weights of interactions: the ratings as given, 1 each, or log(1 + rating) for plays and purchases."),
]
MinValue: TypeAlias = Annotated[float | None, typer.Option(help="Leave lower ratings out.", show_default="keep all")]
MinPerUser: TypeAlias = Annotated[int, typer.Option(min=0, help="Leave out users with fewer items.")]
MinPerItem: TypeAlias = Annotated[int, typer.Option(min=0, help="Leave out items with fewer users.")]
Skip: TypeAlias = Annotated[bool, typer.Option("--skip-bad-rows", help="Leave bad rows out and count them.")]
Folder: TypeAlias = Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the model goes.")]


def read_data(
    file: str, columns: str, delimiter: str | None, header: bool | None, layout: Any, values: str, skip: bool, **more: Any
) -> Interactions:
    """Read interactions as the options say."""
    from semap.interactions.read import read_interactions

    interrupts.stage = f"reading {file}"
    names = tuple(None if name.strip() == "-" else name.strip() for name in columns.split(","))
    delimiter = None if delimiter is None else delimiter.replace("\\t", "\t")
    found = read_interactions(
        file, names, delimiter=delimiter, header=header, layout=layout, on_error="skip" if skip else "raise", **more
    )
    interrupts.stage = ""
    return _weighed(found, values)


def learner_for(model: str, threads: int, **settings: Any) -> Any:
    """Return the learner with these settings; None leaves its own default. Raises SettingsError for what it does not have."""
    from dataclasses import fields

    import semap

    learner = getattr(semap, LEARNERS[model])
    known = {field.name for field in fields(learner)}
    given = {name: value for name, value in settings.items() if value is not None}
    for name in given:
        if name not in known:
            option = name.replace("_", "-")
            raise SettingsError(f"--{option} is no setting of --model {model} ({LEARNERS[model]}); leave it out")
    return learner(threads=threads, **given)


def _weighed(found: Interactions, values: str) -> Interactions:
    """The interactions with the weights that were asked for."""
    if values == "given" or found.values is None:
        return found
    from dataclasses import replace

    import numpy as np

    if values == "ones":
        return replace(found, values=None)
    if found.values.min() < 0:
        raise SettingsError(f"the lowest rating is {found.values.min():g}: no logarithm; give --min-value 0 or --values ones")
    return replace(found, values=np.log1p(found.values))
