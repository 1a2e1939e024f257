"""Settings in, a learner out whose `fit` turns a corpus into a Table: what SkipGram and CBOW share."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass
from os import PathLike
from typing import Any, ClassVar, Literal

from semap.corpus.blocks import Blocks
from semap.errors import EmptyCorpus, SemapWarning, SettingsError
from semap.learn.checkpoint import minutes_between
from semap.learn.shape import LARGEST_POOL, Auto
from semap.ngrams.ngrams import NGrams
from semap.parallel.crew import thread_count
from semap.progress import Progress
from semap.settings import flag, real, whole
from semap.table.table import Table

__all__ = ["Learner"]

_LONG_CORPUS = 1_000_000  # tokens
_LARGEST_POOL_OF_SUBWORDS = 512  # half of it cost rare words and analogies .01
_BUCKETS, _COMPACT_BUCKETS = 2_000_000, 50_000  # the defaults of fastText and of floret


@dataclass(frozen=True, kw_only=True)
class Learner:
    """The settings of word2vec and how to run it; see SkipGram and CBOW for what each learns.

    dim: length D of the vectors. window: words to each side of the centre; each centre's reach is uniform in 1 .. window, as in
    word2vec, or always `window` with fixed_window=True. negatives: noise words a centre is told apart from.
    sample: words with a larger share of the corpus are left out at random (0 keeps all). ns_exponent: noise is drawn in
    proportion to count ** ns_exponent. learning_rate: falls linearly to 1e-4 of itself. objective: "negative" sampling;
    "hierarchical" softmax over a Huffman tree of the words (negatives and ns_exponent have no say then); or
    "softmax" over all words (exact; its time grows with the vocabulary).
    lanes, block, pool: the shape of a round, see docs/decisions/0003-rounds.md; they are part of the model. "auto" chooses
    from the sizes of corpus and vocabulary and is written to the table's metadata.
    threads: 0 for every CPU of the process; never changes the result. seed: from 0. keep_output: keep the second matrix in
    `table.output_vectors`.
    subwords: (shortest, longest) n-gram in characters, as (3, 6): a word's vector is then the mean of a row of its own and of
    those of its n-grams, and the table composes vectors of words it has never seen; see docs/decisions/0005-subwords.md. None:
    whole words. buckets: rows that n-grams are hashed to, "auto" 2,000,000 (compact: 50,000); only those that the vocabulary uses
    take memory. compact: as floret has it, words are hashed into the same few rows as n-grams, each string into `hashes` of them
    ("auto": 2).
    """

    dim: int = 100
    window: int = 5
    negatives: int = 5
    sample: float = 1e-3
    ns_exponent: float = 0.75
    learning_rate: float = 0.025
    epochs: int = 5
    objective: Literal["negative", "softmax", "hierarchical"] = "negative"
    fixed_window: bool = False
    lanes: int | Auto = "auto"
    block: int | Auto = "auto"
    pool: int | Auto = "auto"
    threads: int = 0
    seed: int = 1
    keep_output: bool = False
    subwords: tuple[int, int] | None = None
    buckets: int | Auto = "auto"
    compact: bool = False
    hashes: int | Auto = "auto"

    name: ClassVar[str] = ""
    longest_block: ClassVar[int] = 1024  # positions; its rows, copied, stay in a core's own cache
    objectives: ClassVar[tuple[str, ...]] = ("negative",)

    def __post_init__(self) -> None:
        least_of = {"dim": 1, "window": 1, "negatives": 1, "epochs": 1, "seed": 0, "threads": 0}
        least_of |= {field: 1 for field in ("lanes", "block", "pool") if getattr(self, field) != "auto"}
        for field, least in least_of.items():
            self._keep(field, whole(field, getattr(self, field), least))
        for field in ("sample", "learning_rate", "ns_exponent"):
            self._keep(field, real(field, getattr(self, field)))
        for field in ("fixed_window", "keep_output", "compact"):
            self._keep(field, flag(field, getattr(self, field)))
        if self.learning_rate == 0:
            raise SettingsError("learning_rate is 0, so nothing would be learned; word2vec's default is 0.025")
        if self.objective not in self.objectives:
            known = " or ".join(map(repr, self.objectives))
            raise SettingsError(f"objective is {self.objective!r}; {type(self).__name__} knows {known}")
        self._check_subwords()

    def fit(
        self,
        corpus: Blocks,
        *,
        init: Table | None = None,
        progress: bool | Progress = False,
        checkpoint: str | PathLike[str] | None = None,
        every: float = 10.0,
        resume: bool = False,
    ) -> Table:
        """Learn from a Corpus (or other Blocks) and return a Table of its vocabulary, float32 (V, D).

        init: a table to go on from; its tokens keep their vectors as a start, new words are added, and tokens that the corpus
        lacks stay as they are. checkpoint: a folder that gets the state every `every` minutes and at Ctrl-C; resume=True
        goes on from it, to the same bits as an unbroken run, or begins where nothing was saved.
        Raises EmptyCorpus, SettingsError, TrainingDiverged, CheckpointError, CannotWrite, and TrainingInterrupted after a Ctrl-C
        that was saved (KeyboardInterrupt where there is no checkpoint folder).
        """
        from semap.learn.training import Training

        if not hasattr(corpus, "read") or not hasattr(corpus, "n_tokens"):
            raise SettingsError(f"fit takes a Corpus, not {type(corpus).__name__}; semap.read_text(...) makes one")
        minutes = minutes_between(every, checkpoint, resume)
        if corpus.n_tokens == 0:
            raise EmptyCorpus("the corpus holds no token, so there is nothing to learn from; give texts, or lower min_count")
        training = Training(self, corpus, init)
        threads = self._threads_for(training.shape.lanes, corpus.n_tokens)
        return training.run(threads, progress, checkpoint, minutes, resume)

    def _check_subwords(self) -> None:
        if self.subwords is None:
            for field, unset in (("buckets", "auto"), ("compact", False), ("hashes", "auto")):
                if getattr(self, field) != unset:
                    told = f"{field} is {getattr(self, field)!r}, but subwords is None"
                    raise SettingsError(f"{told}; give the lengths of the n-grams too, as subwords=(3, 6)")
            return
        if not isinstance(self.subwords, tuple | list) or len(self.subwords) != 2:
            raise SettingsError(f"subwords is {self.subwords!r}; give the shortest and the longest n-gram, as subwords=(3, 6)")
        if self.hashes not in ("auto", 1) and not self.compact:
            raise SettingsError(f"hashes is {self.hashes!r}, but compact is False: n-grams have one row each; set compact=True")
        ngrams = self.ngrams
        assert ngrams is not None
        self._keep("subwords", (ngrams.min_n, ngrams.max_n))
        if self.buckets != "auto":
            self._keep("buckets", ngrams.buckets)
        if self.hashes != "auto":
            self._keep("hashes", ngrams.hashes)

    def _check_compat(self, compat: str | None) -> None:
        if compat == "fasttext" and self.subwords is None:
            raise SettingsError("compat is 'fasttext', which is about n-grams, but subwords is None; give subwords=(3, 6)")

    @property
    def largest_pool(self) -> int:
        """Noise words drawn for a block, at most, where `pool` is "auto"."""
        return LARGEST_POOL if self.subwords is None else _LARGEST_POOL_OF_SUBWORDS

    @property
    def undivided(self) -> bool:
        """Whether every row of a word moves by the whole gradient of their mean."""
        return getattr(self, "compat", None) == "fasttext"

    @property
    def ngrams(self) -> NGrams | None:
        """How a word falls into the buckets of its n-grams; None without sub-words."""
        if self.subwords is None:
            return None
        n_hashes = (2 if self.compact else 1) if self.hashes == "auto" else self.hashes
        n_buckets = (_COMPACT_BUCKETS if self.compact else _BUCKETS) if self.buckets == "auto" else self.buckets
        return NGrams(*self.subwords, n_buckets, "floret" if self.compact else "fasttext", n_hashes)

    def _threads_for(self, lanes: int, n_tokens: int) -> int:
        """How many threads to start; says when some would only wait (a short text with threads=0 is not worth a warning)."""
        threads = thread_count(self.threads)
        if threads > lanes and (self.threads or n_tokens >= _LONG_CORPUS):
            warnings.warn(
                f"{threads} threads but {lanes} lanes in a round: only {lanes} threads have work; set lanes={threads} "
                "(a setting of the model, like a batch size) or fewer threads",
                SemapWarning,
                stacklevel=3,
            )
        return min(threads, lanes)

    def _keep(self, field: str, value: object) -> None:
        """Put the checked value in the place of the given one, in spite of being frozen."""
        object.__setattr__(self, field, value)

    @property
    def kernel(self) -> int:
        """Which kernel trains a block (a constant of `semap.kernels.layout`)."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads` and `keep_output`."""
        fields = dataclasses.asdict(self)
        del fields["threads"], fields["keep_output"]
        if self.subwords is None:
            for field in ("subwords", "buckets", "compact", "hashes"):
                del fields[field]
        return {"learner": type(self).__name__, **fields}
