"""A table of seven words whose counts and vectors are small enough to reckon on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semap.table.table import Table

DATA = Path(__file__).parents[2] / "../shared/data"
WORDS = ["the", "man", "dog", "bites", "cat", "straße", "café"]
COUNTS = [60, 16, 8, 8, 4, 2, 2]  # 100 in all


@pytest.fixture
def table():
    vectors = np.zeros((7, 3), np.float32)
    vectors[:, 0] = [1, 2, 3, 4, 5, 6, 7]
    vectors[:, 1] = [1, -1, 1, -1, 1, -1, 1]
    vectors[3, 2] = 0.5
    text = {"split": "words", "lowercase": True, "normalize": "NFC", "errors": "replace"}
    return Table(WORDS, vectors, counts=COUNTS, metadata={"text": text})


@pytest.fixture
def model2vec_folder():
    folder = DATA / "formats/model2vec_int8"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")
    return folder
