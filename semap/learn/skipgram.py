"""Settings in, a skip-gram learner out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from semap.errors import SettingsError
from semap.kernels.layout import SKIPGRAM, SOFTMAX
from semap.learn.learner import Learner

__all__ = ["SkipGram"]


@dataclass(frozen=True, kw_only=True)
class SkipGram(Learner):
    """Skip-gram: a word's vector is moved so that it tells the words around it from noise; `SkipGram(...).fit(corpus)`.

    Mikolov et al. 2013, Distributed Representations of Words and Phrases, equation 4, trained as word2vec.c trains it, with
    these differences: noise words are drawn once for a centre and shared by its contexts; the sigmoid is exact, never cut off;
    texts of any length are trained whole; and the result does not depend on `threads`. objective="softmax" is equation 2,
    objective="hierarchical" equation 3 (Morin and Bengio 2005). With `subwords` (Bojanowski et al. 2017) the gradient of a row is
    the true one, divided by the number of rows of the word; compat="fasttext" leaves the division out, as that tool does.
    """

    compat: Literal["fasttext"] | None = None

    objectives: ClassVar[tuple[str, ...]] = ("negative", "softmax", "hierarchical")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.compat not in (None, "fasttext"):
            raise SettingsError(f"compat is {self.compat!r}; give None or 'fasttext'")
        self._check_compat(self.compat)

    @property
    def kernel(self) -> int:
        """Which kernel trains a block."""
        return SOFTMAX if self.objective == "softmax" else SKIPGRAM
