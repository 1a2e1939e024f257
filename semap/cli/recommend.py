"""`semap recommend`: who did what in; a model, its recommendations, or how good they are out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from semap.cli import recommend_options as options
from semap.cli.compiling import watch_compiling
from semap.cli.interrupts import interrupts
from semap.cli.opened import check_folder_writable
from semap.cli.options import AsJson, Quiet
from semap.cli.recommend_options import learner_for, read_data
from semap.cli.sheet import Sheet, show
from semap.cli.watched import Watched
from semap.errors import SettingsError

if TYPE_CHECKING:
    from semap.evaluate.expected import RatingErrors
    from semap.evaluate.recommended import RankingReport

__all__ = ["recommend"]

recommend = typer.Typer(rich_markup_mode=None, add_completion=False, no_args_is_help=True)
_COLUMNS = "user,item,rating,time"
_NO_ITEMS: list[str] = []


@recommend.callback()
def recommend_group() -> None:
    """Learn what users like, recommend items, and measure how well.

    \b
    Examples:
      semap recommend train u.data -o movies/ --dim 64
      semap recommend query movies/ --user 196
      semap recommend evaluate u.data --split last
      semap similar movies/items.semap 50
    """


@recommend.command()
def train(
    file: options.DataFile,
    output: options.Folder,
    model: options.Model = "als",
    dim: options.Dim = None,
    epochs: options.Epochs = None,
    regularization: options.Regularization = None,
    learning_rate: options.LearningRate = None,
    unobserved_weight: options.Unobserved = None,
    threads: options.Threads = 0,
    seed: options.Seed = 1,
    columns: options.Columns = _COLUMNS,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    layout: options.Layout = "rows",
    values: options.Values = "given",
    min_value: options.MinValue = None,
    min_per_user: options.MinPerUser = 0,
    min_per_item: options.MinPerItem = 0,
    skip_bad_rows: options.Skip = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Learn vectors of users and items and save them in a folder.

    Its users.semap and items.semap are tables, for `semap similar` and all else that takes one.

    \b
    Examples:
      semap recommend train u.data -o movies/ --dim 64
      semap recommend train plays.csv -o music/ --columns user,item,rating --values log
      semap recommend train train.txt -o books/ --layout lists
    """
    learner = learner_for(
        model, threads, dim=dim, epochs=epochs, regularization=regularization, learning_rate=learning_rate,
        unobserved_weight=unobserved_weight, seed=seed,
    )  # fmt: skip
    check_folder_writable(output)
    data = read_data(
        file, columns, delimiter, header, layout, values, skip_bad_rows,
        min_value=min_value, min_per_user=min_per_user, min_per_item=min_per_item,
    )  # fmt: skip
    watch_compiling(quiet)
    from semap.progress import progress_for

    found = learner.fit(data, progress=Watched(progress_for(not quiet), interrupts))
    interrupts.stage = f"writing {output}"
    found.save(output)
    facts = {
        "output": str(output), "model": type(learner).__name__, "dim": learner.dim, "users": data.n_users, "items": data.n_items,
        "interactions": len(data), "read": dict(data.facts), "losses": list(found.losses),
    }  # fmt: skip
    if as_json or not quiet:
        rows = [
            ("wrote", f"{output}: {facts['model']}, dim {learner.dim}"),
            ("learned from", f"{len(data):,} interactions of {data.n_users:,} users with {data.n_items:,} items"),
        ]
        if found.losses:
            rows.append(("loss by epoch", "  ".join(f"{loss:.6g}" for loss in found.losses)))
        show(facts, [Sheet(("", ""), rows)], as_json)


