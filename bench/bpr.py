"""BPR beside implicit's BayesianPersonalizedRanking and popularity: time and quality on the shared MovieLens 1M split.

    python bench/bpr.py [--data ../shared/data/recsys] [--threads 2] [--epochs 30] [--dim 64]

Both take the best of a grid of learning rate and regularization by NDCG@20 on a tenth of the training half, with the same
number of epochs and threads. Recall@20 divides by all of a user's test items; the ideal of NDCG@20 holds as many hits as
fit. Times are of whole `fit`s, taken in turns; CPU seconds beside them, since another process may be busy. Writes
bench/results/bpr-EPOCHS.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # implicit's documentation asks for it; it is read when NumPy is loaded

import numpy as np
from scipy.sparse import csr_matrix

import semap

OWN_GRID = [(rate, strength) for rate in (0.01, 0.02, 0.04) for strength in (0.003, 0.005, 0.01)]
PEER_GRID = [(rate, strength) for rate in (0.003, 0.01, 0.03) for strength in (0.001, 0.01)]


def read(path, shape=None):
    """The lists of a file as a matrix of ones."""
    lists = [[int(part) for part in line.split()] for line in path.read_text().splitlines()]
    rows = np.concatenate([[own[0]] * (len(own) - 1) for own in lists]).astype(int)
    columns = np.concatenate([own[1:] for own in lists]).astype(int)
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


def quality(scores, train, test, k=20):
    """Recall@k and NDCG@k over the users with test items."""
    scores[train.nonzero()] = -np.inf
    best = np.argpartition(-scores, k, axis=1)[:, :k]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)
    wanted = test.toarray() > 0
    n_wanted, hits = wanted.sum(1), np.take_along_axis(wanted, best, 1)
    gains = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[1.0], np.cumsum(gains)])[np.minimum(n_wanted, k)]
    asked = n_wanted > 0
    return (hits.sum(1) / np.maximum(n_wanted, 1))[asked].mean(), (hits @ gains / ideal)[asked].mean()


def peer(train, given, rate, strength):
    """implicit's BPR, fitted: a function that scores. Its last column of the items holds their biases."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    settings = {"factors": given.dim, "iterations": given.epochs, "learning_rate": rate, "regularization": strength}
    model = BayesianPersonalizedRanking(**settings, num_threads=given.threads, random_state=1)
    model.fit(train, show_progress=False)
    return lambda: model.user_factors @ model.item_factors.T


def own(train, given, rate, strength):
    """semap's BPR, fitted: a function that scores."""
    settings = {"dim": given.dim, "epochs": given.epochs, "learning_rate": rate, "regularization": strength}
    model = semap.BPR(**settings, threads=given.threads).fit(semap.Interactions.from_scipy(train))
    return lambda: model.scores(model.users.tokens).copy()


def popular(train):
    """Every user gets what most have."""
    return np.tile(np.asarray(train.sum(0)).ravel().astype(np.float32), (train.shape[0], 1))


def best_of(fit, grid, train, given):
    """The settings with the highest NDCG@20 on a tenth of the training half, and all that were tried."""
    held = np.random.default_rng(5).random(train.nnz) < 0.1
    rows, columns = train.nonzero()
    parts = [
        csr_matrix((np.ones(part.sum(), np.float32), (rows[part], columns[part])), shape=train.shape) for part in (~held, held)
    ]
    found = {}
    for settings in grid:
        found[settings] = quality(fit(parts[0], given, *settings)(), *parts)[1]
        print(fit.__name__, settings, f"{found[settings]:.4f}", flush=True)
    return max(found, key=found.get), found


def measured(fits, train, test, repeats):
    """A line for each fit: seconds, CPU seconds (medians, taken in turns), Recall@20 and NDCG@20."""
    taken, found = {name: [] for name in fits}, {}
    for _ in range(repeats):
        for name, fit in fits.items():
            began, cpu = time.perf_counter(), time.process_time()
            scores = fit()
            taken[name].append((time.perf_counter() - began, time.process_time() - cpu))
            found[name] = found.get(name) or quality(scores(), train, test)
    for name, times in taken.items():
        seconds, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        yield f"| {name} | {seconds:.2f} | {cpu:.2f} | {found[name][0]:.4f} | {found[name][1]:.4f} |"


def shown(grid):
    """What a grid gave, in one line."""
    return "; ".join(f"{rate:g}, {strength:g}: {score:.4f}" for (rate, strength), score in grid.items())


def main():
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/recsys"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--dim", type=int, default=64)
    given = parser.parse_args()
    whole = [read(given.data / "ml-1m" / f"implicit_{part}.txt") for part in ("train", "test")]
    shape = tuple(np.maximum(whole[0].shape, whole[1].shape))
    train, test = (read(given.data / "ml-1m" / f"implicit_{part}.txt", shape) for part in ("train", "test"))
    semap.BPR(dim=given.dim, epochs=1).fit(semap.Interactions.from_scipy(train))  # kernels are compiled
    (rate, strength), tried = best_of(own, OWN_GRID, train, given)
    (peer_rate, peer_strength), peer_tried = best_of(peer, PEER_GRID, train, given)
    fits = {
        f"semap BPR, d={given.dim}": lambda: own(train, given, rate, strength),
        f"semap BPR, d={given.dim}, default rate": lambda: own(train, given, semap.BPR.learning_rate, semap.BPR.regularization),
        f"implicit BPR, d={given.dim}": lambda: peer(train, given, peer_rate, peer_strength),
    }
    recall, ndcg = quality(popular(train), train, test)
    lines = [
        "# BPR: MovieLens 1M, the shared split",
        "",
        f"`python bench/bpr.py --threads {given.threads} --epochs {given.epochs} --repeats {given.repeats} --dim {given.dim}`, "
        "2026-11-22, 2 cores, AVX-512, other processes busy.",
        "Learning rate and regularization are the best of a grid by NDCG@20 on a tenth of the training half:",
        "",
        f"- semap {rate:g}, {strength:g} of {shown(tried)}",
        f"- implicit {peer_rate:g}, {peer_strength:g} of {shown(peer_tried)}",
        "",
        "| | seconds | CPU seconds | Recall@20 | NDCG@20 |",
        "|---|---|---|---|---|",
        *measured(fits, train, test, given.repeats),
        f"| popularity | | | {recall:.4f} | {ndcg:.4f} |",
    ]
    print("\n".join(lines))
    Path(__file__).with_name("results").joinpath(f"bpr-{given.epochs}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
