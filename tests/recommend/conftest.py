"""Small interactions with a known structure: ids are letters in an order of their own, never their rows."""

from __future__ import annotations

import numpy as np
import pytest

from semap.interactions.interactions import Interactions
from semap.vocab.vocab import Vocab


def interactions(pairs, users, items, values=None):
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    user_ids = np.array([users.index(name) for name in rows], np.int32)
    item_ids = np.array([items.index(name) for name in columns], np.int32)
    return Interactions(
        Vocab(users, np.bincount(user_ids, minlength=len(users))),
        Vocab(items, np.bincount(item_ids, minlength=len(items))),
        user_ids, item_ids, None if values is None else np.asarray(values, np.float32),
    )  # fmt: skip


@pytest.fixture
def make():
    return interactions


@pytest.fixture
def halves():
    """Users u9 .. u0 and items z, y, ..: even users like the first half of the items, odd ones the other, each all but one."""
    users, items = [f"u{n}" for n in range(9, -1, -1)], list("zyxwvuts")
    pairs, values = [], []
    for user in users:
        liked = items[:4] if int(user[1]) % 2 == 0 else items[4:]
        pairs += [(user, item) for number, item in enumerate(liked) if number != int(user[1]) // 2 % 4]
    values = [1.0 + (number % 3) for number in range(len(pairs))]
    return interactions(pairs, users, items, values)


@pytest.fixture
def blobs():
    """300 users and 80 items in 4 groups; three of four interactions lie inside a user's own group."""
    rng = np.random.default_rng(4)
    users, items = [f"user{n}" for n in rng.permutation(300)], [f"item{n}" for n in rng.permutation(80)]
    pairs = set()
    for user in range(300):
        for _ in range(12):
            group = user % 4 if rng.random() < 0.75 else int(rng.integers(4))
            pairs.add((users[user], items[int(rng.integers(20)) * 4 + group]))
    pairs = sorted(pairs)
    return interactions(pairs, users, items, rng.integers(1, 6, len(pairs)))
