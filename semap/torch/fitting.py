"""Settings, texts and labels in, a trained TextModel out: what is done once, around the epochs of `training`."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import warnings
from collections.abc import Iterable
from os import PathLike
from typing import Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.errors import EmptyCorpus, SemapWarning, SettingsError
from semap.learn.checkpoint import digest_of
from semap.learn.start import starting_rows
from semap.progress import Progress
from semap.table.table import Table
from semap.text.splitter import Splitter
from semap.torch.answers import checked_labels, classes_of, numbers_of
from semap.torch.backend import device_of, torch_threads
from semap.torch.classifier import TextClassifier, Validation
from semap.torch.features import Features, Numbered, checked_texts
from semap.torch.networks import Sizes, build_network, scale_of
from semap.torch.ratios import log_count_ratios
from semap.torch.text_model import TextModel, cut_for
from semap.torch.training import Examples, Training
from semap.vocab.tokens import Tokens

__all__ = ["fit"]


def fit(
    settings: TextClassifier,
    texts: Iterable[str],
    labels: Iterable[Any],
    validation: Validation,
    progress: bool | Progress,
    folder: str | PathLike[str] | None,
    resume: bool,
) -> TextModel:
    """Train; see `TextClassifier.fit`."""
    device = device_of(settings.device)
    given = list(checked_texts(texts))
    answers = checked_labels(labels, len(given))
    if not given:
        raise EmptyCorpus("there is no text to train on; give some texts and their labels")
    (given, answers), held = _split(given, answers, validation, settings.seed)
    classes = classes_of(answers)
    features, rows, counts = _features(settings, given)
    examples = Examples(_numbered(settings, features, given, "to train on"), numbers_of(answers, classes))
    checked = None
    if held is not None:
        checked = Examples(_numbered(settings, features, held[0], "of the validation"), numbers_of(held[1], classes))
    sizes = Sizes(
        len(features.tokens), settings.row_dim, len(features.kept), len(classes), scale_of(settings, rows)
    )  # fmt: skip
    with torch_threads(settings.threads):
        network = build_network(settings, sizes, rows)
        if settings.log_count_ratios:
            network.start_with(_ratios(settings, examples, sizes))
        network = network.to(device)
        identity = _identity(settings, features, rows, examples, checked) if folder is not None else {}
        training = Training(settings, network, examples, checked, identity, folder)
        history = training.run(progress, resume)
    known = examples.texts
    facts: dict[str, Any] = {"texts": len(known), "words": known.n_words, "unknown_words": known.n_unknown}
    named = np.frombuffer(json.dumps(classes).encode(), np.uint8)
    facts |= {"fingerprint": digest_of(*examples.arrays(), features.tokens.data, named), **history}
    settings = dataclasses.replace(settings, dim=settings.dim or settings.row_dim)
    return TextModel(settings, classes, features, sizes, network, counts, facts)


def _ratios(settings: TextClassifier, examples: Examples, sizes: Sizes) -> FloatMatrix:
    if not sizes.n_grams:
        raise SettingsError("log_count_ratios needs n-grams; give word_ngrams of 2 or more, char_ngrams, or frozen=True")
    if settings.ngram_dim < sizes.n_classes:
        known = f"ngram_dim is {settings.ngram_dim}, there are {sizes.n_classes} classes"
        raise SettingsError(f"{known}: log_count_ratios needs a number for each; give ngram_dim={sizes.n_classes} or more")
    return log_count_ratios(examples.texts.grams, examples.classes, sizes.n_grams, sizes.n_classes)


def _split(texts: list[str], labels: list[Any], validation: Validation, seed: int) -> tuple[Any, Any]:
    """The texts and labels to train on, and those of the validation or None."""
    if validation is None:
        return (texts, labels), None
    if isinstance(validation, tuple) and len(validation) == 2:
        held = list(checked_texts(validation[0]))
        answers = checked_labels(validation[1], len(held))
        if not held:
            raise EmptyCorpus("the validation holds no text; give some, or validation=None")
        return (texts, labels), (held, answers)
    if isinstance(validation, bool) or not isinstance(validation, float | int) or not 0 < validation < 1:
        raise SettingsError(f"validation is {validation!r:.60}; give (texts, labels), a share between 0 and 1, or None")
    n_held = round(len(texts) * validation)
    n_free = len(texts) - len(set(labels))
    if not 0 < n_held <= n_free:
        raise SettingsError(
            f"a share of {validation} of {len(texts):,} texts is {n_held:,} texts, {n_free:,} can be spared if each class keeps "
            "one; give (texts, labels) instead"
        )
    order = np.random.default_rng([seed, len(texts)]).permutation(len(texts))
    first = {labels[place]: place for place in order[::-1].tolist()}  # of each class one text, so that training knows it
    free = [place for place in order.tolist() if first[labels[place]] != place]
    held_places = np.sort(free[:n_held])
    rest = np.setdiff1d(order, held_places)
    pick = [([texts[place] for place in places], [labels[place] for place in places]) for places in (rest, held_places)]
    return pick[0], pick[1]


def _features(settings: TextClassifier, texts: list[str]) -> tuple[Features, Table | None, Any]:
    """The features, the table of the rows to start from (None: random ones), and how often the texts hold each word."""
    table = settings.pretrained
    splitter = settings.splitter or _splitter_of(table)
    met: dict[str, int] = {}
    for text in texts:
        for word in splitter(text):
            met[word] = met.get(word, 0) + 1
    frequent = sorted(met, key=lambda word: (-met[word], word))
    rows: Table | None = table
    if table is None:
        tokens = Tokens.pack(frequent)
    else:
        known = set(table.tokens)
        new = [] if settings.frozen else [word for word in frequent if word not in known]
        tokens = Tokens.pack([*table.tokens, *new]) if new else table.tokens
        rows = table if not new else Table(tokens, _extended(table, len(new), settings.seed))
    if not len(tokens) or not met:
        raise EmptyCorpus(f"none of the {len(texts):,} texts to train on holds a word")
    first = 1 if settings.frozen else 2
    features = Features(splitter, tokens, first, settings.word_ngrams, settings.char_ngrams, settings.buckets)
    return features, rows, features.learn(texts)


def _extended(table: Table, n_new: int, seed: int) -> Any:
    """The rows of a table and small random ones below: in the units of the table, a tenth of its rows' length."""
    new = starting_rows(n_new, table.dim, seed)
    length = np.sqrt(np.mean(np.square(table.vectors, dtype=np.float64)))
    return np.concatenate([table.vectors, new * np.float32(0.2 * table.dim * length)])


