"""Words and n-grams of texts in, a score for each class out: the two architectures of the text classifier."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.learn.start import starting_rows
from semap.table.table import Table
from semap.torch.backend import Tensor, functional, generator, linear, nn, torch
from semap.torch.bags import Bags
from semap.torch.embedding_layer import EmbeddingLayer

if TYPE_CHECKING:
    from semap.torch.classifier import TextClassifier

__all__ = ["Average", "Network", "Sizes", "Transformer", "build_network", "scale_of"]

_GRAM_SEED = 0x9A3
_RATIO_WEIGHT = 20.0  # of a mean of log-count ratios in a class's score at the start: about their sum over a sentence's words


@dataclass(frozen=True)
class Sizes:
    """What a network was built for. `scale`: the rows are multiplied by it."""

    n_words: int
    row_dim: int
    n_grams: int
    n_classes: int
    scale: float


class Network(nn.Module):
    """What both architectures are: a vector of the words, beside it the mean of the n-grams' rows, and one linear layer.

    words: the layer with the rows. drawn: the generator of the random start, on the CPU.
    """

    def __init__(self, settings: TextClassifier, sizes: Sizes, words: EmbeddingLayer, dim: int, drawn: torch.Generator) -> None:
        super().__init__()
        self.words = words
        self.width = settings.ngram_dim if sizes.n_grams else 0
        if self.width:
            start = 2 * starting_rows(sizes.n_grams, self.width, settings.seed + _GRAM_SEED)  # -1/D .. 1/D, as in fastText
            self.grams = nn.Parameter(torch.from_numpy(start))
        self.output = linear(dim + self.width, sizes.n_classes, drawn)
        self.dropout = settings.dropout

    def start_with(self, ratios: FloatMatrix) -> None:
        """Put log-count ratios, float32 (n_grams, C), into the first C columns of the n-grams' rows, and a weight before them.

        So the first scores are those of naive Bayes (up to the length of a text), and training goes on from there.
        """
        n_classes = ratios.shape[1]
        first = self.output.in_features - self.width
        with torch.no_grad():
            self.grams[:, :n_classes] = torch.from_numpy(ratios)
            own = torch.eye(n_classes) - 1.0 / n_classes
            self.output.weight[:, first : first + n_classes] = _RATIO_WEIGHT * own

    def forward(self, words: Bags, grams: Bags, drawn: torch.Generator | None = None) -> Tensor:
        """Return the scores of the classes before the softmax, (B, C), of the words and n-grams of B texts.

        drawn: the generator of dropout in training, None for no dropout.
        """
        text = self.vectors(words, drawn)
        if self.width:
            text = torch.cat([text, mean_rows(self.grams, grams)], 1)
        scores: Tensor = self.output(dropped(text, self.dropout, drawn))
        return scores

    def vectors(self, words: Bags, drawn: torch.Generator | None) -> Tensor:
        """Return a vector of the words of each text."""
        raise NotImplementedError


class Average(Network):
    """The vector of a text is the mean of its words' rows.

    Joulin et al. 2016, Bag of Tricks for Efficient Text Classification, section 2, with this difference: fastText takes one
    mean over words and n-grams together, in which a text's many n-grams, met once or twice, drown the few rows that are known
    well; here each kind has a mean and weights of its own, and n-gram rows may be shorter (`ngram_dim`).
    """

    def __init__(self, settings: TextClassifier, sizes: Sizes, rows: Table | tuple[int, int]) -> None:
        drawn = generator(torch.device("cpu"), settings.seed)
        words = EmbeddingLayer(rows, frozen=settings.frozen, scale=sizes.scale, sparse=True, seed=settings.seed)
        super().__init__(settings, sizes, words, sizes.row_dim, drawn)

    def vectors(self, words: Bags, drawn: torch.Generator | None) -> Tensor:
        """Return the means."""
        return mean_rows(self.words.weight, words) * (self.words.scale or 1.0)


class Transformer(Network):
    """The vector of a text is the mean of what an encoder gives for its words.

    Rows + positions, a projection to `dim` where the rows have another, pre-norm blocks: Vaswani et al. 2017, section 3.1,
    with the norm before each part instead of after it (Xiong et al. 2020, On Layer Normalization in the Transformer
    Architecture), which trains without a warm-up.
    """

    def __init__(self, settings: TextClassifier, sizes: Sizes, rows: Table | tuple[int, int]) -> None:
        drawn = generator(torch.device("cpu"), settings.seed)
        dim = settings.dim or sizes.row_dim
        words = EmbeddingLayer(
            rows, positions=settings.positions, max_length=settings.max_length, scale=sizes.scale, frozen=settings.frozen,
            sparse=True, seed=settings.seed,
        )  # fmt: skip
        super().__init__(settings, sizes, words, dim, drawn)
        self.project = linear(sizes.row_dim, dim, drawn) if dim != sizes.row_dim else nn.Identity()
        self.blocks = nn.ModuleList(Block(dim, settings.heads, settings.dropout, drawn) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(dim)

    def vectors(self, words: Bags, drawn: torch.Generator | None) -> Tensor:
        """Return the means over the places that are no padding."""
        ids, mask = padded(words, self.words.weight.device)
        hidden = dropped(self.project(self.words(ids)), self.dropout, drawn)
        seen = mask | ~mask.any(1, keepdim=True)  # a text without words attends to its padding: a softmax over nothing is NaN
        for block in self.blocks:
            hidden = block(hidden, seen, drawn)
        counted = mask[..., None].to(hidden.dtype)
        mean: Tensor = (self.norm(hidden) * counted).sum(1) / counted.sum(1).clamp(min=1)
        return mean


class Block(nn.Module):
    """Attention and a feed-forward part, each added to what it read."""

    def __init__(self, dim: int, heads: int, dropout: float, drawn: torch.Generator) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_attention, self.norm_forward = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.asked, self.joined = linear(dim, 3 * dim, drawn), linear(dim, dim, drawn)
        self.wide, self.narrow = linear(dim, 4 * dim, drawn), linear(4 * dim, dim, drawn)

    def forward(self, hidden: Tensor, seen: Tensor, drawn: torch.Generator | None) -> Tensor:
        """hidden: (B, T, D); seen: bool (B, T), the places that may be attended to."""
        n_texts, length, dim = hidden.shape
        parts = self.asked(self.norm_attention(hidden)).view(n_texts, length, 3, self.heads, dim // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        heads = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=seen[:, None, None, :])
        hidden = hidden + dropped(self.joined(heads.transpose(1, 2).reshape(hidden.shape)), self.dropout, drawn)
        inner = self.narrow(functional.gelu(self.wide(self.norm_forward(hidden))))
        result: Tensor = hidden + dropped(inner, self.dropout, drawn)
        return result


def build_network(settings: TextClassifier, sizes: Sizes, rows: Table | None = None) -> Network:
    """Return the network of some settings, on the CPU: its rows from a table, or random."""
    kind: Any = {"average": Average, "transformer": Transformer}[settings.architecture]
    made: Network = kind(settings, sizes, (sizes.n_words, sizes.row_dim) if rows is None else rows)
    return made


def scale_of(settings: TextClassifier, rows: Table | None) -> float:
    """Return what the rows are multiplied by, so that they meet the rest of the network at the same size from any table.

    average: a mean of n unrelated unit rows has the length n ** -0.5, so rows of length 4 have means of about 1 at 16 words;
    random rows stay small, as fastText begins. transformer: numbers of mean square 1, about what positions add.
    """
    if rows is None:
        square = settings.row_dim / 12 / settings.row_dim**2  # of a row uniform in -0.5/D .. 0.5/D
    else:
        square = float(np.mean(np.square(rows.vectors, dtype=np.float64).sum(1)))
    if settings.architecture == "average":
        return 4.0 / math.sqrt(square) if rows is not None and square else 1.0
    return math.sqrt(settings.row_dim / square) if square else 1.0


def mean_rows(rows: Tensor, bags: Bags) -> Tensor:
    """Return the mean row of each bag, (B, D), zeros for an empty one."""
    ids, offsets = (torch.from_numpy(part).to(rows.device) for part in (bags.ids, bags.offsets))
    return functional.embedding_bag(ids, rows, offsets, mode="mean", sparse=True, include_last_offset=True)


def dropped(values: Tensor, share: float, drawn: torch.Generator | None) -> Tensor:
    """Return values with a share of them zeroed and the rest grown to match (Srivastava et al. 2014), by one's own generator."""
    if drawn is None or not share:
        return values
    kept = torch.rand(values.shape, generator=drawn, device=values.device) >= share
    return values * kept / (1.0 - share)


def padded(bags: Bags, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return ids (B, T) with zeros behind the shorter ones, and the mask bool (B, T) of what is no padding; T from 1."""
    lengths = bags.lengths
    mask = np.arange(max(1, int(lengths.max(initial=0)))) < lengths[:, None]
    ids = np.zeros(mask.shape, np.int64)
    ids[mask] = bags.ids
    return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
