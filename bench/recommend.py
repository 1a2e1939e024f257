"""ImplicitALS beside implicit's ALS, the baselines, SpectralCF and RatingMF: time and quality on MovieLens and Last.fm.

    python bench/recommend.py [--data ../shared/data/recsys] [--threads 2] [--epochs 15] [--repeats 3] [--sets ml-1m lastfm-2k]
    python bench/recommend.py --tune [--sets ml-1m lastfm-2k] [--dims 64]     # the grids: choose on a part of the training half

Sets: MovieLens 1M, the shared split; Last.fm 2k, a fifth of each user's artists drawn with seed 1, plays as values. The
settings of both tools are the best by NDCG@20 on a tenth of the training half (`--tune`, whose whole grid it writes into
bench/results/recommend-grid.md; `CHOSEN` holds what it found). implicit gets one BLAS thread, as its documentation asks.
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
from semap.evaluate.baselines import EASE, Histories, ItemKNN, Popularity
from semap.interactions.splits import random_split

RESULTS = Path(__file__).with_name("results")
# Set and tool: how values weigh, and the grid: implicit's regularization and alpha, semap's regularization and unobserved_weight.
GRIDS = {
    ("ml-1m", "implicit"): {"ones": ((10.0, 30.0, 100.0, 200.0, 400.0), (2.0, 4.0, 8.0, 16.0, 32.0))},
    ("ml-1m", "semap"): {"ones": ((0.001, 0.003, 0.01, 0.03, 0.1), (0.03, 0.1, 0.2, 0.5, 1.0))},
    ("lastfm-2k", "implicit"): {
        "ones": ((3.0, 10.0, 30.0, 60.0, 100.0), (2.0, 4.0, 8.0, 16.0, 32.0)),
        "log": ((10.0, 30.0, 60.0, 100.0, 200.0), (0.5, 1.0, 2.0, 4.0, 8.0)),
        "bm25": ((10.0, 30.0, 100.0, 300.0, 1000.0), (0.01, 0.03, 0.1, 0.3, 1.0)),
    },
    ("lastfm-2k", "semap"): {
        "ones": ((0.001, 0.003, 0.01, 0.03, 0.1), (0.01, 0.03, 0.1, 0.3, 1.0)),
        "log": ((0.001, 0.003, 0.01, 0.03, 0.1), (0.01, 0.03, 0.1, 0.3, 1.0)),
    },
}
SETS = ["ml-1m", "lastfm-2k"]
CHOSEN = {  # set and tool: how values weigh, and the two settings of the grid that were best at d=64
    ("ml-1m", "implicit"): ("ones", 100.0, 8.0),
    ("ml-1m", "semap"): ("ones", 0.01, 0.2),
    ("lastfm-2k", "implicit"): ("log", 60.0, 2.0),
    ("lastfm-2k", "semap"): ("log", 0.01, 0.3),
}


NOTE = (
    "Settings: the best at d=64 by NDCG@20 on a tenth of the training half, see recommend-grid.md; kNN, EASE: defaults, of ones."
)


def lists_of(path, shape=None):
    """A file of a user and all of that user's items a line, as a matrix of ones."""
    lists = [[int(part) for part in line.split()] for line in path.read_text().splitlines()]
    rows = np.concatenate([[own[0]] * (len(own) - 1) for own in lists]).astype(int)
    columns = np.concatenate([own[1:] for own in lists]).astype(int)
    return csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


def parts_of(name, data):
    """The training and test parts of a set, matrices of plays or ones."""
    if name == "ml-1m":
        paths = [data / name / f"implicit_{part}.txt" for part in ("train", "test")]
        shape = tuple(np.max([lists_of(path).shape for path in paths], axis=0))
        return [lists_of(path, shape) for path in paths]
    split = random_split(semap.read_interactions(data / name / "user_artists.dat"), share=0.2, seed=1)
    return [part.to_scipy().tocsr() for part in (split.train, split.test)]


def without_a_tenth(train):
    """The training half less a tenth of its entries, and these."""
    held = np.random.default_rng(5).random(train.nnz) < 0.1
    rows, columns = train.nonzero()
    return [csr_matrix((train.data[part], (rows[part], columns[part])), shape=train.shape) for part in (~held, held)]


