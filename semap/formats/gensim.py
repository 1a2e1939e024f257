"""Models and vectors that gensim saved (`.model`, `.kv`) in, of every generation from 0.12 to 4.4; gensim is not needed.

They are pickles, which run whatever they hold when Python opens them. Here `pickled` reads them, which runs nothing: a pickle
that asks for anything but the classes below is refused by the name of what it asks for.
Read are KeyedVectors, Word2Vec, FastText and (its words) Doc2Vec, with the arrays that gensim put into files beside them.
"""

from __future__ import annotations

import warnings
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from semap.arrays import AnyArray, Counts64
from semap.errors import BadFile, SemapWarning
from semap.formats.fasttext_rows import MappedSubwords
from semap.formats.filerows import FileRows, converted_rows
from semap.formats.foreign import table_from
from semap.formats.gensim_record import Attributes, checked, finite_rows
from semap.formats.gensim_subwords import composed_rows, subwords_of
from semap.formats.pickled import read_pickle
from semap.formats.pickled_arrays import ARRAY_NAMES, array_in, number_in, text_in
from semap.formats.pickled_machine import Pairs, Record
from semap.storage.safetensors import map_file
from semap.table.table import Table
from semap.vocab.tokens import Tokens

__all__ = ["KNOWN", "NAME", "looks_like", "read", "stream"]

NAME = "gensim"
_NEWEST_PROTOCOL = 5
_OLD_STARTS = (b"ccopy_reg\n_reconstructor\n", b"ccopyreg\n_reconstructor\n")  # of protocols 0 and 1
_MODELS = {
    "keyedvectors": ("KeyedVectors", "Word2VecKeyedVectors", "EuclideanKeyedVectors", "Doc2VecKeyedVectors", "BaseKeyedVectors",
                     "WordEmbeddingsKeyedVectors", "FastTextKeyedVectors", "Vocab", "CompatVocab"),
    "word2vec": ("Word2Vec", "Vocab", "Word2VecVocab", "Word2VecTrainables"),
    "fasttext": ("FastText", "FastTextKeyedVectors", "FastTextVocab", "FastTextTrainables"),
    "doc2vec": ("Doc2Vec", "DocvecsArray", "Doctag", "Doc2VecVocab", "Doc2VecTrainables"),
    "wrappers.fasttext": ("FastText", "FastTextKeyedVectors"),
    "deprecated.keyedvectors": ("KeyedVectors", "EuclideanKeyedVectors", "Vocab"),
    "deprecated.word2vec": ("Word2Vec", "Vocab"),
    "deprecated.fasttext": ("FastText", "FastTextKeyedVectors"),
    "deprecated.fasttext_wrapper": ("FastText", "FastTextKeyedVectors"),
}  # fmt: skip
_RANDOM = ("__RandomState_ctor", "_pickle.__randomstate_ctor", "_pickle.__bit_generator_ctor", "_pickle.__generator_ctor",
           "_mt19937.MT19937", "_pcg64.PCG64", "bit_generator.SeedSequence", "_bit_generator.SeedSequence")  # fmt: skip
_PLAIN = ("object", "int", "long", "float", "bool", "str", "unicode", "bytes", "bytearray", "list", "dict", "set", "tuple",
          "frozenset", "hash")  # fmt: skip
KNOWN = frozenset([
    *(f"gensim.models.{module}.{name}" for module, names in _MODELS.items() for name in names),
    "gensim.utils.call_on_class_only", "collections.OrderedDict", "collections.defaultdict",
    "copyreg._reconstructor", "copy_reg._reconstructor",
    *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in _PLAIN),
    *ARRAY_NAMES, *(f"numpy.{name}" for name in ("float16", "float32", "float64", "int32", "int64", "uint32", "uint64")),
    *(f"numpy.random.{name}" for name in _RANDOM),
])  # fmt: skip
_ROW, _COUNT = ("index", b"index"), ("count", b"count")  # b: of Python 2
_LONGEST_DIGITS = 4  # a number that is a word takes at most so many digits for each of its bytes in a pickle
_MOST_ATTRIBUTES = 64  # of a Vocab object, which has three
_INVENTED_FROM = 32  # so many counts that fall by one do not come by chance


def looks_like(content: Any) -> bool:
    """Whether content begins as a pickle does, of gensim or of anything else."""
    head = bytes(content[:32])
    return (head[:1] == b"\x80" and len(head) > 1 and 2 <= head[1] <= _NEWEST_PROTOCOL) or head.startswith(_OLD_STARTS)


