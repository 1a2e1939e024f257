"""ImplicitALS beside implicit's ALS, and RatingMF and SpectralCF: time and quality on the shared MovieLens 1M split.

    python bench/recommend.py [--data ../shared/data/recsys] [--threads 2] [--epochs 15] [--dims 64 256]

implicit gets one BLAS thread, as its documentation asks, and the best of a grid by NDCG@20 on 10 % of the training half.
Recall@20 divides by all of a user's test items; the ideal of NDCG@20 holds as many hits as fit. Times are of whole `fit`s,
taken in turns; CPU seconds beside them, since another process may be busy. Writes bench/results/recommend.md.
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

GRID = [(regularization, alpha) for regularization in (2.0, 10.0) for alpha in (2.0, 8.0)]


def read(path, shape=None):
    """The lists of a file as a matrix of ones."""
    lists = [[int(part) for part in line.split()] for line in path.read_text().splitlines()]
    rows = np.concatenate([[own[0]] * (len(own) - 1) for own in lists]).astype(int)
    columns = np.concatenate([own[1:] for own in lists]).astype(int)
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


def quality(users, items, train, test, k=20):
    """Recall@k and NDCG@k over the users with test items."""
    scores = users @ items.T
    scores[train.nonzero()] = -np.inf
    best = np.argpartition(-scores, k, axis=1)[:, :k]
    best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)
    wanted = test.toarray() > 0
    n_wanted, hits = wanted.sum(1), np.take_along_axis(wanted, best, 1)
    gains = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[1.0], np.cumsum(gains)])[np.minimum(n_wanted, k)]
    asked = n_wanted > 0
    return (hits.sum(1) / np.maximum(n_wanted, 1))[asked].mean(), (hits @ gains / ideal)[asked].mean()


def peer(train, dim, epochs, threads, regularization, alpha):
    """implicit's ALS, fitted."""
    from implicit.cpu.als import AlternatingLeastSquares

    settings = {"factors": dim, "iterations": epochs, "regularization": regularization, "alpha": alpha}
    model = AlternatingLeastSquares(**settings, num_threads=threads, random_state=1, dtype=np.float32)
    model.fit(train, show_progress=False)
    return model.user_factors, model.item_factors


def own(learner, data):
    """A learner of semap, fitted."""
    model = learner.fit(data)
    return model.users.vectors, model.items.vectors


def best_of_grid(train, arguments):
    """The settings of implicit with the highest NDCG@20 on a tenth of the training half."""
    held = np.random.default_rng(5).random(train.nnz) < 0.1
    rows, columns = train.nonzero()
    parts = [
        csr_matrix((np.ones(part.sum(), np.float32), (rows[part], columns[part])), shape=train.shape) for part in (~held, held)
    ]
    return max(GRID, key=lambda s: quality(*peer(parts[0], 64, arguments.epochs, arguments.threads, *s), *parts)[1])


def measured(fits, train, test, repeats):
    """A line for each fit: seconds, CPU seconds (medians, taken in turns), Recall@20 and NDCG@20."""
    taken, found = {name: [] for name in fits}, {}
    for _ in range(repeats):
        for name, fit in fits.items():
            began, cpu = time.perf_counter(), time.process_time()
            rows = fit()
            taken[name].append((time.perf_counter() - began, time.process_time() - cpu))
            found[name] = found.get(name) or quality(*rows, train, test)
    for name, times in taken.items():
        seconds, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        yield f"| {name} | {seconds:.2f} | {cpu:.2f} | {found[name][0]:.4f} | {found[name][1]:.4f} |"


def main():
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/recsys"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--dims", type=int, nargs="*", default=[64, 256])
    arguments = parser.parse_args()
    whole = read(arguments.data / "ml-1m" / "implicit_train.txt"), read(arguments.data / "ml-1m" / "implicit_test.txt")
    shape = tuple(np.maximum(whole[0].shape, whole[1].shape))
    train, test = (read(arguments.data / "ml-1m" / f"implicit_{part}.txt", shape) for part in ("train", "test"))
    data = semap.Interactions.from_scipy(train)
    semap.ImplicitALS(epochs=1).fit(data)  # kernels are compiled
    chosen = best_of_grid(train, arguments)
    fits = {}
    for dim in arguments.dims:
        learner = semap.ImplicitALS(dim=dim, epochs=arguments.epochs, threads=arguments.threads)
        fits[f"semap ImplicitALS, d={dim}"] = lambda learner=learner: own(learner, data)
        fits[f"implicit ALS, d={dim}"] = lambda dim=dim: peer(train, dim, arguments.epochs, arguments.threads, *chosen)
    fits["semap SpectralCF, d=64"] = lambda: own(semap.SpectralCF(dim=64, threads=arguments.threads), data)
    lines = [
        "# Recommending: MovieLens 1M, the shared split",
        "",
        f"`python bench/recommend.py --threads {arguments.threads} --epochs {arguments.epochs} --repeats {arguments.repeats} "
        f"--dims {' '.join(map(str, arguments.dims))}`, 2026-11-22, 2 cores, AVX-512, other processes busy.",
        f"implicit: regularization {chosen[0]:g}, alpha {chosen[1]:g}, the best by NDCG@20 on a tenth of the training half of "
        f"regularization x alpha in {GRID}; semap: its defaults.",
        "",
        "| | seconds | CPU seconds | Recall@20 | NDCG@20 |",
        "|---|---|---|---|---|",
        *measured(fits, train, test, arguments.repeats),
    ]
    print("\n".join(lines))
    Path(__file__).with_name("results").joinpath("recommend.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
