"""Safetensors files of other libraries and their ids become tables; ours are read by the safetensors library."""

import json

import numpy as np
import pytest

from semap.errors import BadFile, SemapWarning, SettingsError, ShapeError
from semap.formats.load import load
from semap.formats.save import save
from semap.table.table import Table

safetensors_numpy = pytest.importorskip("safetensors.numpy", reason="the safetensors library is the peer here")
ROWS = np.array([[1, 2.5], [3, -4], [5, 0.125]], np.float32)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "ids.txt").write_text("cat\ndog\nsea\n")
    return tmp_path / "model.safetensors"


def test_the_only_matrix_is_taken_whatever_its_name(path):
    safetensors_numpy.save_file({"norm": np.ones(2, np.float32), "embedding.weight": ROWS}, path)
    table = load(path, ids=path.with_name("ids.txt"))
    assert (table.tokens, table.metadata["source"]["vectors"]) == (["cat", "dog", "sea"], "embedding.weight")
    np.testing.assert_array_equal(table.vectors, ROWS)
    assert load(path, ids=path.with_name("ids.txt"), limit=2).tokens == ["cat", "dog"]


def test_of_several_matrices_one_must_be_named(path):
    safetensors_numpy.save_file({"head": ROWS.T.copy(), "embed": ROWS}, path)
    ids = path.with_name("ids.txt")
    with pytest.raises(BadFile, match=r"found 2 among .*F32 \[2, 3\].*--vectors"):
        load(path, ids=ids)
    with pytest.raises(SettingsError, match=r"no tensor 'x'; it has .*embed F32 \[3, 2\]"):
        load(path, ids=ids, vectors="x")
    np.testing.assert_array_equal(load(path, ids=ids, vectors="embed").vectors, ROWS)


@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_other_floats_become_float32(path, dtype):
    safetensors_numpy.save_file({"e": ROWS.astype(dtype)}, path)
    np.testing.assert_array_equal(load(path, ids=path.with_name("ids.txt")).vectors, ROWS)


def test_bfloat16_is_widened_bit_by_bit(path):
    # A sign, 8 bits of exponent, 7 of mantissa: 1.0, -2.5, 3.140625 = 2 * (1 + 73/128), 2^-126, 0.0, 65536.0.
    bits = np.array([[0x3F80, 0xC020], [0x4049, 0x0080], [0x0000, 0x4780]], "<u2")
    header = json.dumps({"e": {"dtype": "BF16", "shape": [3, 2], "data_offsets": [0, 12]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bits.tobytes())
    expected = [[1.0, -2.5], [3.140625, 2.0**-126], [0.0, 65536.0]]
    np.testing.assert_array_equal(load(path, ids=path.with_name("ids.txt")).vectors, expected)


TOKENIZER = {"model": {"type": "WordPiece", "vocab": {"dog": 2, "cat": 0}}, "added_tokens": [{"id": 1, "content": "[SEP]"}]}
UNIGRAM = {"model": {"type": "Unigram", "vocab": [["cat", -1.0], ["[SEP]", 0.0], ["dog", -2.0]]}}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer.json", json.dumps(TOKENIZER)),
        ("tokenizer.json", json.dumps(UNIGRAM)),
        ("vocab.json", '{"dog": 2, "[SEP]": 1, "cat": 0}'),
        ("vocab.txt", "cat\n[SEP]\ndog\n"),
        ("model.ids.txt", "cat\n[SEP]\ndog\n"),
    ],
    ids=["tokenizer", "unigram", "vocab.json", "vocab.txt", "ids of ours"],
)
def test_the_ids_are_found_beside_the_file(path, name, content):
    safetensors_numpy.save_file({"e": ROWS}, path)
    path.with_name(name).write_text(content)
    table = load(path)
    assert (table.tokens, table.metadata["source"]["ids"]) == (["cat", "[SEP]", "dog"], name)


def test_rows_without_a_token_are_left_out_and_counted(path):
    safetensors_numpy.save_file({"e": ROWS}, path)
    path.with_name("vocab.json").write_text('{"sea": 2, "cat": 0}')
    with pytest.warns(SemapWarning, match=r"left out 1 of 3 rows, for which .*vocab\.json has no token"):
        table = load(path)
    assert table.tokens == ["cat", "sea"]
    np.testing.assert_array_equal(table.vectors, ROWS[[0, 2]])


@pytest.mark.parametrize(
    ("ids", "error", "reason"),
    [
        (None, SettingsError, r"holds numbers only, and none of model\.ids\.txt, tokenizer\.json.*--ids"),
        ("cat\ndog\n", ShapeError, r"has 2 ids, .* has 3 rows"),
        ('{"cat": 0, "dog": 3}', BadFile, "'dog' has the id 3, .* has 3 rows"),
        ('{"cat": 1, "dog": 1}', BadFile, "'cat' and 'dog' have the same id, 1"),
        ('{"cat": "1"}', BadFile, "expected a tokenizer.json"),
        ("{", BadFile, "is not JSON"),
        ('{"model": {"vocab": [["a", 0], ["a", 0]]}}', BadFile, "lists 2 entries, 1 different"),
    ],
)
def test_ids_that_do_not_fit_are_told(path, ids, error, reason):
    safetensors_numpy.save_file({"e": ROWS}, path)
    file = None if ids is None else path.with_name("x.json" if ids[0] == "{" else "x.txt")
    if file is not None:
        file.write_text(ids)
    with pytest.raises(error, match=reason):
        load(path, ids=file)


def test_numbers_that_are_not_finite_or_too_large_are_refused_with_their_row(path):
    rows = ROWS.astype(np.float64)
    rows[1, 0] = 1e39
    safetensors_numpy.save_file({"e": rows}, path)
    with pytest.raises(BadFile, match="row 1 holds NaN"):
        load(path, ids=path.with_name("ids.txt"))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_what_is_written_is_read_by_the_library_and_by_us(path, dtype):
    table = Table(["a b", "é", "d\udcc3"], ROWS).quantize(dtype)
    assert save(table, path) == "safetensors"
    found = safetensors_numpy.load_file(path)
    assert list(found) == ["embeddings"]
    assert found["embeddings"].dtype == dtype
    np.testing.assert_array_equal(found["embeddings"], ROWS)
    with pytest.warns(SemapWarning, match="not UTF-8"):
        assert load(path).tokens == table.tokens


def test_a_header_whose_length_begins_as_a_pickle_does_is_a_header(path):
    header = json.dumps({"e": {"dtype": "F32", "shape": [3, 2], "data_offsets": [0, 24]}}).encode().ljust(0x80)
    path.write_bytes(len(header).to_bytes(8, "little") + header + ROWS.tobytes())
    assert load(path, ids=path.with_name("ids.txt")).tokens == ["cat", "dog", "sea"]


def test_a_file_of_semap_is_opened_as_one_whatever_the_order_of_its_header(tmp_path):
    Table(["a"], [[1.0]]).save(tmp_path / "a.semap")
    content = (tmp_path / "a.semap").read_bytes()
    n_head = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + n_head])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items(), reverse=True))
    text = json.dumps({name: header[name] for name in sorted(header, reverse=True)}).encode()
    text += b" " * (-(8 + len(text)) % 64)
    (tmp_path / "b.semap").write_bytes(len(text).to_bytes(8, "little") + text + content[8 + n_head :])
    assert load(tmp_path / "b.semap").metadata == {}
