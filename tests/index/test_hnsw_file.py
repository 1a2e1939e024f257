"""A file of an index: what does not fit is refused, and no damaged byte reaches the graph."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from semap.errors import BadFile, FileMissing, NewerVersion, SettingsError
from semap.index import hnsw_file
from semap.index.checksum import checksum
from semap.index.hnsw import HNSWIndex
from semap.storage.container import open_container, write
from semap.table.table import Table


@pytest.fixture
def rows():
    return np.random.default_rng(4).standard_normal((120, 5)).astype(np.float32)


@pytest.fixture
def path(rows, tmp_path):
    index = HNSWIndex(rows)
    index.add(rows[:3] + 1)
    index.remove([8])
    index.save(tmp_path / "a.index")
    return tmp_path / "a.index"


def rewritten(path, change):
    """The same file with other contents, its metadata signed as if they had been written so."""
    container = open_container(path)
    facts, arrays = container.metadata["index"], {name: np.array(array) for name, array in container.arrays.items()}
    change(facts, arrays)
    write(path, arrays, {"kind": "index", "index": facts, "crc32": hnsw_file._crc(facts)})


def test_opening_maps_the_graph_and_the_first_addition_reads_it(rows, path):
    index = HNSWIndex.open(path, rows)
    assert index.parts[2].mapped
    index.remove([2])
    assert index.parts[2].mapped
    index.add(rows[:1])
    assert not index.parts[2].mapped
    assert index.search(rows[0], 4, only=[0, 2, 8, 123])[0].tolist() == [[0, 123]]


def test_how_far_a_search_looks_may_be_changed_at_opening(rows, path):
    assert HNSWIndex.open(path, rows, expansion_search=7).settings["expansion_search"] == 7
    with pytest.raises(SettingsError, match="expansion_search is 0"):
        HNSWIndex.open(path, rows, expansion_search=0)


def test_the_same_rows_make_the_same_file_on_any_number_of_threads(rows, tmp_path):
    for name, threads in (("a", 1), ("b", 3)):
        HNSWIndex(rows, threads=threads).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_table_stored_small_is_known_again_by_what_it_stores(rows, tmp_path):
    table = Table([f"t{row}" for row in range(120)], rows).quantize("int8")
    HNSWIndex(table).save(tmp_path / "a.index")
    table.save(tmp_path / "a.semap")
    from semap.table.file import open_table

    opened = HNSWIndex.open(tmp_path / "a.index", open_table(tmp_path / "a.semap"))
    assert opened.search(table["t7"], 1)[0].tolist() == [[7]]
    with pytest.raises(BadFile, match="built for another table"):
        HNSWIndex.open(tmp_path / "a.index", table.vectors)


def test_a_refused_table_is_told_by_both_checksums(rows, path):
    other = rows[::-1].copy()
    with pytest.raises(BadFile) as caught:
        HNSWIndex.open(path, other)
    assert checksum(rows, 1) in str(caught.value)
    assert checksum(other, 1) in str(caught.value)


def test_a_missing_file_and_files_of_other_kinds_are_named(rows, path, tmp_path):
    with pytest.raises(FileMissing):
        HNSWIndex.open(tmp_path / "none.index", rows)
    Table(["a"], [[1.0]]).save(tmp_path / "a.semap")
    with pytest.raises(BadFile, match="does not hold an index, but 'table'"):
        HNSWIndex.open(tmp_path / "a.semap", rows)
    (tmp_path / "text").write_text("not an index at all")
    with pytest.raises(BadFile):
        HNSWIndex.open(tmp_path / "text", rows)


def test_a_newer_version_is_refused(rows, path):
    rewritten(path, lambda facts, arrays: facts.update(version=2))
    with pytest.raises(NewerVersion, match="version 2, this semap knows 1"):
        HNSWIndex.open(path, rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [("rows", -1), ("dim", 0), ("metric", "cosin"), ("dtype", 3), ("scale", 0.0), ("tame", 1), ("connectivity", 1),
     ("expansion_search", "64"), ("table", None), ("checksums", {}), ("library", 7)],
)  # fmt: skip
def test_signed_metadata_that_says_nonsense_is_refused(rows, path, name, value):
    rewritten(path, lambda facts, arrays: facts.update({name: value}))
    with pytest.raises(BadFile, match=f"no sound {name}"):
        HNSWIndex.open(path, rows)


def forged(path, name, change):
    """Change an array and sign the change."""

    def both(facts, arrays):
        arrays[name] = change(arrays[name])
        facts["checksums"][name] = checksum(arrays[name], 1)

    rewritten(path, both)


def with_bytes(array, at, new):
    array[at : at + len(new)] = np.frombuffer(new, np.uint8)
    return array


HEAD = 8 + 4 * 5 * 123  # the head stands after the rows


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: with_bytes(graph, HEAD, bytes(7)),  # not usearch's
        lambda graph: with_bytes(graph, 0, bytes([124])),  # one row more
        lambda graph: with_bytes(graph, HEAD + 33, (1000).to_bytes(8, "little")),  # longer rows
        lambda graph: with_bytes(graph, HEAD + 13, b"e"),  # another distance: 'e' is usearch's for squared gaps
        lambda graph: with_bytes(graph, HEAD + 64 + 32, (123).to_bytes(8, "little")),  # begins at a row that is not there
        lambda graph: with_bytes(graph, len(graph) - 500, b"\xff" * 500),  # links to everywhere
        lambda graph: graph[:-4],
        lambda graph: graph[:20],
        lambda graph: np.concatenate([graph, graph]),
    ],
)
def test_a_graph_made_to_lead_outside_is_refused(rows, path, change):
    forged(path, "graph", change)
    with pytest.raises(BadFile):
        HNSWIndex.open(path, rows)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("removed", lambda removed: np.array([123])),
        ("removed", lambda removed: np.array([-1])),
        ("removed", lambda removed: np.array([8, 8])),
        ("added", lambda added: added * np.float32(np.nan)),
        ("added", lambda added: added[:, :4]),
        ("added", lambda added: added[:2]),
    ],
)
def test_added_and_removed_rows_that_cannot_be_are_refused(rows, path, name, change):
    forged(path, name, change)
    with pytest.raises(BadFile, match=r"12[23] rows"):
        HNSWIndex.open(path, rows)


@pytest.mark.parametrize("dtype", ["f32", "f16", "i8"])
@pytest.mark.parametrize("connectivity", [2, 16, 33])
def test_indexes_of_any_kind_and_of_no_rows_open_again(rows, tmp_path, dtype, connectivity):
    for some in (rows, rows[:1], rows[:0]):
        HNSWIndex(some, dtype=dtype, connectivity=connectivity).save(tmp_path / "a.index")
        opened = HNSWIndex.open(tmp_path / "a.index", some)
        assert len(opened) == len(some)
        assert len(opened.search(np.ones(5), 3)[0][0]) == min(3, len(some))


SEARCH = """
import json, sys
import numpy as np
from semap.errors import SemapError
from semap.index.hnsw import HNSWIndex

