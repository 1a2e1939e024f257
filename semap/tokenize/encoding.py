"""One text as sub-words: ids, tokens, and the place of each in the text; and a batch of them as one padded array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import Flags, TokenIds

__all__ = ["Encoding", "encoding_of", "padded"]


@dataclass(frozen=True, eq=False)
class Encoding:
    """The n tokens of one text.

    ids: int32 (n,). tokens: as the vocabulary spells them ("##ing", "Ġthe"). offsets: int32 (n, 2), token i stands at
    text[offsets[i, 0] : offsets[i, 1]], in characters of the text that was given; where one character takes several tokens,
    each has the place of the whole character. special: bool (n,), True for a token that is not in the text, as [CLS].
    n_cut: how many tokens `max_length` cut off.
    """

    ids: TokenIds
    tokens: tuple[str, ...]
    offsets: npt.NDArray[np.int32]
    special: Flags
    n_cut: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def encoding_of(found: Any, max_length: int | None) -> Encoding:
    """Return what the library found; of too many tokens the last of the text go, those that are not in the text stay."""
    special = np.array(found.special_tokens_mask, np.bool_)
    kept = np.arange(len(special))
    if max_length is not None and len(special) > max_length:
        room = max(max_length - int(special.sum()), 0)
        kept = np.flatnonzero(special | (np.cumsum(~special) <= room))
    tokens = found.tokens
    return Encoding(
        _frozen(np.array(found.ids, np.int32)[kept]),
        tuple(tokens[place] for place in kept.tolist()),
        _frozen(np.array(found.offsets, np.int32).reshape(-1, 2)[kept]),
        _frozen(special[kept]),
        len(special) - len(kept),
    )


def padded(batch: Sequence[Encoding], padding_id: int) -> tuple[TokenIds, Flags]:
    """Return ids int32 (B, T), T being the longest of the batch, and a mask bool (B, T), True where a token stands."""
    lengths = np.fromiter(map(len, batch), np.int64, len(batch))
    mask = np.arange(lengths.max(initial=0)) < lengths[:, None]
    ids = np.full(mask.shape, padding_id, np.int32)
    if len(batch):
        ids[mask] = np.concatenate([encoding.ids for encoding in batch])
    return ids, mask


def _frozen(array: Any) -> Any:
    array.flags.writeable = False
    return array
