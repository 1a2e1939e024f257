"""Settings in, a continuous-bag-of-words learner out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from semap.errors import SettingsError
from semap.kernels.layout import CBOW as CBOW_KERNEL
from semap.kernels.layout import CBOW_WORD2VEC
from semap.learn.learner import Learner

__all__ = ["CBOW"]


@dataclass(frozen=True, kw_only=True)
class CBOW(Learner):
    """Continuous bag of words: the mean of the words around a centre tells it from noise; `CBOW(...).fit(corpus)`.

    Mikolov et al. 2013, Efficient Estimation of Word Representations, section 3.1. The gradient is the true one: divided by the
    number of contexts, which word2vec.c and gensim leave out (gensim#1873; Irsoy et al. 2021, Corrected CBOW, hence the
    larger default learning_rate). compat="word2vec" repeats the old behaviour; give it learning_rate=0.05, that tool's default.
    With `subwords` compat="fasttext" leaves out the division by the rows of a word, too.
    """

    learning_rate: float = 0.1
    compat: Literal["word2vec", "fasttext"] | None = None

    longest_block: ClassVar[int] = 2048  # a centre is one step, not one for each context, so that copying rows weighs more
    objectives: ClassVar[tuple[str, ...]] = ("negative", "hierarchical")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.compat not in (None, "word2vec", "fasttext"):
            raise SettingsError(f"compat is {self.compat!r}; give None, 'word2vec' or 'fasttext'")
        self._check_compat(self.compat)

    @property
    def kernel(self) -> int:
        """Which kernel trains a block."""
        return CBOW_WORD2VEC if self.compat else CBOW_KERNEL
