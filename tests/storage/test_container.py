"""Named arrays and a dict survive a file; a file that lies is refused."""

import json
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from semap.errors import BadFile, CannotWrite, FileMissing, NewerVersion, SettingsError, ShapeError
from semap.storage.container import StreamedArray, open_container, write

DTYPES = ["?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"]
ARRAYS = st.dictionaries(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=5).filter(lambda name: name != "__metadata__"),
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRAYS, st.dictionaries(st.text(max_size=3).filter(str.isprintable), st.integers() | st.text("aé☃"), max_size=3))
def test_arrays_and_metadata_come_back_equal(tmp_path, arrays, metadata):
    write(tmp_path / "a.semap", arrays, metadata)
    opened = open_container(tmp_path / "a.semap")
    opened.verify()
    assert opened.metadata == metadata
    assert list(opened.arrays) == list(arrays)
    for name, array in arrays.items():
        found = opened.arrays[name]
        assert (found.shape, found.dtype) == (array.shape, array.dtype)
        assert found.tobytes() == array.tobytes()
        assert not found.flags.writeable
        assert found.size == 0 or found.ctypes.data % 64 == 0


def test_the_safetensors_library_reads_the_file(tmp_path):
    load_file = pytest.importorskip("safetensors.numpy").load_file
    arrays = {"b": np.arange(7, dtype=np.float32).reshape(1, 7), "a": np.arange(3), "scalar": np.array(5, np.int8)}
    write(tmp_path / "a.semap", arrays, {"é": [1, 2.5, None]})
    found = load_file(tmp_path / "a.semap")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_the_safetensors_library_writes_is_refused_by_name(tmp_path):
    save_file = pytest.importorskip("safetensors.numpy").save_file
    save_file({"a": np.arange(3)}, tmp_path / "a.safetensors")
    with pytest.raises(BadFile, match="not of semap"):
        open_container(tmp_path / "a.safetensors")


def test_equal_content_gives_equal_bytes_whatever_the_order_of_metadata(tmp_path):
    arrays = {"a": np.arange(5)}
    write(tmp_path / "1", arrays, {"x": 1, "y": {"p": 1, "q": 2}})
    write(tmp_path / "2", arrays, {"y": {"q": 2, "p": 1}, "x": 1})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_arrays_in_any_order_of_memory_and_bytes_are_written_in_c_order_little_endian(tmp_path):
    matrix = np.arange(6, dtype=">i4").reshape(2, 3)
    write(tmp_path / "a", {"f": np.asfortranarray(matrix), "t": matrix.T[::-1]}, {})
    found = open_container(tmp_path / "a").arrays
    np.testing.assert_array_equal(found["f"], matrix)
    np.testing.assert_array_equal(found["t"], matrix.T[::-1])
    assert found["f"].dtype == np.dtype("<i4")


def test_arrays_larger_than_one_chunk_are_written_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("semap.storage.container._CHUNK_BYTES", 100)
    matrix = np.arange(7 * 11 * 5).reshape(7, 11, 5)
    write(tmp_path / "a", {"m": matrix, "strided": matrix[:, ::2]}, {})
    opened = open_container(tmp_path / "a")
    opened.verify()
    np.testing.assert_array_equal(opened.arrays["m"], matrix)
    np.testing.assert_array_equal(opened.arrays["strided"], matrix[:, ::2])


def test_numpy_numbers_in_metadata_become_plain_ones(tmp_path):
    write(tmp_path / "a", {}, {"n": np.int64(3), "x": np.float32(0.5)})
    assert open_container(tmp_path / "a").metadata == {"n": 3, "x": 0.5}


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), "\ud800"])
def test_metadata_that_json_cannot_hold_is_refused_and_nothing_written(tmp_path, value):
    with pytest.raises(SettingsError, match="JSON"):
        write(tmp_path / "a", {}, {"x": value})
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("array", [np.array(["text"]), np.array([1j]), np.array([object()])])
def test_arrays_that_are_no_numbers_are_refused(tmp_path, array):
    with pytest.raises(SettingsError, match="dtype"):
        write(tmp_path / "a", {"x": array}, {})


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CannotWrite):
        write(tmp_path / "no" / "a", {}, {})


def test_a_flipped_bit_is_found_by_verify(tmp_path):
    write(tmp_path / "a", {"x": np.arange(100)}, {})
    content = bytearray((tmp_path / "a").read_bytes())
    content[-5] ^= 1
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(BadFile, match="expected SHA-256"):
        open_container(tmp_path / "a").verify()


def test_a_newer_version_is_refused_by_name(tmp_path):
    write(tmp_path / "a", {"x": np.arange(3)}, {})
    content = (tmp_path / "a").read_bytes().replace(b'"format_version":"1"', b'"format_version":"2"')
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(NewerVersion, match="upgrade semap"):
        open_container(tmp_path / "a")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileMissing):
        open_container(tmp_path / "no")


def test_cut_or_padded_anywhere_the_file_is_refused(tmp_path):
    write(tmp_path / "a", {"x": np.arange(40, dtype=np.uint8)}, {"m": 1})
    content = (tmp_path / "a").read_bytes()
    for n_bytes in range(len(content)):
        (tmp_path / "a").write_bytes(content[:n_bytes])
        with pytest.raises(BadFile):
            open_container(tmp_path / "a")
    (tmp_path / "a").write_bytes(content + b"\0")
    with pytest.raises(BadFile, match=f"expected {len(content):,} bytes, found {len(content) + 1:,}"):
        open_container(tmp_path / "a")


