"""One text as sub-words: ids, tokens, and the place of each in the text; and a batch of them as one padded array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semap.arrays import Flags, TokenIds
from semap.text.given import readable

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


def encoding_of(found: Any, text: str, max_length: int | None) -> Encoding:
    """Return what the library found in `readable(text)`; of too many tokens the last go, those not in the text stay."""
    special = np.array(found.special_tokens_mask, np.bool_)
    kept = np.arange(len(special))
    if max_length is not None and len(special) > max_length:
        room = max(max_length - int(special.sum()), 0)
        kept = np.flatnonzero(special | (np.cumsum(~special) <= room))
    tokens = found.tokens
    return Encoding(
        _frozen(np.array(found.ids, np.int32)[kept]),
        tuple(tokens[place] for place in kept.tolist()),
        _frozen(_places(np.array(found.offsets, np.int32).reshape(-1, 2), text)[kept]),
        _frozen(special[kept]),
        len(special) - len(kept),
    )


def _places(offsets: npt.NDArray[np.int32], text: str) -> npt.NDArray[np.int32]:
    """Offsets into `readable(text)` as offsets into `text`, where a lone surrogate is one character, not three."""
    if len(readable(text)) == len(text):
        return offsets
    widths = [3 if "\ud800" <= character <= "\udfff" else 1 for character in text]
    origin = np.append(np.repeat(np.arange(len(text), dtype=np.int32), widths), np.int32(len(text)))
    starts, ends = offsets.T
    return np.stack([origin[starts], np.where(ends > starts, origin[ends - 1] + 1, origin[ends])], axis=1)


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
