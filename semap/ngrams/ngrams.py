"""Packed tokens in, the buckets that their character n-grams fall into out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from semap.arrays import Bytes, Offsets, TokenIds
from semap.errors import SettingsError
from semap.settings import whole

__all__ = ["Hash", "NGrams"]

Hash: TypeAlias = Literal["fasttext", "floret", "finalfusion", "code-points"]
_LONGEST = 1000  # code points of an n-gram
_MARKS_COUNT = ("finalfusion", "code-points")
_END_OF_TEXT = b"</s>"  # fastText's mark, a token without n-grams


@dataclass(frozen=True)
class NGrams:
    """How a token falls into buckets: its n-grams of min_n .. max_n code points between "<" and ">", hashed.

    hash="fasttext": Bojanowski et al. 2017, section 3.2, as fastText does it: FNV-1a of 32 bits over signed chars, one bucket
        an n-gram. hash="floret": as floret does it: `hashes` buckets (1 to 4) a string, which are parts of its
        MurmurHash3_x64_128 with `seed`, and the whole token between its marks is hashed first. "</s>", the end of a text, has
        none in both. hash="finalfusion": as finalfusion-rust does it (src/subword.rs): FNV-1a of 64 bits over the number of code
        points and each of them, `buckets` a power of two. hash="code-points": as gensim before 3.7 did it: FNV-1a of 32 bits over
        code points. In these two "<" and ">" alone are n-grams where min_n is 1, and "</s>" is a token as any other.
        Raises SettingsError.
    """

    min_n: int
    max_n: int
    buckets: int
    hash: Hash = "fasttext"
    hashes: int = 1
    seed: int = 2166136261

    def __post_init__(self) -> None:
        for field, least, most in (
            ("min_n", 1, _LONGEST), ("max_n", 1, _LONGEST), ("buckets", 1, 2**31 - 1), ("hashes", 1, 4), ("seed", 0, 2**32 - 1),
        ):  # fmt: skip
            object.__setattr__(self, field, whole(field, getattr(self, field), least, most))
        if self.min_n > self.max_n:
            told = f"n-grams of {self.min_n} to {self.max_n} characters"
            raise SettingsError(f"{told}: the range is upside down; give the smaller number first")
        if self.hash not in get_args(Hash):
            raise SettingsError(f"hash is {self.hash!r}; give one of {', '.join(map(repr, get_args(Hash)))}")
        if self.hash != "floret" and self.hashes != 1:
            raise SettingsError(f"hashes is {self.hashes}; {self.hash} n-grams have one bucket each: give 1, or hash='floret'")
        if self.hash == "finalfusion" and self.buckets & (self.buckets - 1):
            raise SettingsError(f"buckets is {self.buckets:,}; finalfusion's are a power of two: give 2 ** n")

    @property
    def whole_tokens(self) -> bool:
        """Whether a token falls into buckets as a whole, too, so that it needs no row of its own."""
        return self.hash == "floret"

    def buckets_of(self, data: Bytes, offsets: Offsets) -> tuple[TokenIds, Offsets]:
        """Return the buckets of packed tokens, int32, those of token i at the places starts[i] .. starts[i + 1] - 1; and starts.

        data: uint8, offsets: int64 (B+1,), as `vocab.Tokens` has them. A token can have none (fewer characters than min_n - 2).
        """
        from semap.kernels.native import ngrams as kernels

        n_tokens = len(offsets) - 1
        starts = np.zeros(n_tokens + 1, np.int64)
        if not n_tokens:
            return np.empty(0, np.int32), starts
        counts = np.empty(n_tokens, np.int64)
        kernels.count_ngrams(data, offsets, self.min_n, self.max_n, 0, n_tokens, counts)
        sizes = np.diff(offsets)
        if self.whole_tokens:
            counts = (counts + 1) * self.hashes
        if self.hash in _MARKS_COUNT:
            counts += 2 * (self.min_n == 1)
        else:
            counts[_ends_of_text(data, offsets, sizes)] = 0
        np.cumsum(counts, out=starts[1:])
        out, word = np.empty(int(starts[-1]), np.int32), np.empty(int(sizes.max()) + 2, np.uint8)
        settings, span = (self.min_n, self.max_n, self.buckets), (0, n_tokens)
        if self.hash == "floret":
            kernels.floret_buckets(data, offsets, *settings, self.hashes, self.seed, *span, starts, word, out)
        elif self.hash == "finalfusion":
            kernels.finalfusion_buckets(data, offsets, *settings, *span, starts, word, out)
        elif self.hash == "code-points":
            kernels.code_point_buckets(data, offsets, *settings, *span, starts, word, out)
        else:
            kernels.fasttext_buckets(data, offsets, *settings, *span, starts, word, out)
        return out, starts

    def buckets_of_strings(self, data: Bytes, offsets: Offsets) -> TokenIds:
        """Return the bucket of each packed string as it stands, int32 (B,): for n-grams that a file names by their letters.

        For hash="fasttext" only.
        """
        from semap.kernels.native.ngrams import string_buckets

        out = np.empty(len(offsets) - 1, np.int32)
        string_buckets(data, offsets, self.buckets, out)
        return out

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON holds them."""
        return asdict(self)

    @classmethod
    def from_json(cls, settings: Mapping[str, Any]) -> NGrams:
        """Return what `to_json` gave. Raises SettingsError where a setting is missing, unknown or wrong."""
        known = set(cls.__dataclass_fields__)
        if set(settings) != known:
            found = ", ".join(sorted(map(str, settings)))
            raise SettingsError(f"settings of n-grams are {', '.join(sorted(known))}; found {found}")
        return cls(**settings)


def _ends_of_text(data: Bytes, offsets: Offsets, sizes: Any) -> Any:
    """The numbers of the tokens that are "</s>"."""
    near = np.flatnonzero(sizes == len(_END_OF_TEXT))
    letters = data[offsets[near][:, None] + np.arange(len(_END_OF_TEXT))] if len(near) else np.empty((0, 4), np.uint8)
    return near[(letters == np.frombuffer(_END_OF_TEXT, np.uint8)).all(axis=1)]
