"""fastText models (`.bin`, `.ftz`) in: words with their n-grams, or the labels of a supervised model; and out.

Read are versions 11 and 12 and the files of 2016 that have no version; dense, quantised and pruned. The matrix stays mapped in
the file and vectors are composed when they are asked for, so that a file of any size opens at once.
"""

from __future__ import annotations

import warnings
from os import PathLike, fspath
from typing import Any, Literal, get_args

import numpy as np

from semap.arrays import AnyArray
from semap.errors import BadFile, SemapWarning, SettingsError
from semap.formats.fasttext_matrix import Coded
from semap.formats.fasttext_model import LOSSES, MODELS, Model, looks_like, read_model
from semap.formats.fasttext_rows import output_rows, subwords_of, was_trained, word_rows
from semap.formats.filerows import FileRows
from semap.formats.foreign import first_tokens, pack_tokens, table_from
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["NAME", "Part", "looks_like", "read"]

NAME = "fastText"
Part = Literal["words", "labels"]


def read(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0, part: str | None = None) -> Table:
    """Open a model: its words, composed as fastText's get_word_vector does, also those it does not hold where it has n-grams.

    part: "words" or "labels", the rows of the output matrix of a supervised model, without n-grams. None: words, but a
    supervised model is refused, since its words are trained to tell labels and not to be alike. Of a word that stands twice the
    last row is kept, as in fastText. The output matrix of negative sampling gives `table.output_vectors`, that of another
    objective is left out, and said. `limit`: the first so many. threads: those that compose `table.vectors`.
    Raises FileMissing, SettingsError (part) and BadFile, which names the byte, what was expected there and what was found.
    """
    if part is not None and part not in get_args(Part):
        raise SettingsError(f"part is {part!r}; give 'words' or 'labels'")
    model = read_model(path, map_file(path))
    if model.supervised and part is None:
        told = f"a supervised model, whose vectors tell {model.n_labels:,} labels rather than what words mean"
        ways = f"part='words' opens the table of its {model.n_words:,} words, part='labels' that of its labels"
        raise BadFile(path, f"{told}; {ways} (on the command line: semap convert {fspath(path)} OUT --part words)")
    tokens, numbers = _labels(path, model) if part == "labels" else _words(path, model)
    if limit is not None and limit < len(tokens):
        tokens, numbers = first_tokens(tokens, limit), numbers[:limit]
    facts = {"source": _facts(model)}
    if part == "labels":
        counts = model.counts[model.n_words + numbers]
        return table_from(path, NAME, tokens, output_rows(path, model, tokens, numbers), counts=counts, facts=facts)
    whole = None if len(numbers) == model.n_words else numbers
    rows = word_rows(path, model, tokens, whole, threads)
    subwords, output = subwords_of(path, model), _output(path, model, tokens, whole)
    return table_from(path, NAME, tokens, rows, counts=model.counts[numbers], facts=facts, output=output, subwords=subwords)


def _output(path: str | PathLike[str], model: Model, tokens: Tokens, numbers: AnyArray | None) -> FileRows | None:
    """The output vectors of words, where negative sampling learned some; of the other objectives it is said that they go."""
    if model.supervised or not was_trained(model):
        return None
    loss = LOSSES[model.settings["loss"]]
    if loss == "negative sampling":
        return output_rows(path, model, tokens, numbers)
    warnings.warn(f"{fspath(path)}: left out: its output matrix, which is that of {loss}", SemapWarning, stacklevel=4)
    return None


def _words(path: str | PathLike[str], model: Model) -> tuple[Tokens, AnyArray]:
    """The words of a model, each once, and their numbers."""
    return _unique(path, first_tokens(model.tokens, model.n_words), "words")


def _labels(path: str | PathLike[str], model: Model) -> tuple[Tokens, AnyArray]:
    if not model.supervised:
        raise BadFile(path, f"a {MODELS[model.settings['model']]} model, which has no labels; leave part='labels' out")
    if model.settings["loss"] == 1:
        raise BadFile(path, "trained by hierarchical softmax: its output rows are nodes of a tree, and no label has a vector")
    if not model.n_labels:
        raise BadFile(path, "a supervised model without labels")
    offsets = model.tokens.offsets[model.n_words :]
    labels = pack_tokens(model.tokens.data, offsets[:-1], offsets[1:])
    return _unique(path, labels, "labels")


def _unique(path: str | PathLike[str], tokens: Tokens, what: str) -> tuple[Tokens, AnyArray]:
    """Tokens without those that stand again later, and their numbers: fastText finds the last of equal words."""
    from semap.kernels.native.packedrows import hash_tokens

    hashes = np.empty(len(tokens), np.uint32)
    hash_tokens(tokens.data, tokens.offsets, hashes)
    twins = tokens.duplicates(hashes)
    numbers = np.arange(len(tokens))
    if not len(twins):
        return tokens, numbers
    last = {tokens.bytes_of(number): number for number in twins.tolist()}
    earlier = [tokens.find(content.decode("utf-8", "surrogateescape")) for content in last]
    dropped = set(earlier) | set(twins.tolist()) - set(last.values())
    numbers = np.delete(numbers, sorted(dropped))
    shown = tokens[last[next(iter(last))]]
    message = f"left out {len(dropped):,} of {len(tokens):,} {what}, which stand again later (the first: {shown!r})"
    warnings.warn(f"{fspath(path)}: {message}; fastText finds their last rows", SemapWarning, stacklevel=5)
    return pack_tokens(tokens.data, tokens.offsets[numbers], tokens.offsets[numbers + 1]), numbers


def _facts(model: Model) -> dict[str, Any]:
    """What the file says of its training, as JSON holds it."""
    settings = model.settings
    told = {**settings, "model": MODELS[settings["model"]], "loss": LOSSES[settings["loss"]]}
    counts = {"words": model.n_words, "labels": model.n_labels, "text_tokens": model.n_tokens}
    quantized = isinstance(model.input, Coded)
    return {"version": model.version, **told, **counts, "quantized": quantized, "pruned": model.buckets is not None}
