"""Classify TREC questions (6 classes) and SST-2 sentences with TextClassifier, beside tf-idf and a linear SVM.

Settings were chosen on a validation part only (TREC: a tenth of the training questions; SST-2: its dev part); the test part is
scored once for each seed. Usage: python bench/classify.py --threads 2
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared/data/sentence/classification"
SETTINGS: dict[str, dict[str, Any]] = {
    "TREC": {"architecture": "transformer", "layers": 1, "frozen": True, "epochs": 8, "dropout": 0.2, "word_dropout": 0.1},
    # against random starts (char_ngrams (3, 5), word_dropout .5, 10 epochs): .800 to .798 in three folds of train and dev
    "SST-2": {
        "architecture": "average",
        "frozen": True,
        "char_ngrams": (3, 5),
        "epochs": 6,
        "word_dropout": 0.5,
        "log_count_ratios": True,
    },
}
FEW, FEW_SETTINGS = 300, {"epochs": 40, "batch_size": 8, "patience": None}  # texts of the small training set; as many steps


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--table", default="english", help="of semap: a file, or the built-in table")
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/classify.md")
    chosen = options.parse_args()
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(chosen.threads)  # read by BLAS at its first import, which is below
    lines = [
        "# Text classification",
        "",
        f"`python bench/classify.py --threads {chosen.threads} --seeds {chosen.seeds} --table {chosen.table}`, "
        f"{datetime.date.today()}, {chosen.machine}. Accuracy on the test part; ± is the standard deviation over the seeds.",
        "",
        "| data | model | accuracy | validation | training, seconds |",
        "|---|---|---|---|---|",
    ]
    for name in SETTINGS:
        for line in rows_of(name, chosen.table, chosen.seeds, chosen.threads):
            print(line, flush=True)
            lines.append(line)
    lines += ["", *(f"{name}: `{settings}`.  " for name, settings in SETTINGS.items())]
    lines.append(f"{FEW} training texts: the same with `{FEW_SETTINGS}`; random rows are always trained.")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text("\n".join(lines) + "\n")


def rows_of(name: str, table_name: str, n_seeds: int, threads: int) -> list[str]:
    """The lines of one data set."""
    import semap

    table = semap.load(table_name)
    train, held, test = parts_of(name)
    # The SVM has nothing to choose here, so it learns from all of TREC's questions, the held-back ones too.
    whole = tuple(a + b for a, b in zip(train, held, strict=True)) if name == "TREC" else train
    rows = [svm_row(name, whole, test)]
    settings = {**SETTINGS[name], "threads": threads}
    what, pretrained = f"semap, from `{table_name}`", {**settings, "pretrained": table}
    if name == "TREC":  # the epochs are chosen, so its model learns from all questions too
        rows.append(semap_row(name, what, pretrained, n_seeds, whole, None, test))
    else:
        rows.append(semap_row(name, what, pretrained, n_seeds, train, held, test))
    few = tuple(each[:FEW] for each in train)
    name = f"{name}, {FEW} training texts"
    rows.append(semap_row(name, what, pretrained | FEW_SETTINGS, n_seeds, few, held, test))
    random = {**settings, "frozen": False, "dim": table.dim} | FEW_SETTINGS
    rows.append(semap_row(name, "semap, random rows", random, n_seeds, few, held, test))
    return rows


def svm_row(name: str, train: Any, test: Any) -> str:
    """Tf-idf of words and pairs of them, split at blanks, and a linear SVM: scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    began = time.perf_counter()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
    model = LinearSVC(random_state=0).fit(vectorizer.fit_transform(train[0]), train[1])
    seconds = time.perf_counter() - began
    return f"| {name} | tf-idf + linear SVM | {model.score(vectorizer.transform(test[0]), test[1]):.4f} | | {seconds:.1f} |"


def semap_row(name: str, what: str, settings: dict[str, Any], n_seeds: int, train: Any, held: Any, test: Any) -> str:
    """Mean and deviation over seeds."""
    from semap.torch import TextClassifier

    scores, checked, seconds = [], [], []
    for seed in range(1, n_seeds + 1):
        began = time.perf_counter()
        model = TextClassifier(**settings, seed=seed).fit(*train, validation=held)
        seconds.append(time.perf_counter() - began)
        checked += [max(model.facts["validation_accuracies"])] if held else []
        scores.append(model.score(*test))
    spread = statistics.stdev(scores) if n_seeds > 1 else 0.0
    means = f"{statistics.mean(scores):.4f} ± {spread:.4f} | {f'{statistics.mean(checked):.4f}' if checked else ''}"
    return f"| {name} | {what} | {means} | {statistics.median(seconds):.1f} |"


def parts_of(name: str) -> tuple[Any, Any, Any]:
    """Texts and labels of training, validation and test."""
    if name == "SST-2":
        return read("stsa.binary.train"), read("stsa.binary.dev"), read("stsa.binary.test")
    import numpy as np

    texts, labels = read("TREC.train.all")
    order = np.random.default_rng(0).permutation(len(texts))
    held, rest = order[: len(texts) // 10], order[len(texts) // 10 :]
    train, checked = (([texts[place] for place in part], [labels[place] for place in part]) for part in (rest, held))
    return train, checked, read("TREC.test.all")


def read(name: str) -> tuple[list[str], list[str]]:
    """Lines of a label and a text; some of these files are Latin-1."""
    pairs = [line.split(" ", 1) for line in (DATA / name).read_text(encoding="latin-1").splitlines() if line.strip()]
    return [text for _, text in pairs], [label for label, _ in pairs]


if __name__ == "__main__":
    main()