def weighed(train, how):
    """The matrix with its values as ones, log(1 + value), or as implicit's BM25 weighs them (K1 100, B .8, as its tutorial)."""
    if how == "bm25":
        from implicit.nearest_neighbours import bm25_weight

        return bm25_weight(train.T, K1=100, B=0.8).T.tocsr().astype(np.float32)
    values = np.ones_like(train.data) if how == "ones" else np.log1p(train.data)
    return csr_matrix((values, train.indices, train.indptr), shape=train.shape)


def quality(block, train, test, k=20):
    """Recall@k and NDCG@k over the users with test items; block(users) gives the scores of all items for some."""
    users, wanted = np.flatnonzero(np.diff(test.indptr)), test.toarray() > 0
    gains, found = 1 / np.log2(np.arange(2, k + 2)), []
    for some in np.array_split(users, max(1, len(users) * test.shape[1] >> 24)):
        scores = np.array(block(some))
        scores[train[some].nonzero()] = -np.inf
        best = np.argpartition(-scores, k, axis=1)[:, :k]
        best = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)
        found.append(np.take_along_axis(wanted[some], best, 1))
    hits, n_wanted = np.concatenate(found), wanted[users].sum(1)
    ideal = np.concatenate([[1.0], np.cumsum(gains)])[np.minimum(n_wanted, k)]
    return (hits.sum(1) / n_wanted).mean(), (hits @ gains / ideal).mean()


def peer(train, dim, settings, arguments):
    """implicit's ALS, fitted: its rows of users and items."""
    from implicit.cpu.als import AlternatingLeastSquares

    shared = {"iterations": arguments.epochs, "num_threads": arguments.threads, "random_state": 1, "dtype": np.float32}
    model = AlternatingLeastSquares(factors=dim, regularization=settings[0], alpha=settings[1], **shared)
    model.fit(train, show_progress=False)
    return model.user_factors, model.item_factors


def own(train, dim, settings, arguments):
    """semap's ImplicitALS, fitted: its rows of users and items."""
    shared = {"epochs": arguments.epochs, "threads": arguments.threads}
    model = semap.ImplicitALS(dim=dim, regularization=settings[0], unobserved_weight=settings[1], **shared).fit(train)
    return model.users.vectors, model.items.vectors


def by_products(rows):
    """Scores as products of rows."""
    return lambda users: rows[0][users] @ rows[1].T


def tune(name, data, arguments):
    """Lines of the grids of both tools on a part of the training half, the best of each tool last."""
    kept, held = without_a_tenth(parts_of(name, data)[0])
    for tool, fit in (("implicit", peer), ("semap", own)):
        for dim in arguments.dims:
            best = {}
            for how, (firsts, seconds) in GRIDS[name, tool].items():
                matrix = weighed(kept, how)
                given = semap.Interactions.from_scipy(matrix) if tool == "semap" else matrix
                yield f"\n{name}, {tool}, d={dim}, values: {how}; NDCG@20\n"
                yield f"| regularization | {' | '.join(f'{second:g}' for second in seconds)} |"
                yield f"|---|{'---|' * len(seconds)}"
                for first in firsts:
                    for second in seconds:
                        rows = fit(given, dim, (first, second), arguments)
                        best[how, first, second] = quality(by_products(rows), kept, held)[1]
                    yield f"| {first:g} | {' | '.join(f'{best[how, first, second]:.4f}' for second in seconds)} |"
            chosen = max(best, key=best.__getitem__)
            yield f"\nbest of {name}, {tool}, d={dim}: {chosen}, {best[chosen]:.4f}"


def of_baseline(baseline, data):
    """A baseline, fitted: scores."""
    histories = Histories.of(data)
    baseline.fit(data)
    return lambda users: baseline.scores(histories, users)


