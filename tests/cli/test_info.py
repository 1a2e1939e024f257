"""`semap info` says what a file is, whatever it is, without reading rows and without running anything."""

import json
import pickle
import struct

import numpy as np
import pytest

from semap.formats.load import load
from semap.formats.save import save
from semap.storage.container import write
from semap.table.table import Table

TABLE = Table(["queen", "é"], [[1, 2], [3, 4]], counts=[5, 4])


def told(semap, *arguments):
    done = semap("info", *arguments, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


class Trap:
    """A pickle of it would write a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_is_described_by_the_names_it_asks_for_and_not_run(semap, tmp_path):
    (tmp_path / "a.kv").write_bytes(pickle.dumps({"a": Trap(tmp_path / "trap"), "b": np.ones(2)}))
    facts = told(semap, tmp_path / "a.kv")
    assert facts["format"] == "Python pickle"
    assert facts["asks_for"][0] in ("io.open", "_io.open")
    assert any("numpy" in name for name in facts["asks_for"])
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize(("begins", "name"), [(b"\x1f\x8b\x08", "gzip"), (b"BZh9", "bzip2"), (b"PK\x03\x04", "zip (or .npz)")])
def test_packed_files_are_named(semap, tmp_path, begins, name):
    (tmp_path / "a").write_bytes(begins + bytes(50))
    facts = told(semap, tmp_path / "a")
    assert (facts["format"], facts["holds"]) == (name, "a packed file; unpack it first")


def test_other_files_of_semap_are_described_by_their_kind(semap, tmp_path):
    write(tmp_path / "a.semap", {"x": np.zeros((3, 2), np.float32)}, {"kind": "index", "facts": {"links": 7}})
    facts = told(semap, tmp_path / "a.semap")
    assert (facts["holds"], facts["arrays"], facts["facts"]) == ("index", {"x": "float32 (3, 2)"}, {"links": 7})
    assert "index" in semap("info", tmp_path / "a.semap").stdout


def test_numbers_without_ids_are_described(semap, tmp_path, recwarn):
    np.save(tmp_path / "a.npy", np.zeros((3, 2)))
    assert told(semap, tmp_path / "a.npy")["array"] == "float64 (3, 2)"
    save(TABLE, tmp_path / "a.safetensors")
    (tmp_path / "a.ids.txt").unlink()
    assert told(semap, tmp_path / "a.safetensors")["tensors"] == {"embeddings": "F32 (2, 2)"}


@pytest.mark.parametrize("form", ["word2vec-text", "word2vec-binary", "safetensors", "projector", "arrow", "parquet"])
def test_tables_of_any_format_are_described(semap, tmp_path, form, recwarn):
    save(TABLE, tmp_path / "a", to=form)
    facts = told(semap, tmp_path / "a")
    assert (facts["tokens"], facts["dim"], facts["first_tokens"], facts["composes"]) == (2, 2, ["queen", "é"], False)
    assert facts["counts"] == (form in ("projector", "arrow", "parquet"))
    assert facts["bytes"] > 0


def test_a_damaged_row_is_found_by_verify_alone(semap, tmp_path):
    (tmp_path / "a.txt").write_text("2 2\ncat 1 2\ndog 1 x\n")
    assert told(semap, tmp_path / "a.txt")["tokens"] == 2
    done = semap("info", tmp_path / "a.txt", "--verify")
    assert (done.exit_code, "line 3 ('dog')" in done.stderr) == (1, True)


def test_what_nobody_knows_and_damaged_files_are_errors(semap, tmp_path):
    (tmp_path / "a").write_bytes(b"\x00\x01\x02\x03" * 9)
    assert semap("info", tmp_path / "a").exit_code == 1
    TABLE.save(tmp_path / "b.semap")
    (tmp_path / "b.semap").write_bytes((tmp_path / "b.semap").read_bytes()[:-1])
    assert "cut short" in semap("info", tmp_path / "b.semap").stderr
    assert "no file of a model" in semap("info", tmp_path).stderr
    assert "no such file" in semap("info", tmp_path / "no").stderr


def test_a_file_of_semap_that_came_from_another_format_has_its_own_and_a_sum(semap, tmp_path):
    (tmp_path / "a.txt").write_text("2 2\ncat 1 2\ndog 1 3\n")
    load(tmp_path / "a.txt").save(tmp_path / "a.semap")
    facts = told(semap, tmp_path / "a.semap", "--verify")
    assert (facts["format"], facts["made_from"], facts["sha256"]) == ("semap", "word2vec text", "right")
    content = bytearray((tmp_path / "a.semap").read_bytes())
    content[content.index(np.array([1, 2, 1, 3], "<f4").tobytes())] ^= 1
    (tmp_path / "a.semap").write_bytes(content)
    done = semap("info", tmp_path / "a.semap", "--verify")
    assert (done.exit_code, "expected SHA-256" in done.stderr) == (1, True)


@pytest.mark.parametrize("damaged", ["output", "rows"])
def test_verify_reads_output_vectors_and_n_grams_too(semap, tmp_path, damaged):
    given = {"output": np.ones((1, 2), np.float32), "rows": np.ones((3, 2), np.float32)}
    given[damaged][-1] = np.nan
    given["output"][0, 0] = 1
    settings = struct.pack("<2i12id", 793712314, 12, 2, 5, 5, 1, 5, 1, 2, 2, 2, 3, 3, 100, 1e-4)
    settings += struct.pack("<3i2q", 1, 1, 0, 9, -1)
    matrices = [b"\0" + struct.pack("<2q", *given[name].shape) + given[name].tobytes() for name in ("rows", "output")]
    (tmp_path / "a").write_bytes(settings + b"cat\0" + struct.pack("<qB", 1, 0) + b"".join(matrices))
    assert told(semap, tmp_path / "a")["tokens"] == 1
    done = semap("info", tmp_path / "a", "--verify")
    assert (done.exit_code, "NaN" in done.stderr) == (1, True)