@recommend.command()
def query(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `semap recommend train` wrote.")],
    user: Annotated[str | None, typer.Option(help="Recommend for this user.")] = None,
    history: Annotated[
        list[str], typer.Option("--history", metavar="ITEM", help="For somebody new who has this item; can be repeated.")
    ] = _NO_ITEMS,
    k: Annotated[int, typer.Option("-k", min=1, help="How many items.")] = 10,
    seen: Annotated[bool, typer.Option("--seen", help="Recommend items that the user has, too.")] = False,
    explain: Annotated[str | None, typer.Option(metavar="ITEM", help="Say which of the user's items speak for this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Recommend items for a user, or for somebody new by their items.

    \b
    Examples:
      semap recommend query movies/ --user 196
      semap recommend query movies/ --history 50 --history 181 -k 5
      semap recommend query movies/ --user 196 --explain 50
    """
    if (user is None) == (not history):
        raise typer.BadParameter("give --user USER, or --history ITEM for somebody new")
    if explain is not None and user is None:
        raise typer.BadParameter("--explain ITEM needs --user USER")
    watch_compiling()
    from semap.recommend.model import Recommender

    model = Recommender.load(folder)
    if user is None:
        found, title = model.recommend_for(history, k, exclude_seen=not seen), f"for a history of {len(history)}"
    elif explain is not None:
        found, title = model.explain(user, explain)[:k], f"why {explain} for user {user}"
    else:
        found, title = model.recommend(user, k, exclude_seen=not seen), f"for user {user}"
    document = {
        "user": user, "history": history, "explain": explain,
        "items": [{"item": item, "score": float(score)} for item, score in found],
    }  # fmt: skip
    rows = [(item, f"{score:.4f}") for item, score in found]
    show(document, [Sheet(("item", "score"), rows, title=title, right=frozenset({1}))], as_json)


@recommend.command()
def evaluate(
    file: options.DataFile,
    split: Annotated[
        Literal["last", "random"], typer.Option(help="Test each user's last item, or a random share of their items.")
    ] = "last",
    test: Annotated[Path | None, typer.Option(metavar="FILE", help="A test part of its own; nothing is split then.")] = None,
    share: Annotated[float, typer.Option(help="random: the share to test.")] = 0.2,
    k: Annotated[int, typer.Option("-k", min=1, help="Length of the lists.")] = 20,
    denominator: Annotated[
        Literal["relevant", "reachable"], typer.Option(help="Recall over all test items of a user, or over min(k, those).")
    ] = "relevant",
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Popularity, item-kNN and EASE beside it.")
    ] = True,
    model: options.Model = "als",
    dim: options.Dim = None,
    epochs: options.Epochs = None,
    regularization: options.Regularization = None,
    learning_rate: options.LearningRate = None,
    unobserved_weight: options.Unobserved = None,
    threads: options.Threads = 0,
    seed: options.Seed = 1,
    columns: options.Columns = _COLUMNS,
    delimiter: options.Delimiter = None,
    header: options.Header = None,
    layout: options.Layout = "rows",
    values: options.Values = "given",
    min_value: options.MinValue = None,
    min_per_user: options.MinPerUser = 0,
    min_per_item: options.MinPerItem = 0,
    skip_bad_rows: options.Skip = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Train on a part of the interactions and score what is recommended by the rest.

    \b
    Examples:
      semap recommend evaluate u.data --split last -k 10
      semap recommend evaluate u.data --split random --min-value 4 --values ones
      semap recommend evaluate u.data --split random --model rating-mf
      semap recommend evaluate train.txt --test test.txt --layout lists
    """
    learner = learner_for(
        model, threads, dim=dim, epochs=epochs, regularization=regularization, learning_rate=learning_rate,
        unobserved_weight=unobserved_weight, seed=seed,
    )  # fmt: skip
    form: tuple[Any, ...] = (columns, delimiter, header, layout, values, skip_bad_rows)
    data = read_data(file, *form, min_value=min_value, min_per_user=min_per_user, min_per_item=min_per_item)
    if test is not None:
        parts = data, read_data(str(test), *form, min_value=min_value, like=data)
    else:
        parts = _split(data, split, share, seed)
    watch_compiling(quiet)
    from semap.evaluate.recommended import ranking
    from semap.progress import progress_for

    shown = Watched(progress_for(not quiet), interrupts)
    found = learner.fit(parts[0], progress=shown)
    report = ranking(
        found, *parts, min(k, data.n_items), baselines=baselines, denominator=denominator, threads=threads, progress=shown
    )
    document = {"file": file, "split": "given" if test else split, **report.as_dict()}
    notes = [report.measured_on(), *report.notes]
    if k > report.k:
        notes.append(f"the catalogue has {report.k:,} items, so lists of {k:,} are lists of {report.k:,}")
    if model == "rating-mf":
        errors = _errors(found, *parts)
        document["errors"] = errors.as_dict()
        notes.append(f"expected ratings: {errors}")
    show(document, [_sheet(report, notes)], as_json)


def _split(data: Any, split: str, share: float, seed: int) -> tuple[Any, Any]:
    from semap.interactions.splits import leave_last_out, random_split

    if split == "random":
        found = random_split(data, share, seed=seed)
    elif data.times is None:
        raise SettingsError(
            "--split last needs times, and the file has none; name their column in --columns, or give --split random"
        )
    else:
        found = leave_last_out(data)
    return found.train, found.test


def _errors(found: Any, train: Any, test: Any) -> RatingErrors:
    """How far expected ratings are off, those outside of the stars that were seen moved to them."""
    from semap.evaluate.expected import ratings

    low, high = float(train.values.min()), float(train.values.max())
    return ratings(found, test, clip=(low, high) if low < high else None)


def _sheet(report: RankingReport, notes: list[str]) -> Sheet:
    k = report.k
    columns = ("", f"Recall@{k}", f"NDCG@{k}", f"HR@{k}", f"MAP@{k}", "coverage", "seconds")
    rows = [
        (each.name, *(f"{figure:.3f}" for figure in (each.recall, each.ndcg, each.hit_rate, each.map, each.coverage)),
         f"{each.seconds:.2f}")
        for each in report.scores
    ]  # fmt: skip
    return Sheet(columns, rows, right=frozenset(range(1, 7)), headings=True, notes=notes)
