"""The files of TensorFlow's Embedding Projector come in and go out; tests/map/test_projector.py has what maps write."""

import numpy as np
import pytest

from semap.errors import BadFile, FileMissing, SemapWarning, SettingsError, ShapeError
from semap.formats.filerows import FileRows
from semap.formats.load import load, stream
from semap.formats.save import save
from semap.table.table import Table

ROWS = np.array([[1, 2.5, -3], [4, 5, 6e-7]], np.float32)


def files(folder, tensors, metadata=None):
    folder.mkdir(exist_ok=True)
    (folder / "tensors.tsv").write_bytes(tensors)
    if metadata is not None:
        (folder / "metadata.tsv").write_bytes(metadata)
    return folder


@pytest.mark.parametrize("counts", [None, [9, 4]])
def test_a_table_comes_back_from_its_folder_and_from_its_file(tmp_path, counts):
    table = Table(["new york", "é"], ROWS, counts=counts)
    assert save(table, tmp_path / "out", to="projector") == "projector"
    for path in (tmp_path / "out", tmp_path / "out" / "tensors.tsv"):
        again = load(path)
        assert again.tokens == table.tokens
        np.testing.assert_array_equal(again.vectors, ROWS)
        assert again.counts is None if counts is None else again.counts.tolist() == counts


def test_lines_are_read_as_the_projector_reads_them(tmp_path):
    folder = files(tmp_path / "p", b"\n1\t2.5\t-3\r\n\n4\t5\t6e-7", b"word\tkind\r\ncat\tpet\r\n\nsea\tplace\r\n")
    table = load(folder)
    assert table.tokens == ["cat", "sea"]
    np.testing.assert_array_equal(table.vectors, ROWS)
    assert load(folder, tokens="kind").tokens == ["pet", "place"]
    assert load(folder, limit=1).tokens == ["cat"]
    (folder / "other.tsv").write_text("x\ny\n")
    assert load(folder / "tensors.tsv", ids=folder / "other.tsv").tokens == ["x", "y"]


def test_raw_numbers_that_a_config_names_stay_in_their_file(tmp_path):
    (tmp_path / "v.bytes").write_bytes(ROWS.tobytes())
    (tmp_path / "m.tsv").write_text("cat\nsea\n")
    config = tmp_path / "projector_config.pbtxt"
    config.write_text(
        'embeddings {\n tensor_name: "a"\n tensor_path: "v.bytes"\n tensor_shape: 2\n tensor_shape: 3\n'
        ' metadata_path: "m.tsv"\n sprite { image_path: "x.png" single_image_dim: 8 }\n}\n'
        'embeddings { tensor_name: "b" tensor_path: "tensors.tsv" }\n'
    )
    for path in (tmp_path, config):
        table = stream(path, vectors="a")
        assert isinstance(table.stored[0], FileRows)
        assert table.tokens == ["cat", "sea"]
        np.testing.assert_array_equal(load(path, vectors="a").vectors, ROWS)
    with pytest.raises(SettingsError, match="lists the tensors 'a', 'b'; name one as vectors="):
        load(config)
    (tmp_path / "v.bytes").write_bytes(ROWS.tobytes()[:-1])
    with pytest.raises(BadFile, match="2 x 3 float32 take 24 bytes, it has 23"):
        load(config, vectors="a")


@pytest.mark.parametrize(
    ("tensors", "metadata", "error", "reason"),
    [
        (b"1\t2\n3\t4\n", None, FileMissing, r"metadata\.tsv: no such file; give the labels"),
        (b"1\t2\n3\t4\n", b"a\n", BadFile, r"has 1 labels, .* has 2 rows"),
        (b"1\t2\n3\t4\t5\n", b"a\nb\n", BadFile, "line 2"),
        (b"1\t2\n3\t4\n5\n", b"a\nb\nc\n", BadFile, "line 3"),
        (b"1\t2\nx\t4\n", b"a\nb\n", BadFile, "line 2 .*begins with b'x'"),
        (b"1\t2\n1\tnan\n", b"a\nb\n", BadFile, "nan"),
        (b"1\n2\n", b"a\nb\n", BadFile, "2 numbers or more"),
        (b"1\t2\n3\t4\n", b"x\ty\na\tb\nc\n", BadFile, "row 1 has 1 columns, expected 2: x, y"),
        (b" \n", b"a\n", BadFile, "holds no row"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, tensors, metadata, error, reason):
    with pytest.raises(error, match=reason):
        load(files(tmp_path / "p", tensors, metadata))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ('embeddings { tensor_name: "a" }', "no tensor_path"),
        ('embeddings { tensor_path: "v.bytes" }', "no tensor_shape"),
        ('embeddings { tensor_path: "v.bytes" tensor_shape: [0, 3] }', r"tensor_shape is \[0, 3\]"),
    ],
)
def test_a_config_that_says_too_little_is_told(tmp_path, config, reason):
    (tmp_path / "projector_config.pbtxt").write_text(config)
    with pytest.raises(BadFile, match=reason):
        load(tmp_path)


def test_what_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ShapeError, match="1 dimension"):
        save(Table(["a"], [[1.0]]), tmp_path / "p", to="projector")
    table = Table(["a\tb"], [[1.0, 2.0]], metadata={"m": 1}, counts=[3])
    with pytest.warns(SemapWarning) as said:
        save(table, tmp_path / "p", to="projector")
    assert [str(each.message).split(":")[-1] for each in said] == [
        "1 cells of metadata.tsv hold tabs, line breaks, only blanks, or bytes that are not UTF-8, and are written escaped",
        " metadata (m)",
    ]