def _file(tmp_path, header, data=b"12345678"):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = tmp_path / "lie"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def _entry(dtype="U8", shape=(8,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


LIES = {
    "unknown dtype": ({"a": _entry(dtype="U9")}, "dtype 'U9'"),
    "dtype that is no name": ({"a": _entry(dtype=["U8"])}, "dtype"),
    "size and shape differ": ({"a": _entry(shape=(7,))}, "needs 7 bytes, its data_offsets span 8"),
    "overlap": ({"a": _entry(shape=(5,), offsets=(0, 5)), "b": _entry(shape=(4,), offsets=(4, 8))}, "an overlap"),
    "hole": ({"a": _entry(shape=(3,), offsets=(0, 3)), "b": _entry(shape=(4,), offsets=(4, 8))}, "a hole"),
    "hole at the start": ({"a": _entry(shape=(7,), offsets=(1, 8))}, "a hole"),
    "beyond the end": ({"a": _entry(shape=(9,), offsets=(0, 9))}, "cut short"),
    "less than the file": ({"a": _entry(shape=(7,), offsets=(0, 7))}, "longer than its header says"),
    "backward offsets": ({"a": _entry(offsets=(8, 0))}, "data_offsets"),
    "negative shape": ({"a": _entry(shape=(-8,))}, "shape"),
    "fractional shape": ({"a": _entry(shape=(8.0,))}, "shape"),
    "true as a size": ({"a": _entry(shape=(8, True))}, "shape"),
    "shape beyond memory": ({"a": _entry(shape=(2**62, 2**62), offsets=(0, 8))}, "more than any file can hold"),
    "empty with a huge side": ({"a": _entry(shape=(2**70, 0), offsets=(0, 0))}, "more than any file can hold"),
    "a field too few": ({"a": {"dtype": "U8", "shape": [8]}}, "must have dtype"),
    "a field too many": ({"a": {**_entry(), "code": "x"}}, "must have dtype"),
    "entry that is no object": ({"a": [1]}, "must have dtype"),
    "metadata that is no map": ({"__metadata__": "x", "a": _entry()}, "__metadata__"),
    "metadata with numbers": ({"__metadata__": {"x": 1}, "a": _entry()}, "__metadata__"),
    "a name twice": (
        b'{"a":' + json.dumps(_entry()).encode() + b',"a":' + json.dumps(_entry()).encode() + b"}",
        "twice",
    ),
    "no JSON": (b'{"a":', "not JSON"),
    "a list": (b"[1]", "expected '{'"),
    "not UTF-8": (b'{"\xff":1}', "not JSON"),
    "nested without end": (b'{"a":' * 100_000, "not JSON"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_is_refused(tmp_path, lie):
    header, reason = LIES[lie]
    with pytest.raises(BadFile, match=reason.replace("(", r"\(").replace("{", r"\{")):
        open_container(_file(tmp_path, header))


def test_a_header_longer_than_the_file_is_refused_with_both_numbers(tmp_path):
    path = tmp_path / "lie"
    path.write_bytes((10**15).to_bytes(8, "little") + b"{}")
    with pytest.raises(BadFile, match=r"1,000,000,000,000,000 bytes, but the file has 10"):
        open_container(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 600), st.integers(0, 255))
def test_any_changed_byte_gives_a_file_that_opens_or_a_bad_file(tmp_path, at, value):
    write(tmp_path / "a", {"x": np.arange(5), "y": np.ones((2, 3), np.float32)}, {"m": [1, "é"]})
    content = bytearray((tmp_path / "a").read_bytes())
    content[at % len(content)] = value
    (tmp_path / "b").write_bytes(content)
    with suppress(BadFile):
        open_container(tmp_path / "b")


def test_an_array_in_pieces_is_written_as_one_in_memory(tmp_path):
    whole = np.arange(35, dtype=np.float32).reshape(7, 5)
    pieces = StreamedArray(whole.dtype, whole.shape, lambda: iter([whole[:3], whole[3:4], whole[4:]]))
    write(tmp_path / "a", {"x": whole, "y": np.arange(3)}, {})
    write(tmp_path / "b", {"x": pieces, "y": np.arange(3)}, {})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_pieces_that_are_not_the_promised_array_are_refused_and_nothing_is_written(tmp_path):
    short = StreamedArray(np.dtype(np.float32), (7, 5), lambda: iter([np.zeros((6, 5), np.float32)]))
    with pytest.raises(ShapeError, match=r"\(7, 5\) takes 140 bytes, its pieces took 120"):
        write(tmp_path / "a", {"x": short}, {})
    assert not (tmp_path / "a").exists()


def test_a_name_that_stands_twice_among_thousands_is_found_at_once(tmp_path):
    names = ",".join(f'"{number}":1' for number in [*range(40_000), 39_999])
    (tmp_path / "a").write_bytes((len(names) + 2).to_bytes(8, "little") + f"{{{names}}}".encode())
    begin = time.process_time()
    with pytest.raises(BadFile, match="the name '39999' stands twice"):
        open_container(tmp_path / "a")
    assert time.process_time() - begin < 5