rows = np.load(sys.argv[1])
whole = open(sys.argv[2], "rb").read()
right = HNSWIndex.open(sys.argv[2], rows).search(rows[:5], 9)
generator = np.random.default_rng(int(sys.argv[3]))
outcomes = {"refused": 0, "the same": 0}
for turn in range(int(sys.argv[4])):
    content = bytearray(whole)
    if turn % 4 == 3:
        at = int(generator.integers(len(content)))
        content = content[:at] if turn % 8 == 3 else content + content[at:]
    else:
        head = 8 + int.from_bytes(content[:8], "little")
        at = int(generator.integers(head if turn % 4 == 0 else len(content)))
        content[at] ^= 1 << int(generator.integers(8))
    with open(sys.argv[2], "wb") as file:
        file.write(content)
    try:
        index = HNSWIndex.open(sys.argv[2], rows)
    except SemapError:
        outcomes["refused"] += 1
        continue
    found = index.search(rows[:5], 9)
    assert all(np.array_equal(a, b) for a, b in zip(found, right)), (turn, at)
    outcomes["the same"] += 1
print(json.dumps(outcomes))
"""


def test_a_flipped_bit_or_a_cut_is_refused_or_changes_nothing(rows, path, tmp_path):
    np.save(tmp_path / "rows.npy", rows)
    arguments = [sys.executable, "-c", SEARCH, str(tmp_path / "rows.npy"), str(path), "11", "400"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = json.loads(done.stdout)
    assert sum(outcomes.values()) == 400
    assert outcomes["refused"] > 350  # the rest fell on padding, or on the name of a format that safetensors reads


def test_every_bit_of_the_arrays_is_watched(rows, path):
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    for name in ("graph", "added", "removed"):
        first, last = (begin + offset for offset in header[name]["data_offsets"])
        for at in {first, (first + last) // 2, last - 1}:
            damaged = bytearray(content)
            damaged[at] ^= 16
            path.write_bytes(damaged)
            with pytest.raises(BadFile, match=f"its {name} is damaged"):
                HNSWIndex.open(path, rows)


def test_opening_reads_and_does_not_rebuild(rows, tmp_path):
    many = np.random.default_rng(1).standard_normal((4000, 8)).astype(np.float32)
    began = time.process_time()
    HNSWIndex(many).save(tmp_path / "a.index")
    built = time.process_time() - began
    HNSWIndex.open(tmp_path / "a.index", many)
    began = time.process_time()
    HNSWIndex.open(tmp_path / "a.index", many)
    assert time.process_time() - began < built / 4
