"""A Pipeline in, a file or a folder out, and back: our own `.semap` file, Model2Vec and sentence-transformers folders."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray, FloatMatrix
from semap.encode.pipeline import Pipeline
from semap.encode.wordlevel import word_level_json
from semap.errors import BadFile, SemapError, SemapWarning, SettingsError, ShapeError
from semap.formats import model2vec
from semap.formats.load import BUILT_IN
from semap.storage.container import Container, StreamedArray, open_container, write
from semap.table.file import arrays_of, facts_of, table_in
from semap.table.table import Table
from semap.text.splitter import Splitter

__all__ = ["holds_pipeline", "load_pipeline", "save_pipeline"]

_SETTINGS = ("positions", "scale", "pooling", "normalize", "max_length", "sif_a")


def holds_pipeline(name: str | PathLike[str]) -> bool:
    """Whether a name is a folder or a file that holds a pipeline; whatever is wrong with it is left to who opens it."""
    if name in BUILT_IN:
        return False
    if Path(name).is_dir():
        return True
    try:
        return open_container(name).metadata.get("kind") == "pipeline"
    except SemapError:
        return False


def load_pipeline(path: str | PathLike[str], threads: int) -> Pipeline:
    """Open what `save_pipeline` or another package wrote, recognised by its content."""
    if Path(path).is_dir():
        return _of_folder(path, threads)
    container = open_container(path)
    kind = container.metadata.get("kind")
    if kind != "pipeline":
        raise BadFile(path, f"holds no pipeline, but {kind!r}; for a table: Pipeline.from_table(semap.load(path))")
    return _of_container(container, threads)


def save_pipeline(pipeline: Pipeline, path: str | PathLike[str], to: str) -> None:
    """Write a pipeline. Raises SettingsError (what the other layouts cannot hold), CannotWrite."""
    if to == "semap":
        _write_own(pipeline, path)
    elif to in ("model2vec", "sentence-transformers"):
        _write_folder(pipeline, path, to)
    else:
        raise SettingsError(f"a pipeline is saved to semap, model2vec or sentence-transformers, not to {to!r}")


def _write_own(pipeline: Pipeline, path: str | PathLike[str]) -> None:
    arrays: dict[str, AnyArray | StreamedArray] = arrays_of(pipeline.table)
    for name in ("components", "position_rows"):
        if getattr(pipeline, name) is not None:
            arrays[name] = getattr(pipeline, name)
    settings = {name: getattr(pipeline, name) for name in _SETTINGS}
    facts = {"settings": settings, "tokenizer": pipeline.tokenizing.to_json()}
    write(path, arrays, {"kind": "pipeline", **facts_of(pipeline.table), "pipeline": facts})


def _of_container(container: Container, threads: int) -> Pipeline:
    table = table_in(container)
    try:
        facts = container.metadata["pipeline"]
        tokenizer, options = _tokenizer_of(facts["tokenizer"])
        settings: dict[str, Any] = {name: facts["settings"][name] for name in _SETTINGS}
        settings |= {name: container.arrays.get(name) for name in ("components", "position_rows")}
        return Pipeline(tokenizer, table, **settings, **options, threads=threads)
    except (KeyError, TypeError, SettingsError, ShapeError) as failure:
        raise BadFile(container.path, f"its pipeline cannot be made again: {failure}") from failure


def _tokenizer_of(facts: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    if facts["kind"] == "words":
        return Splitter.from_json(facts["text"]), {}
    from semap.tokenize.tokenizer import Tokenizer

    options = {name: facts[name] for name in ("keep_unknown", "characters_per_token")}
    return Tokenizer.from_json(facts["tokenizer"]), options


def _of_folder(path: str | PathLike[str], threads: int) -> Pipeline:
    from semap.tokenize.tokenizer import Tokenizer

    found = model2vec.read(path)
    try:
        tokenizer = Tokenizer.from_json(found.tokenizer_json)
    except BadFile as failure:
        raise BadFile(Path(path) / "tokenizer.json", failure.reason) from failure
    n_rows = len(found.rows.values)
    if tokenizer.vocab_size != n_rows:
        sizes = f"tokenizer.json has {tokenizer.vocab_size:,} tokens, model.safetensors {n_rows:,} rows"
        raise BadFile(path, f"{sizes}; they must be equal: the two files are not of one model")
    own = found.layout == "model2vec"
    facts = {"format": found.layout, "config": found.config}
    return Pipeline(
        tokenizer,
        Table.of_stored(tokenizer.tokens, found.rows, metadata=facts),
        normalize=found.normalize,
        max_length=found.max_length,
        # model2vec leaves unknown tokens out and first cuts a text to max_length times the median length of its tokens;
        # sentence-transformers does neither.
        keep_unknown=not own,
        characters_per_token=max(1, int(np.median([len(token) for token in tokenizer.tokens]))) if own else None,
        threads=threads,
    )


def _write_folder(pipeline: Pipeline, path: str | PathLike[str], to: Any) -> None:
    if Path(path).is_file():
        raise SettingsError(f"{fspath(path)} is a file; {to} models are folders: give the name of one")
    if pipeline.pooling not in ("mean", "sif") or pipeline.positions is not None:
        found = f"pooling={pipeline.pooling!r}, positions={pipeline.positions!r}"
        raise SettingsError(f'a {to} folder holds rows that are averaged: pooling "mean" or "sif" without positions, not {found}')
    vectors = _worked_in(pipeline)
    facts = pipeline.tokenizing.to_json()
    if facts["kind"] == "words":
        tokenizer_json = word_level_json(pipeline.table.tokens, pipeline.tokenizer)
        vectors = np.concatenate([vectors, np.zeros((1, pipeline.dim), np.float32)])  # of the unknown token
    else:
        tokenizer_json = facts["tokenizer"]
        rows = pipeline.tokenizing.row_of  # type: ignore[attr-defined]
        vectors = np.concatenate([vectors, np.zeros((1, pipeline.dim), np.float32)])[rows]  # -1, no row, is the last
    for message in _differences(pipeline, facts, to):
        warnings.warn(message, SemapWarning, stacklevel=4)
    model2vec.write(
        path, vectors, tokenizer_json, layout=to, normalize=pipeline.normalize, max_length=pipeline.max_length
    )  # fmt: skip


def _differences(pipeline: Pipeline, facts: dict[str, Any], to: str) -> Iterator[str]:
    """What the package of a folder does otherwise."""
    if to == "model2vec" and facts.get("keep_unknown"):
        yield "model2vec leaves unknown tokens out: vectors of texts that have such tokens are others there"
    if pipeline.normalize:
        return  # tokens without a row change the length of a vector only
    if to == "sentence-transformers" and not facts.get("keep_unknown"):
        yield "sentence-transformers counts unknown tokens as zeros: vectors of texts that have such tokens are shorter there"
    if facts["kind"] == "tokenizer":
        lacking = pipeline.tokenizing.row_of < 0  # type: ignore[attr-defined]
        if pipeline.tokenizer.unknown_id is not None:
            lacking[pipeline.tokenizer.unknown_id] = False
        if n_lacking := int(lacking.sum()):
            yield f"{n_lacking:,} tokens have no row and count as zeros in {to}: vectors of texts with them are shorter there"


def _worked_in(pipeline: Pipeline) -> FloatMatrix:
    """The rows with scale, weights and the components taken out: all three are linear, so that their mean is the vector."""
    pool = pipeline.pool()
    rows = pool.vectors * pool.weights.astype(np.float64)[:, None]
    components = pool.components.astype(np.float64)
    return np.asarray(rows - (rows @ components.T) @ components, np.float32)
