"""Maps of the built-in table: seconds and quality of coordinates and clusters, beside two peers; sizes of pages.

    python bench/map.py [--points 10000 50000] [--threads 2] [--seed 1] [--without-peer-umap] [--output FILE]

Peers: scikit-learn's PCA (svd_solver="covariance_eigh") and KMeans (12 clusters, n_init=3, like ours), and UMAP as umap-learn
does it by itself, with the same seed, so on one thread too (cosine, 15 neighbours). "kept" is the share of the 15 nearest tokens
in the table that are among the 15 nearest in the plane, of 2,000 tokens drawn by a seed; inertia is the mean squared distance
from the centre of the cluster. Each runs once, after a run with 4,500 points that compiles; CPU seconds are of the whole process.
"""

from __future__ import annotations

import argparse
import datetime
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import semap
import semap.map
from semap.index.vectors import unit_rows
from semap.map.clusters import clustered
from semap.map.coordinates import principal_plane, umap_plane
from semap.map.near import nearest_rows
from semap.progress import Silent

CLUSTERS, NEAREST, ASKED = 12, 15, 2000
WARM = 4500  # points: umap-learn searches fewer in another way, and what it compiles for that would be counted


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What work returns, seconds of the clock and of the CPUs."""
    clock, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - clock, time.process_time() - cpu


def kept(near: np.ndarray, plane: np.ndarray) -> float:
    """The share of the nearest in the table that are nearest in the plane."""
    asked = np.sort(np.random.default_rng(0).permutation(len(plane))[:ASKED])
    found, _ = semap.ExactIndex(plane, metric="euclidean").search(plane[asked], NEAREST, exclude=[[row] for row in asked])
    width = min(near.shape[1], NEAREST)
    return float(np.mean([len(np.intersect1d(near[row, :width], found[n, :width])) / width for n, row in enumerate(asked)]))


def inertia(vectors: np.ndarray, labels: np.ndarray) -> float:
    total = 0.0
    for number in range(labels.max() + 1):
        members = vectors[labels == number].astype(np.float64)
        total += float(np.square(members - members.mean(axis=0)).sum())
    return total / len(vectors)


def peer_umap(vectors: np.ndarray, seed: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import umap

        return umap.UMAP(metric="cosine", n_neighbors=NEAREST, random_state=seed, n_jobs=1).fit_transform(vectors)


def measured(n_points: int, threads: int, seed: int, with_peer: bool) -> list[tuple[str, str, str]]:
    """Rows of a table: what, seconds, how good."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    vectors = unit_rows(semap.load("english").rows(np.arange(n_points)))
    rows = []

    def row(what: str, work: Callable[[], Any], good: Callable[[Any], str]) -> Any:
        found, clock, cpu = timed(work)
        rows.append((what, f"{clock:.2f} ({cpu:.2f})", good(found)))
        print(rows[-1], flush=True)
        return found

    def preserved(plane: Any) -> str:
        return f"kept {kept(near[0], np.asarray(plane, np.float32)):.3f}"

    def spread(labels: Any) -> str:
        return f"inertia {inertia(vectors, labels):.4f}"

    near = row("15 nearest, exact", lambda: nearest_rows(vectors, NEAREST, threads=threads, progress=Silent()), lambda _: "")
    start = row("PCA", lambda: principal_plane(vectors, threads)[0], preserved)
    solver = PCA(2, svd_solver="covariance_eigh")
    row("PCA, scikit-learn", lambda: solver.fit_transform(vectors), preserved)
    parts = (near[0][:, :14], near[1][:, :14])
    row("UMAP, the nearest given", lambda: umap_plane(start, *parts, seed=seed, progress=Silent()), preserved)
    if with_peer:
        row("UMAP, umap-learn alone", lambda: peer_umap(vectors, seed), preserved)
    row("12 clusters", lambda: clustered(vectors, CLUSTERS, seed=seed, threads=threads)[0], spread)
    means = KMeans(CLUSTERS, n_init=3, random_state=seed)
    row("12 clusters, scikit-learn", lambda: means.fit_predict(vectors), spread)
    return rows


def whole_maps(n_points: int, threads: int) -> list[tuple[str, str, str]]:
    """From the table to a page, a picture and a stored chart, by PCA."""
    table = semap.load("english")
    chart, clock, cpu = timed(lambda: semap.map.chart_of(table, top=n_points, method="pca", threads=threads))
    rows = [("chart by PCA, all of it", f"{clock:.2f} ({cpu:.2f})", "")]
    page, clock, cpu = timed(lambda: semap.map.page_html(chart).encode())
    rows.append(("its page", f"{clock:.2f} ({cpu:.2f})", f"{len(page) / 1e6:.1f} MB"))
    picture, clock, cpu = timed(lambda: semap.map.picture_of(chart))
    rows.append(("its picture, PNG", f"{clock:.2f} ({cpu:.2f})", f"{len(picture) / 1e6:.1f} MB"))
    for each in rows:
        print(each, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-peer-umap", action="store_true")
    parser.add_argument("--output", type=Path)
    settings = parser.parse_args()
    measured(WARM, settings.threads, settings.seed, not settings.without_peer_umap)
    lines = []
    for n_points in settings.points:
        print(f"{n_points:,} points, load {os.getloadavg()[0]:.1f}", flush=True)
        rows = measured(n_points, settings.threads, settings.seed, not settings.without_peer_umap)
        rows += whole_maps(n_points, settings.threads)
        lines += [
            f"## {n_points:,} of the 50,000 x 200 vectors of `english`",
            "",
            "| what | seconds (of CPU) | how good |",
            "|---|---|---|",
        ]
        lines += [f"| {what} | {seconds} | {good} |" for what, seconds, good in rows] + [""]
    text = "\n".join(lines)
    print(text)
    if settings.output:
        settings.output.write_text(f"{datetime.date.today()}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
