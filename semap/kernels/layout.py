"""The named groups of arrays that training kernels work on; shared by the plain and the compiled twins.

P is the row width: `dim` rounded up to a multiple of 16, so that a row is whole vectors; the padding stays 0.
L is the number of lanes, U the most rows that one block can use.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "CBOW",
    "CBOW_WORD2VEC",
    "CLAIMS",
    "DIVIDED",
    "DONE",
    "INPUT",
    "KEEP",
    "NEGATIVES",
    "NEXT",
    "OUTPUT",
    "SKIPGRAM",
    "SOFTMAX",
    "START",
    "UNDIVIDED",
    "WHOLE",
    "WINDOW",
    "Copies",
    "Desk",
    "Grams",
    "Links",
    "Matrices",
    "Noise",
    "Plan",
    "Reading",
    "Tree",
]

INPUT = 1  # bits of `Copies.needs`: the block uses this word's input row ...
OUTPUT = 2  # ... its output row

SKIPGRAM, CBOW, CBOW_WORD2VEC, SOFTMAX = 0, 1, 2, 3  # `Plan.learner`
WHOLE, DIVIDED, UNDIVIDED = 0, 1, 2  # `Plan.subwords`: none; the true gradient of the mean; every row moved as the mean is
KEEP, WINDOW, NEGATIVES, START = 0, 1, 2, 3  # purposes of random streams
NEXT, DONE, CLAIMS = 0, 16, 32  # cells of `control`: next task, tasks done, and from CLAIMS how often each was taken


class Tree(NamedTuple):
    """A binary tree whose leaves are the words; step 2 n + c of a word's path leaves node n, a row of `outputs`, to side c."""

    starts: npt.NDArray[np.int64]  # (V + 1,) where the path of each word starts, from the root on
    steps: npt.NDArray[np.int32]  # empty where the objective needs no tree


class Grams(NamedTuple):
    """With sub-words: the input of a word is the mean of some of R rows, its own and those of its n-grams; else all are empty."""

    starts: npt.NDArray[np.int64]  # (V + 1,) those of word w are ...
    rows: npt.NDArray[np.int32]  # ... rows[starts[w] : starts[w + 1]]; one may come twice
    heads: npt.NDArray[np.int32]  # (R,) first touch of a row in this round while a fold runs, else -1


class Matrices(NamedTuple):
    """The model: what `fit` learns, and the fold's scratch."""

    inputs: npt.NDArray[np.float32]  # (V * P,); with sub-words (R * P,)
    outputs: npt.NDArray[np.float32]  # (V * P,)
    heads: npt.NDArray[np.int32]  # (V,) first touch of a word in this round while a fold runs, else -1
    tree: Tree  # which rows of `outputs` a word is found by, where they are its nodes
    grams: Grams  # which rows of `inputs` a word is the mean of, where that is not its own alone


class Reading(NamedTuple):
    """Where words stand: a span of the corpus, in global positions."""

    ids: npt.NDArray[np.int32]  # ids[position - first]
    offsets: npt.NDArray[np.int64]  # starts of the texts and the end of the last, global positions
    first: int


class Noise(NamedTuple):
    """What chance reads: how often a word is kept, and the alias table of the noise distribution."""

    keep: npt.NDArray[np.uint32]  # (V,) a word is kept when its 32-bit draw is <= keep[word]
    limits: npt.NDArray[np.uint32]  # (V,) alias table: below it the column's own word ...
    others: npt.NDArray[np.int32]  # (V,) ... above it this one


class Plan(NamedTuple):
    """The numbers of one run of rounds."""

    width: int  # P
    window: int
    fixed_window: int  # 1: every window has its full width; 0: uniform in 1 .. window
    negatives: int
    pool: int  # noise words drawn for a block; every centre takes its negatives from them
    block: int  # corpus positions in a block
    lanes: int  # blocks in a round
    learner: int  # SKIPGRAM, CBOW, CBOW_WORD2VEC or SOFTMAX
    seed: int
    curvature: float  # how fast one update of size learning_rate relaxes a row; see the fold
    hierarchical: int  # 1: a centre's outputs are the nodes of its path; 0: itself and noise words
    subwords: int  # WHOLE, DIVIDED or UNDIVIDED
    stretch: float  # DIVIDED: how many times the learning rate the step of an input row is
    crowding: float  # how fast one update relaxes a row that several words share; see `fold_subwords`


class Copies(NamedTuple):
    """The private rows of the lanes; slot numbers run through all lanes, U to each."""

    rows: npt.NDArray[np.int32]  # (L * U,) the word of each slot
    needs: npt.NDArray[np.uint8]  # (L * U,) INPUT | OUTPUT
    touches: npt.NDArray[np.int32]  # (2 * L * U,) pairs that changed the input row, then the output row, of each slot
    following: npt.NDArray[np.int32]  # (L * U,) next slot of the same word in this round, or -1
    inputs: npt.NDArray[np.float32]  # (L * U * P,)
    outputs: npt.NDArray[np.float32]  # (L * U * P,)
    n_slots: npt.NDArray[np.int64]  # (L,) used
    losses: npt.NDArray[np.float64]  # (L,) summed over the pairs of the block
    pairs: npt.NDArray[np.int64]  # (L,)


class Links(NamedTuple):
    """One thread's scratch for folding sub-words: every row of every slot of a round is a link; all are int32 of one size."""

    slots: npt.NDArray[np.int32]  # whose word has ...
    rows: npt.NDArray[np.int32]  # ... this row
    nexts: npt.NDArray[np.int32]  # the next link of the same row, or -1
    firsts: npt.NDArray[np.int32]  # the first link of each row
    gathered: npt.NDArray[np.int32]  # the slots of one row


class Desk(NamedTuple):
    """One thread's scratch."""

    slots: npt.NDArray[np.int32]  # (V,) slot of a word in the block being read, else -1
    number: int  # of the thread, from 0
    words: npt.NDArray[np.int32]  # slots of the kept words of the block and its margins, -1 between texts; 16 to spare
    positions: npt.NDArray[np.int64]  # corpus position of each of them
    negatives: npt.NDArray[np.int64]  # (pool,) slots of the block's noise words
    contexts: npt.NDArray[np.int32]  # (2 * window + 32,) slots of a centre's contexts
    starts: npt.NDArray[np.int64]  # (2 * window + 32,) where the contexts' input rows start
    targets: npt.NDArray[np.int64]  # slots of a centre's outputs: its own, then its noise words; or the nodes of its path
    signs: npt.NDArray[np.float32]  # of each output: 1 to score high, -1 to score low, 0 for a drawn positive
    floats: npt.NDArray[np.float32]  # loss, signs and gradients; see skipgram.py
    exponents: npt.NDArray[np.int32]  # (16,) of the loss
    order: npt.NDArray[np.int32]  # (L * U,) first slot of each word of a fold
    places: npt.NDArray[np.int64]  # (L,) rows of one word while it is folded
    bases: npt.NDArray[np.float32]  # (U * P,) with sub-words: the inputs of the block's words before they were trained
    links: Links