def read(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Read the word vectors of a model, or the first `limit`; counts, n-grams and output vectors come where they are there.

    Vectors in files beside the model, and the rows of n-grams, stay mapped. Counts that gensim makes up where it knows none (V,
    V - 1, ... 1) are left out, as are the inner nodes of a Huffman tree and the documents of Doc2Vec; one SemapWarning says so.
    Raises FileMissing (a file beside it too) and BadFile, which names a class that is none of gensim's vectors.
    """
    return _table(path, limit, threads, in_memory=True)


def stream(path: str | PathLike[str], *, limit: int | None = None, threads: int = 0) -> Table:
    """Open a model as `read` does, but rows of words stay in their file, or are composed, when they are asked for."""
    return _table(path, limit, threads, in_memory=False)


def _table(path: str | PathLike[str], limit: int | None, threads: int, *, in_memory: bool) -> Table:
    root = Attributes(path, read_pickle(path, map_file(path), KNOWN), fspath(path))
    words = _words_of(root)
    tokens = _tokens(words, limit)
    counts, lost = _counts(words, len(tokens))
    lost += ["the inner nodes of its Huffman tree"] if _syn1(root, "syn1", (None, None)) is not None else []
    lost += ["the vectors of its documents"] if root.part("dv") or root.part("docvecs") else []
    subwords = subwords_of(words, root)
    n_rows = len(words.values(_list_name(words)))
    dim = None if subwords is None else subwords.dim
    found = words.array("vectors" if "vectors" in words else "syn0", (n_rows, dim))
    rows: AnyArray | FileRows
    if found is None:
        composed = composed_rows(words, tokens, n_rows, subwords, threads)
        rows = composed.decode() if in_memory else composed
    else:
        whole = found[: len(tokens)]
        rows = finite_rows(path, whole) if in_memory else converted_rows(path, checked(path, whole))
    output = _syn1(root, "syn1neg", (n_rows, rows.shape[1]))
    second = None if output is None else finite_rows(path, output[: len(tokens)]).astype(rows.dtype, copy=False)
    if lost:
        warnings.warn(f"{fspath(path)}: left out: {', '.join(lost)}", SemapWarning, stacklevel=4)
    inner = None if subwords is None else MappedSubwords(path, subwords, subwords.rows.values)
    return table_from(path, NAME, tokens, rows, counts=counts, output=second, subwords=inner)


def _words_of(root: Attributes) -> Attributes:
    """The object that holds words: the model itself before gensim 1.0, its part `wv` since."""
    for found in (root, root.part("wv")):
        if found is not None and _list_name(found):
            return found
    raise BadFile(root.path, f"a Python pickle of {root.name}, which holds no word vectors of gensim")


def _list_name(words: Attributes) -> str:
    return next((name for name in ("index_to_key", "index2word", "index2entity") if name in words), "")


def _tokens(words: Attributes, limit: int | None) -> Tokens:
    listed = words.values(_list_name(words))[:limit]
    if not listed:
        raise BadFile(words.path, f"{words.name} holds no words")
    packed, n_bytes = [], 0
    most = _LONGEST_DIGITS * Path(words.path).stat().st_size
    for word in listed:
        packed.append(_token(words, word))
        n_bytes += len(packed[-1])
        if n_bytes > most:  # one long word can stand in a list a million times, in two bytes each
            told = f"its first {len(packed):,} words alone take {n_bytes:,} bytes"
            raise BadFile(words.path, f"{told}; a file of this size holds {most:,} at most")
    return Tokens.pack_bytes(packed)


def _token(words: Attributes, word: Any) -> bytes:
    """The bytes of a word; strings of Python 2 are bytes already, keys that are numbers are written out."""
    if isinstance(word, str):
        try:
            return word.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return word.encode("utf-8", "surrogatepass")
    if isinstance(word, bytes | memoryview):
        return bytes(word)
    number = number_in(word)
    if number is None:
        raise BadFile(words.path, f"a word of {words.name} is neither text nor a number, but {type(word).__name__}")
    return str(number).encode()


def _counts(words: Attributes, n_tokens: int) -> tuple[Counts64 | None, list[str]]:
    """How often each word stood in the text, where it is known; and what is left out."""
    extra = words.pairs("expandos")
    counts: AnyArray | None = None
    if extra is not None:
        names = list(map(text_in, extra.keys))
        try:
            counts = array_in(extra.values[names.index("count")]) if "count" in names else None
        except ValueError as failure:
            raise BadFile(words.path, f"counts of {words.name} are damaged: {failure}") from failure
    elif (entries := words.pairs("vocab")) is not None:
        counts = _counts_of_entries(entries.values, n_tokens)
    if counts is None or counts.ndim != 1 or len(counts) < n_tokens or counts.dtype.kind not in "iu":
        return None, []
    kept = counts[:n_tokens].astype(np.int64)
    if (kept < 0).any():
        return None, ["its counts, some of which are negative"]
    if len(counts) >= _INVENTED_FROM and np.array_equal(counts, np.arange(len(counts), 0, -1)):
        return None, ["its counts, which gensim made up (they fall by one from word to word)"]
    return kept, []


def _counts_of_entries(entries: list[Any], n_tokens: int) -> AnyArray | None:
    """The counts in the Vocab objects of gensim before 4.0, each of which knows its row."""
    counts = np.full(max(n_tokens, len(entries)), -1, np.int64)
    for entry in entries:
        state = entry.state if isinstance(entry, Record) else None
        if not isinstance(state, Pairs) or len(state.keys) > _MOST_ATTRIBUTES:
            return None
        row = count = None
        for key, value in zip(state.keys, state.values, strict=True):
            if key in _ROW:
                row = number_in(value)
            elif key in _COUNT:
                count = number_in(value)
        if row is None or count is None or not 0 <= row < len(counts) or not 0 <= count < 2**63:
            return None
        counts[row] = count
    return counts


def _syn1(root: Attributes, name: str, shape: tuple[int | None, ...]) -> AnyArray | None:
    """The second matrix of a model, which gensim 3 keeps in a part."""
    return next((part.array(name, shape) for part in (root, root.part("trainables")) if part and name in part), None)
