"""Texts in, one vector for each token or each text out, from a pretrained model that reads every token among its neighbours."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from semap.arrays import Flags, FloatMatrix
from semap.contextual import backend
from semap.contextual.folder import checked, installed
from semap.encode.given import TEXTS_AT_ONCE, text_batches
from semap.errors import SemapWarning, SettingsError
from semap.parallel.crew import thread_count
from semap.text.given import checked_texts

if TYPE_CHECKING:
    from semap.text.source import Source

__all__ = ["ContextualEncoder"]


class ContextualEncoder:
    """A pretrained encoder: the vector of a word depends on the words around it. Needs the extra `contextual`.

    path_or_name: the folder of a model of sentence-transformers or of transformers (safetensors only); else the name of an
        installed package that ships one; else that of a model of the Hugging Face hub, "owner/name", which must have been
        downloaded before, or is fetched where `download` is True. Without `download` no network is touched.
    device: of torch, "cpu", "cuda", "cuda:1", "mps". batch_size: texts computed at once, those of like length together.
    max_length: texts are cut after so many tokens, which a warning counts; None is the model's own length.
    threads: of torch on the CPU while a call runs, 0 for every CPU of this process; torch's own setting is put back.

    A model folder is data here: pickled weights and classes that would have to be imported are refused.
    A vector of a text changes with the rest of its batch by rounding alone, below 1e-5; with the same batches, `threads` and
    device it has the same bits.
    Raises MissingExtra, FileMissing (no such model here), BadFile (what is wrong with the folder) and SettingsError.
    """

    def __init__(
        self,
        path_or_name: str | PathLike[str],
        *,
        download: bool = False,
        device: str = "cpu",
        batch_size: int = 32,
        max_length: int | None = None,
        threads: int = 0,
    ) -> None:
        thread_count(threads)
        if not isinstance(batch_size, int) or batch_size < 1:
            raise SettingsError(f"batch_size is {batch_size!r}; give a number of texts from 1")
        backend.check_library()
        self.folder = checked(_folder(path_or_name, download))
        self.device, self.batch_size, self.threads = device, batch_size, threads
        self._model = backend.Opened(self.folder, device, max_length)
        # What the model really gives says how long its vectors are, whatever modules it has.
        first = self._model.run(["a"], threads)
        self.dim, self.token_dim = first.texts.shape[1], first.tokens.shape[2]

    @property
    def max_length(self) -> int:
        """How many tokens of a text are read, those that the model adds among them."""
        return self._model.max_length

    def encode(self, texts: Iterable[str]) -> FloatMatrix:
        """Return one vector a text, float32 (B, D), pooled as the model's own modules say: zeros for an empty text.

        No text gives (0, D). Warns, with the count, of texts that were cut. Raises SettingsError and BadText (no str).
        """
        found = list(self._blocks(text_batches(texts)))
        return np.concatenate(found) if found else np.zeros((0, self.dim), np.float32)

    def stream(self, source: Source) -> Iterator[FloatMatrix]:
        """Yield the vectors of a source of any size, float32 (n, D) at a time, in order and in constant memory.

        source: as for `semap.Pipeline.stream`. Warns and raises as `encode` does, and as reading does.
        """
        from semap.encode.lines import batches_of

        return self._blocks(batches_of(source, TEXTS_AT_ONCE))

    def embed(self, texts: Iterable[str]) -> tuple[FloatMatrix, Flags]:
        """Return one vector a token, float32 (B, T, token_dim), and where there is one, bool (B, T).

        T: the most tokens of a text. The tokens are those of `tokens(texts)`, place by place, with those that the model adds
        ("[CLS]", "[SEP]"); an empty text has none. Warns and raises as `encode` does.
        """
        given = checked_texts(text for batch in text_batches(texts) for text in batch)
        told = _Told()
        found = [(numbers, self._run(given, numbers, told)) for numbers in self._batches(given)]
        told.warn(self.max_length, len(given))
        longest = max((int(batch.mask.sum(axis=1).max()) for _, batch in found), default=0)
        vectors = np.zeros((len(given), longest, self.token_dim), np.float32)
        mask = np.zeros((len(given), longest), np.bool_)
        for numbers, batch in found:
            for number, row, used in zip(numbers, batch.tokens, batch.mask, strict=True):
                n_tokens = int(used.sum())
                vectors[number, :n_tokens] = row[used]
                mask[number, :n_tokens] = True
        return vectors, mask

    def tokens(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the tokens of each text as the model reads them, cut at `max_length`; none of an empty text."""
        found: list[list[str]] = []
        for batch in text_batches(texts):
            checked_texts(batch, len(found))
            named = self._model.tokens(batch)
            found += [[] if _is_empty(text) else names for text, names in zip(batch, named, strict=True)]
        return found

    def _blocks(self, batches: Iterable[list[str]]) -> Iterator[FloatMatrix]:
        """The vectors of one list of texts after another, and a warning at the end."""
        told, n_texts = _Told(), 0
        for texts in batches:
            checked_texts(texts, n_texts)
            vectors = np.zeros((len(texts), self.dim), np.float32)
            for numbers in self._batches(texts):
                vectors[numbers] = self._run(texts, numbers, told).texts
            n_texts += len(texts)
            yield vectors
        told.warn(self.max_length, n_texts)

    def _batches(self, texts: list[str]) -> Iterator[list[int]]:
        """The numbers of the texts that are not empty, `batch_size` at a time, the longest first: little is padding."""
        order = [number for number, text in enumerate(texts) if not _is_empty(text)]
        order.sort(key=lambda number: -len(texts[number]))
        for first in range(0, len(order), self.batch_size):
            yield order[first : first + self.batch_size]

    def _run(self, texts: list[str], numbers: list[int], told: _Told) -> backend.Batch:
        batch = self._model.run([texts[number] for number in numbers], self.threads)
        for number, used in zip(numbers, batch.mask, strict=True):
            if used.sum() >= self.max_length:  # then it may have been cut
                told.n_cut += self._model.n_tokens(texts[number]) > self.max_length
        return batch


class _Told:
    """What happened to the texts of one call, told in one warning."""

    def __init__(self) -> None:
        self.n_cut = 0

    def warn(self, max_length: int, n_texts: int) -> None:
        """Warn of texts that were cut."""
        if self.n_cut:
            message = f"of {n_texts:,} texts {self.n_cut:,} were cut to max_length={max_length:,} tokens; encode their parts"
            warnings.warn(message, SemapWarning, stacklevel=4)


def _is_empty(text: str) -> bool:
    return not text.strip()


def _folder(path_or_name: str | PathLike[str], download: bool) -> Path:
    """Find the folder of a model. Raises FileMissing, SettingsError."""
    if not isinstance(path_or_name, str | PathLike):
        raise SettingsError(f"path_or_name is {path_or_name!r:.60}; give the folder of a model, or its name")
    path = Path(fspath(path_or_name))
    if path.exists() or not isinstance(path_or_name, str) or not _may_be_name(path_or_name):
        return path
    return installed(path_or_name) or backend.hub_folder(path_or_name, download)


def _may_be_name(text: str) -> bool:
    """Whether a str that is no path here may name a model: "name" or "owner/name"."""
    parts = text.split("/")
    return len(parts) <= 2 and all(part and part[0] not in ".~" and "\\" not in part for part in parts)