def _splitter_of(table: Table | None) -> Splitter:
    """The table's own way of splitting; a foreign table's words are taken as Splitter() splits."""
    text = None if table is None else table.metadata.get("text")
    return Splitter.from_json(text) if isinstance(text, dict) and "split" in text else Splitter()


def _numbered(settings: TextClassifier, features: Features, texts: list[str], which: str) -> Numbered:
    numbered, n_cut = cut_for(settings, features.number(texts))
    if numbered.n_empty == len(numbered):
        raise EmptyCorpus(f"none of the {len(texts):,} texts {which} holds a known word")
    if numbered.n_empty:
        _warn(f"{numbered.n_empty:,} of {len(texts):,} texts {which} hold no known word: they tell nothing but their label")
    if n_cut:
        _warn(f"{n_cut:,} of {len(texts):,} texts {which} were cut after max_length={settings.max_length:,} words")
    return numbered


def _identity(
    settings: TextClassifier, features: Features, rows: Table | None, examples: Examples, checked: Examples | None
) -> dict[str, Any]:
    """What a checkpoint must share with this run."""
    parts = [part for each in (examples, checked) if each is not None for part in each.arrays()]
    words = hashlib.sha256(features.tokens.data.tobytes()).hexdigest()[:16]
    splitter = json.dumps(features.splitter.to_json(), sort_keys=True)
    start = None if rows is None else digest_of(rows.vectors)
    return {**settings.settings(), "splitter": splitter, "texts": digest_of(*parts), "words": words, "pretrained": start}


def _warn(message: str) -> None:
    warnings.warn(message, SemapWarning, stacklevel=5)
