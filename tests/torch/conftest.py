"""Texts made for classifiers: small, seeded, with a structure that can be checked."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason='needs pip install "semap[torch]"')

from semap.table.table import Table

N_WORDS = 60


def made_texts(n_texts, seed, words=range(N_WORDS)):
    """Texts of six words of one kind, "sea3 sea41 ...", and the name of the kind; `words`: which numbers may occur."""
    rng = np.random.default_rng(seed)
    labels = [("sea", "wood", "town")[number % 3] for number in range(n_texts)]
    return [" ".join(f"{label}{word}" for word in rng.choice(words, 6)) for label in labels], labels


@pytest.fixture(scope="session")
def kinds():
    """A table in which words of a kind lie together, the kinds mixed, and a word that no text holds in front."""
    rng = np.random.default_rng(3)
    tokens = ["nothing", *(f"{kind}{word}" for word in range(N_WORDS) for kind in ("town", "sea", "wood"))]
    centres = {"t": [3, 0, 0, 0], "s": [0, 3, 0, 0], "w": [0, 0, 3, 0], "n": [0, 0, 0, 1]}
    rows = [np.array([*centres[token[0]], 0, 0, 0, 0]) + rng.normal(0, 0.7, 8) for token in tokens]
    return Table(tokens, np.array(rows, np.float32), counts=range(len(tokens), 0, -1))


@pytest.fixture(scope="session")
def train():
    return made_texts(90, 11)


@pytest.fixture(scope="session")
def held():
    return made_texts(45, 12)