def fits_of(name, train, arguments):
    """What is measured on a set: a name and a function that returns scores by users."""
    fits = {}
    for dim in arguments.dims:
        for tool, fit in (("semap", own), ("implicit", peer)):
            how, *settings = CHOSEN[name, tool]
            matrix = weighed(train, how)
            given = semap.Interactions.from_scipy(matrix) if tool == "semap" else matrix
            second = "unobserved_weight" if tool == "semap" else "alpha"
            label = f"{tool} ALS, d={dim} ({how}, regularization {settings[0]:g}, {second} {settings[1]:g})"
            fits[label] = lambda fit=fit, given=(given, dim, settings, arguments): by_products(fit(*given))
    ones = semap.Interactions.from_scipy(weighed(train, "ones"))
    for dim in (64, 512):
        learner = semap.SpectralCF(dim=dim, threads=arguments.threads)
        fits[f"semap SpectralCF, d={dim}"] = lambda learner=learner: spectral(learner, ones)
    for baseline in (Popularity(), ItemKNN(), EASE()):
        fits[f"semap {baseline.name}"] = lambda baseline=baseline: of_baseline(baseline, ones)
    return fits


def spectral(learner, data):
    """A learner of semap, fitted: scores."""
    model = learner.fit(data)
    return by_products((model.users.vectors, model.items.vectors))


def measured(fits, train, test, repeats):
    """A line for each fit: seconds, CPU seconds (medians, taken in turns), Recall@20 and NDCG@20."""
    taken, found = {name: [] for name in fits}, {}
    for _ in range(repeats):
        for name, fit in fits.items():
            began, cpu = time.perf_counter(), time.process_time()
            scores = fit()
            taken[name].append((time.perf_counter() - began, time.process_time() - cpu))
            found[name] = found.get(name) or quality(scores, train, test)
    for name, times in taken.items():
        seconds, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        yield f"| {name} | {seconds:.2f} | {cpu:.2f} | {found[name][0]:.4f} | {found[name][1]:.4f} |"


def stars(data, threads):
    """A line on RatingMF: MovieLens 100k, ua.base and ua.test."""
    columns = ("user", "item", "rating", "time")
    train = semap.read_interactions(data / "ml-100k" / "ua.base", columns=columns)
    test = semap.read_interactions(data / "ml-100k" / "ua.test", columns=columns, like=train)
    lacking = f"{test.facts['of_unknown_users_or_items']} of items that `ua.base` lacks left out"
    began = time.perf_counter()
    model = semap.RatingMF(threads=threads).fit(train)
    seconds = time.perf_counter() - began
    scores = semap.evaluate.ratings(model, test, clip=(1, 5))
    return f"RatingMF (its defaults), MovieLens 100k, `ua.base` to `ua.test`: {seconds:.2f} s; {scores}, {lacking}"


def write_grids(arguments):
    """Run the grids, print them as they come, and write them."""
    said = f"--tune --sets {' '.join(arguments.sets)} --dims {' '.join(map(str, arguments.dims))}"
    lines = ["# Settings of recommenders", "", f"`python bench/recommend.py {said}`: NDCG@20 on a tenth of the training half."]
    for name in arguments.sets:
        for line in tune(name, arguments.data, arguments):
            print(line, flush=True)
            lines.append(line)
    RESULTS.joinpath("recommend-grid.md").write_text("\n".join(lines) + "\n")


def main():
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/recsys"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dims", type=int, nargs="*", default=None, help="64 256, with --tune 64")
    parser.add_argument("--sets", nargs="*", default=SETS, choices=SETS)
    parser.add_argument("--tune", action="store_true", help="run the grids and write them, instead of measuring")
    arguments = parser.parse_args()
    arguments.dims = arguments.dims or ([64] if arguments.tune else [64, 256])
    if arguments.tune:
        write_grids(arguments)
        return
    said = f"--threads {arguments.threads} --epochs {arguments.epochs} --repeats {arguments.repeats} "
    said += f"--sets {' '.join(arguments.sets)} --dims {' '.join(map(str, arguments.dims))}"
    lines = ["# Recommending", "", f"`python bench/recommend.py {said}`, 2026-11-22, 2 cores, AVX-512.", "", NOTE]
    for name in arguments.sets:
        train, test = parts_of(name, arguments.data)
        semap.ImplicitALS(epochs=1).fit(weighed(train, "ones"))  # kernels are compiled
        lines += [f"\n## {name}\n", "| | seconds | CPU seconds | Recall@20 | NDCG@20 |", "|---|---|---|---|---|"]
        lines += measured(fits_of(name, train, arguments), train, test, arguments.repeats)
    lines += ["", stars(arguments.data, arguments.threads)]
    print("\n".join(lines))
    RESULTS.joinpath("recommend.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
