"""Pages of a mapped file that were read are given back, and come again when they are asked for."""

import mmap
from pathlib import Path

import numpy as np
import pytest

from semap.formats.load import stream
from semap.formats.save import save
from semap.storage.mapped import release
from semap.storage.safetensors import map_file
from semap.table.table import Table

RESIDENT = Path("/proc/self/statm")
LINUX = pytest.mark.skipif(not RESIDENT.is_file(), reason="only Linux says how many pages a process holds")


def shared_bytes():
    """How much of mapped files is in this process."""
    return int(RESIDENT.read_text().split()[2]) * mmap.PAGESIZE


@LINUX
def test_what_was_read_leaves_the_process_and_is_still_there(tmp_path):
    numbers = np.arange(1 << 23, dtype=np.float32)
    numbers.tofile(tmp_path / "a")
    array = np.frombuffer(map_file(tmp_path / "a"), np.float32)
    before = shared_bytes()
    np.testing.assert_array_equal(array, numbers)
    assert shared_bytes() - before > 30e6
    release(array[1000:])
    assert shared_bytes() - before < 2e6
    np.testing.assert_array_equal(array, numbers)


@LINUX
@pytest.mark.filterwarnings("ignore:.*left out")
@pytest.mark.parametrize("form", ["word2vec-text", "word2vec-binary", "glove", "fasttext", "finalfusion", "semap"])
def test_rows_that_stream_by_do_not_stay(tmp_path, form):
    rows = np.random.default_rng(2).normal(size=(20_000, 500)).astype(np.float32)  # 40 MB
    save(Table([f"w{row}" for row in range(len(rows))], rows, counts=range(len(rows), 0, -1)), tmp_path / "a", to=form)
    before = shared_bytes()
    most = 0
    for _ in stream(tmp_path / "a").stored[0].pieces():
        most = max(most, shared_bytes() - before)
    assert most < 25e6
    assert shared_bytes() - before < 10e6


def test_what_is_not_mapped_is_left_alone():
    array = np.arange(5.0)
    release(array)
    release(array[:0])
    assert array.tolist() == [0, 1, 2, 3, 4]
