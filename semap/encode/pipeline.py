"""Texts in, one vector for each token or for each text out: tokenizer + table + positions + pooling."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from semap.arrays import Flags, FloatMatrix
from semap.encode.given import TEXTS_AT_ONCE, text_batches
from semap.encode.pool import Pool
from semap.encode.settings import (
    Pooling,
    Positions,
    checked_components,
    checked_pooling,
    checked_position_rows,
    length,
    positive,
    truth,
)
from semap.encode.sif import common_components, sif_weights, unpack_sif
from semap.encode.tokenizing import Piece, Rows, Tokenizing
from semap.encode.told import Told
from semap.encode.words import Words
from semap.errors import SemapWarning, SettingsError, ShapeError
from semap.parallel.crew import thread_count
from semap.table.table import Table
from semap.text.given import checked_text, checked_texts
from semap.text.splitter import Splitter
from semap.tokenize.subwords import SubWords as SubWordText

if TYPE_CHECKING:
    from semap.encode.trace import Trace
    from semap.text.source import Source

__all__ = ["Pipeline", "Pooling", "Positions"]

_SIF_A = 1e-3
_FOREIGN = Splitter(split="whitespace", lowercase=False, normalize=None)


class Pipeline:
    """The way from text to vectors: text -> tokens -> rows E[i] (+ position) -> one vector a text.

    tokenizer: a semap.Tokenizer whose tokens are the table's, or a Splitter, whose words are looked up in the table.
    table: the vectors. Tokens without a row are left out.
    positions: added by `embed`, never by `encode`: None, "sinusoidal", or "learned" with `position_rows` (n, D).
    scale: the rows are multiplied by it before positions are added (Vaswani et al. 2017, section 3.4, takes sqrt(D)).
    pooling: "mean"; "sif", the mean weighted by sif_a / (sif_a + p(w)) less the `components` (Arora et al. 2017); "max", the
        largest of each dimension; or "none", for `embed` alone.
    normalize: divide each vector of `encode` by its length.
    max_length: texts are cut after so many tokens, which one warning counts; None encodes whole texts.
    components: float32 (K, D), taken out of every "sif" mean; None until `fit` sets them.
    keep_unknown: use the row of a Tokenizer's unknown token, as sentence-transformers does; left out otherwise.
    characters_per_token: with `max_length`, a Tokenizer gets so many characters a token of each text, as from model2vec.
    threads: 0 for every CPU of this process; never changes a result.

    Raises SettingsError for a setting out of its range, ShapeError where tokenizer, table and arrays do not fit each other.
    """

    def __init__(
        self,
        tokenizer: Any,
        table: Table,
        *,
        positions: Positions | None = None,
        position_rows: Any = None,
        scale: float | None = None,
        pooling: Pooling = "mean",
        normalize: bool = False,
        max_length: int | None = None,
        sif_a: float = _SIF_A,
        components: Any = None,
        keep_unknown: bool = False,
        characters_per_token: int | None = None,
        threads: int = 0,
    ) -> None:
        thread_count(threads)
        _check_table(table)
        self.table, self.tokenizer, self.threads = table, tokenizer, threads
        self.pooling, self.normalize = checked_pooling(pooling), truth("normalize", normalize)
        self.scale = None if scale is None else positive("scale", scale, f", as sqrt(D) = {math.sqrt(table.dim):.4g}")
        self.sif_a = positive("sif_a", sif_a, " (1e-4 to 1e-2 are usual)")
        self.positions, self.position_rows = positions, checked_position_rows(positions, position_rows, table.dim)
        self.max_length = max_length
        length("characters_per_token", characters_per_token, "for any")
        truth("keep_unknown", keep_unknown)
        self.tokenizing: Tokenizing = _tokenizing(tokenizer, table, keep_unknown, characters_per_token)
        self.weights = sif_weights(table.counts, sif_a) if pooling == "sif" else np.ones(len(table), np.float32)
        self.components = checked_components(components, pooling, table.dim)

    @classmethod
    def from_table(cls, table: Table, *, pooling: Pooling = "sif", **settings: Any) -> Pipeline:
        """Return a pipeline with the table's own tokenizer; `settings` are those of Pipeline.

        `table.metadata["text"]` says how its text was split, into words or by a Tokenizer; a table without it takes words
        between blanks as they stand.
        pooling "sif" takes `sif_a` and the components from `table.metadata["sif"]`; where it has none, the weights alone
        are used, which a warning says.
        """
        _check_table(table)
        tokenizer = _own_tokenizer(table)  # first: without its extra nothing else matters
        if pooling == "sif":
            stored = unpack_sif(table.metadata.get("sif"), table.dim)
            if stored is not None:
                settings.setdefault("sif_a", stored[0])
            settings.setdefault("components", None if stored is None else stored[1])
            if settings["components"] is None:
                message = "this table stores no common component: SIF weights alone are used until pipe.fit(texts) finds it"
                warnings.warn(message, SemapWarning, stacklevel=2)
        return cls(tokenizer, table, pooling=pooling, **settings)

    @classmethod
    def load(cls, path: str | PathLike[str], *, threads: int = 0) -> Pipeline:
        """Open a pipeline that was saved, or the folder of a Model2Vec or a static sentence-transformers model.

        A folder is read as its package reads it: `max_length` is the folder's own (512 where a Model2Vec folder says nothing).
        Raises FileMissing (a file of the folder), BadFile (a pickle, shapes that do not fit, damage), MissingExtra (folders).
        """
        from semap.encode.file import load_pipeline

        return load_pipeline(path, threads)

    def save(self, path: str | PathLike[str], *, to: str = "semap") -> None:
        """Write the pipeline with its table: to "semap", one file, or a folder, "model2vec" or "sentence-transformers".

        In a folder scale, weights and components are worked into float32 rows, and those packages open it; words of a table
        become a word-level tokenizer.json. Raises SettingsError (what such a folder cannot hold) and CannotWrite.
        """
        from semap.encode.file import save_pipeline

        save_pipeline(self, path, to)

    @property
    def dim(self) -> int:
        """D, the length of every vector."""
        return self.table.dim

    @property
    def max_length(self) -> int | None:
        """Texts are cut after so many tokens; None: never. Can be set."""
        return self._max_length

    @max_length.setter
    def max_length(self, value: int | None) -> None:
        """Set it; None for whole texts."""
        self._max_length = length("max_length", value, "to encode whole texts")

    def encode(self, texts: Iterable[str]) -> FloatMatrix:
        """Return one vector a text, float32 (B, D): zeros for a text without a known token, (0, D) for no text.

        A vector depends on its text alone: it has the same bits in any batch and with any number of threads. Warns, with
        the count, of texts that were cut and of texts whose tokens are all unknown.
        Raises SettingsError (pooling "none"; positions), BadText (a text that is no str).
        """
        found = list(self._blocks(text_batches(texts)))
        return np.concatenate(found) if found else np.zeros((0, self.dim), np.float32)

    def stream(self, source: Source) -> Iterator[FloatMatrix]:
        """Yield the vectors of a source of any size, float32 (n, D) at a time, in order and in constant memory.

        source: as for `read_text`, a path (one text a line, an empty line too), glob, folder, "-", or an iterable of texts or
        of paths. Warns and raises as `encode` does, and as reading does.
        """
        from semap.encode.lines import batches_of

        return self._blocks(batches_of(source, TEXTS_AT_ONCE))

    def embed(self, texts: Iterable[str]) -> tuple[FloatMatrix, Flags]:
        """Return one vector a token, float32 (B, T, D), and where there is one, bool (B, T); T is the longest text's tokens.

        A token's vector is its row, times `scale`, plus the encoding of its place among the tokens that have a row. Warns of
        texts that were cut or lost, as `encode` does. Raises ShapeError (more tokens than learned positions) and BadText.
        """
        told = Told()
        batches = [self._rows(batch, told) for batch in text_batches(texts)]
        told.warn(self.max_length)
        sizes = np.concatenate([np.diff(rows.offsets) for rows in batches]) if batches else np.zeros(0, np.int64)
        mask = np.arange(sizes.max(initial=0)) < sizes[:, None]
        vectors = np.zeros((*mask.shape, self.dim), np.float32)
        if batches:
            vectors[mask] = self.scaled(np.concatenate([rows.rows for rows in batches]))
        if self.positions is not None:
            vectors += self.places(mask.shape[1])
            vectors[~mask] = 0
        return vectors, mask

    def fit(self, texts: Iterable[str], *, n_components: int | Literal["all"] = 1) -> Pipeline:
        """Find what the "sif" means of texts have in common; `encode` takes it out from now on. Returns the pipeline itself.

        n_components: directions to take out whole (Arora et al. 2017, algorithm 1, take one), or "all" to weaken every one by
        how common it is: see `semap.encode.sif.common_components`. Found in float64: the same bits on the same machine.
        Raises SettingsError (another pooling; fewer texts with a known word than components).
        """
        if self.pooling != "sif":
            raise SettingsError(f'fit finds the common component of pooling "sif", this pipeline has {self.pooling!r}')
        bare = replace(self.pool(), components=_no_components(self.dim), unit=False)
        told = Told()
        means = [bare(self._rows(batch, told), self.threads) for batch in text_batches(texts)]
        told.warn(self.max_length)
        self.components = common_components(np.concatenate(means or [np.zeros((0, self.dim), np.float32)]), n_components)
        return self

    def count(self, texts: Iterable[str]) -> tuple[int, int]:
        """Return how many tokens of texts have a row, and how many there are; the others are left out of every vector."""
        told = Told()
        for batch in text_batches(texts):
            self._rows(batch, told)
        return told.n_known, told.n_tokens

    def trace(self, text: str) -> Trace:
        """Return every stage of one text as data: tokens, ids, rows, positions, sums, pooled; prints as a table."""
        from semap.encode.trace import trace

        return trace(self, text)

    def pieces(self, text: str) -> list[Piece]:
        """Return the tokens of one text with their ids and rows, those without a row too. Raises BadText."""
        return self.tokenizing.pieces_of(checked_text(text), self.max_length)

    def scaled(self, rows: Any) -> FloatMatrix:
        """Return rows of the table by number, float32 (T, D), times `scale`."""
        found: FloatMatrix = self.table.rows(rows)  # not `vectors`: a giant float16 table would be decoded whole
        return found if self.scale is None else found * np.float32(self.scale)

    def places(self, n_tokens: int) -> FloatMatrix:
        """Return the encodings of the first places, float32 (n_tokens, D). Raises ShapeError beyond the learned ones."""
        if self.position_rows is None:
            from semap.positions import sinusoidal

            return sinusoidal(n_tokens, self.dim)
        if n_tokens > len(self.position_rows):
            known = f"a text has {n_tokens:,} tokens, there are {len(self.position_rows):,} learned positions"
            raise ShapeError(f"{known}; give max_length={len(self.position_rows)} or more rows")
        return self.position_rows[:n_tokens]

    def _blocks(self, batches: Iterable[Sequence[str]]) -> Iterator[FloatMatrix]:
        """The vectors of one batch after another, and a warning at the end."""
        pool, told = self.pool(), Told()
        for batch in batches:
            yield pool(self._rows(batch, told), self.threads)
        told.warn(self.max_length, stacklevel=4)

    def _rows(self, texts: Sequence[str], told: Told) -> Rows:
        rows = self.tokenizing.rows_of(checked_texts(texts, told.n_texts), self.max_length, self.threads)
        told.hear(rows)
        return rows

    def pool(self) -> Pool:
        """Return how texts are pooled. Raises SettingsError where no vector of a text can be made."""
        if self.pooling == "none":
            raise SettingsError('pooling is "none": embed(texts) gives a vector a token; for one a text choose "mean" or "sif"')
        if self.positions is not None:
            raise SettingsError(
                f"positions={self.positions!r} changes embed(), not encode(): the {self.pooling} of position encodings depends "
                "on the length of a text alone and drowns its words; make the pipeline with positions=None"
            )
        largest, scale = self.pooling == "max", np.float32(1 if self.scale is None else self.scale)
        vectors = self.table.vectors * scale if largest and self.scale is not None else self.table.vectors
        components = _no_components(self.dim) if self.components is None else self.components
        return Pool(vectors, self.weights * scale, components, largest, unit=self.normalize)


def _no_components(dim: int) -> FloatMatrix:
    return np.zeros((0, dim), np.float32)


def _check_table(table: Any) -> None:
    if not isinstance(table, Table):
        raise SettingsError(f"table is {table!r:.60}; give a semap.Table, as from semap.load(path)")


def _own_tokenizer(table: Table) -> Any:
    """The Splitter or the Tokenizer that the text of a table went through."""
    text = table.metadata.get("text")
    if text is not None and SubWordText.are_in(text):
        return SubWordText.from_json(text).tokenizer()
    return _FOREIGN if text is None else Splitter.from_json(text)


def _tokenizing(tokenizer: Any, table: Table, keep_unknown: bool, characters_per_token: int | None) -> Tokenizing:
    """Whatever finds the rows of texts. Raises SettingsError, ShapeError (the vocabularies do not match)."""
    if isinstance(tokenizer, Splitter):
        return Words(tokenizer, table.tokens)
    if isinstance(tokenizer, str | PathLike) or not hasattr(tokenizer, "encode"):
        raise SettingsError(f"tokenizer is {tokenizer!r:.60}; give a semap.Tokenizer or a semap.Splitter")
    from semap.encode.subwords import SubWords

    return SubWords(tokenizer, table, keep_unknown, characters_per_token)
