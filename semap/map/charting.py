"""A table in, a chart of its tokens out: which ones, where they stand, what clusters they form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import Counts64, FloatMatrix, TokenIds
from semap.errors import SettingsError, ShapeError
from semap.index.vectors import unit_rows
from semap.map.analogies import Analogy, links_of
from semap.map.axes import Axis, Poles, meaningful_plane
from semap.map.chart import CLUSTER, FREQUENCY, Chart
from semap.map.clusters import cluster_names, clustered
from semap.map.columns import Metadata, columns_for
from semap.map.coordinates import principal_plane, umap_plane
from semap.map.near import nearest_rows
from semap.progress import Progress, progress_for
from semap.settings import whole
from semap.table.table import Table

__all__ = ["AUTO_CLUSTERS", "FEWEST_FOR_CLUSTERS", "TOP", "PlaneMethod", "chart_of"]

PlaneMethod = Literal["umap", "pca"]
TOP = 10_000
AUTO_CLUSTERS = 12  # as many colours as can be told apart
FEWEST_FOR_CLUSTERS = 100  # tokens; of fewer every name can be read
_FEWEST = 3
_UMAP_NEIGHBOURS = 14  # and the point itself: umap-learn's default of 15


def chart_of(
    table: Table,
    *,
    top: int = TOP,
    words: Iterable[str] | None = None,
    method: PlaneMethod = "umap",
    x: Poles | None = None,
    y: Poles | None = None,
    analogies: Sequence[Analogy] = (),
    clusters: int | Literal["auto"] = "auto",
    color: str | None = None,
    metadata: Metadata | None = None,
    neighbours: int = 10,
    seed: int = 1,
    threads: int = 0,
    title: str = "",
    progress: bool | Progress = False,
) -> Chart:
    """Return a chart of the `top` most frequent tokens of a table, or of `words`: N tokens, at least 3.

    top: all where the table has fewer; the first rows where it has no counts. Tokens of `analogies` are added.
    method: "umap" (extra `map`; a minute for 50,000 tokens, on one thread; see `coordinates.umap_plane`) or "pca", always there.
    x, y: both or neither, each a pair such as ("man", "woman") or (["man", "boy"], ["woman", "girl"]): the coordinates are then
        places between these, see `axes.meaningful_plane`, and `method` is not asked.
    analogies: (a, b, c), drawn as a parallelogram to the best answer d of "a is to b as c is to d"; or (a, b, c, d).
    clusters: how many, 0 for none; "auto" is 12 from 100 tokens on and none below. They are of the vectors, not of the plane.
    color: "cluster", "frequency", or a column of `metadata` (see `columns.columns_for`); None for the first that there is.
    neighbours: how many of each token's nearest the chart carries, with cosines, found among all tokens of the chart.
    threads: 0 for every CPU; never changes the result. Vectors count by direction only: rows are brought to length 1 first.
    Raises UnknownToken, SettingsError, ShapeError, MissingExtra, and what a file of metadata may.
    """
    _check(method, x, y)
    if table.dim < 2:
        raise ShapeError("the table has 1 dimension, a map needs at least 2: its tokens lie on a line; sort them by their number")
    seed, shown = whole("seed", seed, 0), progress_for(progress)
    if method == "umap" and x is None:
        _check_umap()
    links = links_of(table, analogies)
    axes = None if x is None or y is None else (Axis.between(x), Axis.between(y))
    rows = _rows(table, whole("top", top, 1), words, [token for link in links for token in link])
    tokens = [table.tokens[row] for row in rows.tolist()]
    vectors = unit_rows(table.rows(rows))
    counts = None if table.counts is None else table.counts[rows]
    columns = columns_for(tokens, metadata)
    n_clusters = _n_clusters(clusters, len(rows))
    shade = _color(color, n_clusters > 0, counts is not None, columns)
    # Whatever may be refused has been looked at by now, or is here: what comes after takes seconds to minutes.
    between = None if axes is None else _between(table, vectors, axes)
    by_umap = method == "umap" and axes is None
    width = max(whole("neighbours", neighbours, 0), _UMAP_NEIGHBOURS if by_umap else 0)
    near = nearest_rows(vectors, width, threads=threads, progress=shown)
    places, facts, about = between or _placed(method, vectors, near, seed, threads, shown)
    labels, names = _clusters(n_clusters, tokens, vectors, counts, seed, threads)
    return Chart(
        tokens=tokens, coordinates=places, rows=rows, counts=counts, clusters=labels, cluster_names=names, columns=columns,
        neighbours=near[0][:, :neighbours] if neighbours else None,
        similarities=near[1][:, :neighbours] if neighbours else None,
        axes=("", "") if axes is None else (str(axes[0]), str(axes[1])),
        links=links, color=shade, title=title,
        subtitle=f"{_which(len(rows), len(table), words)}, {about}",
        facts={**facts, "tokens": len(rows), "of": len(table), "clusters": len(names), "seed": seed},
    )  # fmt: skip


def _check(method: str, x: Poles | None, y: Poles | None) -> None:
    if method not in get_args(PlaneMethod):
        raise SettingsError(f"method is {method!r}; choose one of {', '.join(map(repr, get_args(PlaneMethod)))}")
    if (x is None) != (y is None):
        raise SettingsError(f"there is {'no x' if x is None else 'no y'}; a plane has two axes, give both x and y")


def _check_umap() -> None:
    from semap.map.umap_backend import check_library

    check_library()


def _rows(table: Table, top: int, words: Iterable[str] | None, also: Sequence[str]) -> TokenIds:
    """The rows of the tokens to show, each once."""
    if words is None:
        first = np.arange(len(table)) if table.counts is None else np.argsort(-table.counts, kind="stable")
        chosen = first[:top].astype(np.int32)
    elif isinstance(words, str):
        raise SettingsError(f"words is the one string {words[:40]!r}; give a list of tokens")
    else:
        chosen = np.array([table.id(token) for token in words], np.int32)
    added = np.array([table.id(token) for token in also], np.int32)
    both = np.concatenate([chosen, added])
    rows: TokenIds = both[np.sort(np.unique(both, return_index=True)[1])]
    if len(rows) < _FEWEST:
        raise SettingsError(f"{len(rows)} {'token makes' if len(rows) == 1 else 'tokens make'} no map; give at least {_FEWEST}")
    return rows


def _between(table: Table, vectors: FloatMatrix, axes: tuple[Axis, Axis]) -> tuple[FloatMatrix, dict[str, Any], str]:
    """The same as `_placed`, for axes with a meaning."""
    places, cosine = meaningful_plane(table, vectors, *axes)
    facts = {"method": "axes", "cosine_of_axes": round(cosine, 6)}
    return places, facts, f"between opposite words; cosine of the two directions {cosine:.2f}"


def _placed(
    method: str, vectors: FloatMatrix, near: tuple[TokenIds, FloatMatrix], seed: int, threads: int, shown: Progress
) -> tuple[FloatMatrix, dict[str, Any], str]:
    """The coordinates, how they came about, and the same in words."""
    plane, shares = principal_plane(vectors, threads)
    if method == "pca":
        kept = {"method": "pca", "kept_variance": [round(share, 6) for share in shares]}
        return plane, kept, f"principal components: {sum(shares):.0%} of the variance"
    width = min(_UMAP_NEIGHBOURS, len(vectors) - 2)
    placed = umap_plane(plane, near[0][:, :width], near[1][:, :width], seed=seed, progress=shown)
    return placed, {"method": "umap", "n_neighbors": width + 1}, f"UMAP of the {width + 1} nearest"


def _clusters(
    n_clusters: int, tokens: list[str], vectors: FloatMatrix, counts: Counts64 | None, seed: int, threads: int
) -> tuple[TokenIds | None, list[str]]:
    """The cluster of each token and the names of the clusters; none of 0."""
    if not n_clusters:
        return None, []
    labels, centres = clustered(vectors, n_clusters, seed=seed, threads=threads)
    return labels, cluster_names(tokens, vectors, labels, centres, counts)


def _n_clusters(clusters: int | str, n_tokens: int) -> int:
    if clusters == "auto":
        return AUTO_CLUSTERS if n_tokens >= FEWEST_FOR_CLUSTERS else 0
    number = whole("clusters", clusters, 0)
    if number > n_tokens:
        raise SettingsError(f"{number:,} clusters of {n_tokens:,} tokens; give at most as many clusters as tokens")
    return number


def _color(color: str | None, has_clusters: bool, has_counts: bool, columns: dict[str, list[Any]]) -> str:
    """What was asked for, or the first column, or the clusters. Raises SettingsError."""
    if color is None:
        return next(iter(columns), CLUSTER if has_clusters else "")
    known = [*columns, *[CLUSTER] * has_clusters, *[FREQUENCY] * has_counts]
    if color in known:
        return color
    if color == CLUSTER:
        raise SettingsError("color is 'cluster' and there are no clusters; give clusters, say 12")
    if color == FREQUENCY:
        raise SettingsError("color is 'frequency' and this table does not know how often each token was seen")
    raise SettingsError(f"color is {color!r}; this map can be coloured by {', '.join(map(repr, known)) or 'nothing'}")


def _which(n_tokens: int, n_all: int, words: Any) -> str:
    if words is not None:
        return f"{n_tokens:,} chosen tokens"
    return f"all {n_tokens:,} tokens" if n_tokens == n_all else f"the {n_tokens:,} most frequent of {n_all:,} tokens"
