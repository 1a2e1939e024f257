"""BPR beside implicit's BayesianPersonalizedRanking and popularity: time and quality on the shared MovieLens 1M split.

    python bench/bpr.py [--data ../shared/data/recsys] [--threads 2] [--epochs 30] [--dim 64]

Both take the best of a grid of learning rate and regularization by NDCG@20 on a tenth of the training half, with the same
number of epochs and threads. Data, measures and timing are those of bench/recommend.py. Writes bench/results/bpr-EPOCHS.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from recommend import RESULTS, measured, parts_of, quality, without_a_tenth  # first of all sets what NumPy's BLAS reads

import semap

OWN_GRID = [(rate, strength) for rate in (0.01, 0.02, 0.04) for strength in (0.003, 0.005, 0.01)]
PEER_GRID = [(rate, strength) for rate in (0.003, 0.01, 0.03) for strength in (0.001, 0.01)]


def peer(train, given, rate, strength):
    """implicit's BPR, fitted: scores by users. Its last column of the items holds their biases."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    settings = {"factors": given.dim, "iterations": given.epochs, "learning_rate": rate, "regularization": strength}
    model = BayesianPersonalizedRanking(**settings, num_threads=given.threads, random_state=1)
    model.fit(train, show_progress=False)
    return lambda users: model.user_factors[users] @ model.item_factors.T


def own(train, given, rate, strength):
    """semap's BPR, fitted: scores by users."""
    settings = {"dim": given.dim, "epochs": given.epochs, "learning_rate": rate, "regularization": strength}
    model = semap.BPR(**settings, threads=given.threads).fit(semap.Interactions.from_scipy(train))
    return lambda users: model.scores(map(str, users.tolist()))


def best_of(fit, grid, parts, given):
    """The settings with the highest NDCG@20 on a tenth of the training half, and all that were tried."""
    found = {}
    for settings in grid:
        found[settings] = quality(fit(parts[0], given, *settings), *parts)[1]
        print(fit.__name__, settings, f"{found[settings]:.4f}", flush=True)
    return max(found, key=found.get), found


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
    train, test = parts_of("ml-1m", given.data)
    semap.BPR(dim=given.dim, epochs=1).fit(semap.Interactions.from_scipy(train))  # kernels are compiled
    parts = without_a_tenth(train)
    best, tried = best_of(own, OWN_GRID, parts, given)
    peer_best, peer_tried = best_of(peer, PEER_GRID, parts, given)
    default = semap.BPR.learning_rate, semap.BPR.regularization
    fits = {
        f"semap BPR, d={given.dim}": lambda: own(train, given, *best),
        f"semap BPR, d={given.dim}, default rate": lambda: own(train, given, *default),
        f"implicit BPR, d={given.dim}": lambda: peer(train, given, *peer_best),
    }
    counts = np.asarray(train.sum(0)).ravel()
    recall, ndcg = quality(lambda users: np.tile(counts, (len(users), 1)), train, test)
    lines = [
        "# BPR: MovieLens 1M, the shared split",
        "",
        f"`python bench/bpr.py --threads {given.threads} --epochs {given.epochs} --repeats {given.repeats} --dim {given.dim}`, "
        "2026-11-22, 2 cores, AVX-512.",
        "Learning rate and regularization are the best of a grid by NDCG@20 on a tenth of the training half:",
        "",
        f"- semap {best[0]:g}, {best[1]:g} of {shown(tried)}",
        f"- implicit {peer_best[0]:g}, {peer_best[1]:g} of {shown(peer_tried)}",
        "",
        "| | seconds | CPU seconds | Recall@20 | NDCG@20 |",
        "|---|---|---|---|---|",
        *measured(fits, train, test, given.repeats),
        f"| popularity | | | {recall:.4f} | {ndcg:.4f} |",
    ]
    print("\n".join(lines))
    RESULTS.joinpath(f"bpr-{given.epochs}.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
