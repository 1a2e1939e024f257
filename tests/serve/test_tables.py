"""What can be served, under which name, and what is refused before anybody asks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from semap.encode.pipeline import Pipeline
from semap.errors import BadFile, FileMissing, SemapWarning, SettingsError
from semap.index import beside, filtered
from semap.index.exact import ExactIndex
from semap.serve.names import Names
from semap.serve.refusal import Refusal
from semap.serve.searching import Search, search_all
from semap.serve.tables import Tables, named_places
from semap.table.table import Table
from semap.vocab.tokens import Tokens

from .real import TOKENS, VECTORS, WORDS, save_toy


@pytest.fixture
def toy(tmp_path):
    return save_toy(tmp_path)


def test_names_are_the_built_in_ones_own_the_files_stem_or_what_was_given(tmp_path):
    folder = tmp_path / "potion-2.5M"
    folder.mkdir()
    places = named_places(["english", "deep/wiki.en.semap", str(folder)], ["a=b=c.semap", "x=english"])
    assert places == {
        "english": "english", "wiki.en": "deep/wiki.en.semap", "potion-2.5M": str(folder), "a": "b=c.semap", "x": "english",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "named"), [(["a/wiki.semap", "b/wiki.bin"], []), (["english"], ["english=x.semap"]), ([], ["a=b", "a=c"])]
)
def test_two_tables_of_one_name_are_refused(tables, named):
    with pytest.raises(SettingsError, match=r"both called .* name one of them: --table NAME="):
        named_places(tables, named)


@pytest.mark.parametrize("remembered", [True, False])
def test_of_a_token_that_stands_twice_the_first_row_is_meant_as_in_the_table(remembered):
    tokens = Tokens.pack(["owl", "cat", "owl", "cat"])
    names = Names(tokens)
    if remembered:
        names.remember()
    assert [names.row(token) for token in ("owl", "cat", "dog")] == [tokens.find("owl"), tokens.find("cat"), -1] == [0, 1, -1]


def test_what_is_warm_has_every_index_that_an_exact_table_needs(toy, monkeypatch):
    tables = Tables.open({"toy": toy}, threads=1)
    tables.warm()
    for made in ("semap.index.exact.ExactIndex", "semap.index.screened.ScreenedIndex"):
        monkeypatch.setattr(made, None)  # whoever makes one now fails
    served = tables.of("toy")
    assert len(served.exact) == len(served.index) == len(served.table)
    tables.close()


@pytest.mark.parametrize("named", ["wiki", "=wiki.semap", "wiki=", ""])
def test_a_name_without_a_place_is_refused(named):
    with pytest.raises(SettingsError, match="give a name and a place"):
        named_places([], [named])


def test_a_file_that_is_called_as_the_built_in_table_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert named_places(["./english"]) == {"english": "./english"}
    with pytest.raises(FileMissing):
        Tables.open(named_places(["./english"]))


def test_nothing_to_serve_is_said():
    with pytest.raises(SettingsError, match="no table to serve"):
        Tables.open({})


def test_an_index_or_ids_for_a_table_that_is_not_there_are_refused(toy, tmp_path):
    with pytest.raises(SettingsError, match="an index was given for 'tooy'; the tables are 'toy'"):
        Tables.open({"toy": toy}, indexes={"tooy": tmp_path / "x.index"})
    with pytest.raises(SettingsError, match="ids was given for 'tooy'"):
        Tables.open({"toy": toy}, ids={"tooy": tmp_path / "x.txt"})


def test_a_missing_and_a_damaged_file_are_named(tmp_path, toy):
    with pytest.raises(FileMissing, match=r"nothing\.semap"):
        Tables.open({"a": tmp_path / "nothing.semap"})
    broken = tmp_path / "broken.semap"
    broken.write_bytes(toy.read_bytes()[:100])
    with pytest.raises(BadFile, match=r"broken\.semap"):
        Tables.open({"toy": toy, "broken": broken})


def test_opening_reads_no_vector_and_starts_no_thread(toy):
    before = threading.active_count()
    tables = Tables.open({"toy": toy, "english": "english"}, threads=1)
    assert (tables.names, len(tables), tables.ready) == (("toy", "english"), 2, False)
    assert tables.sizes() == {"toy": (7, 4), "english": (50_000, 200)}
    assert threading.active_count() == before
    tables.close()


def test_the_service_listens_before_the_compiler_is_loaded():
    script = """
import sys
from semap.serve.app import build_app
from semap.serve.server import listen
from semap.serve.tables import Tables

build_app(Tables.open({"english": "english"}))
sys.exit("numba" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 0


def test_warm_tables_are_ready_and_a_row_is_the_same_before_and_after(tmp_path):
    path = tmp_path / "bytes.semap"
    Table(TOKENS, VECTORS).quantize("int8").save(path)
    tables = Tables.open({"bytes": path}, threads=1)
    before = [tables.of(None).vector(row) for row in range(7)]
    tables.warm()
    assert tables.ready
    np.testing.assert_array_equal(before, [tables.of(None).vector(row) for row in range(7)])
    np.testing.assert_array_equal(before, tables.of(None).table.vectors)
    tables.close()


def test_an_empty_table_is_served(tmp_path):
    path = tmp_path / "empty.semap"
    Table([], np.zeros((0, 3), np.float32)).save(path)
    tables = Tables.open({"empty": path}, threads=1)
    tables.warm()
    assert tables.ready
    assert search_all(tables.of("empty").index, [Search(np.ones(3, np.float32), 5, ())], exact=True) == [([], [])]
    tables.close()


def test_the_only_table_needs_no_name_and_one_of_several_does(toy):
    assert Tables.open({"t": toy}).of(None).name == "t"
    several = Tables.open({"t": toy, "english": "english"})
    assert several.of("english").name == "english"
    with pytest.raises(Refusal, match=r"model is missing.*'t', 'english'") as refusal:
        several.of(None)
    assert refusal.value.status == 400
    with pytest.raises(Refusal, match="'T' does not exist") as refusal:
        several.of("T")
    assert refusal.value.status == 404


def test_created_is_when_the_file_last_changed(toy):
    os.utime(toy, (1_700_000_000, 1_700_000_123))
    assert Tables.open({"toy": toy}).of(None).created == 1_700_000_123


def test_foreign_files_are_served_and_arrays_with_their_ids(tmp_path):
    np.save(tmp_path / "vectors.npy", VECTORS)
    (tmp_path / "ids.txt").write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
    text = "".join(f"{token} {' '.join(map(str, row))}\n" for token, row in zip(TOKENS, VECTORS.tolist(), strict=True))
    (tmp_path / "glove.txt").write_text(text, encoding="utf-8")
    tables = Tables.open(
        {"array": tmp_path / "vectors.npy", "glove": tmp_path / "glove.txt"}, ids={"array": tmp_path / "ids.txt"}
    )
    for served in tables:
        assert list(served.table.tokens) == TOKENS
        np.testing.assert_array_equal(served.table.vectors, VECTORS)


def test_a_saved_pipeline_is_served_whole_and_at_length_1(tmp_path):
    table = Table(TOKENS, VECTORS, metadata={"text": WORDS})
    Pipeline.from_table(table, pooling="max", max_length=1).save(tmp_path / "max.semap")
    tables = Tables.open({"max": tmp_path / "max.semap"}, threads=1)
    (found,) = tables.of(None).encoder.encode_all([["king woman"]])
    np.testing.assert_allclose(found.vectors, np.array([[3, 4, 6, 0]]) / np.sqrt(61), rtol=1e-6)
    tables.close()


def test_a_folder_of_a_static_model_is_served(tmp_path):
    pytest.importorskip("tokenizers")
    table = Table(TOKENS, VECTORS, metadata={"text": WORDS})
    Pipeline.from_table(table, pooling="mean").save(tmp_path / "model", to="model2vec")
    tables = Tables.open({"model": tmp_path / "model"}, threads=1)
    served = tables.of("model")
    king = served.table.tokens.find("king")
    texts, ids = served.encoder.encode_all([["king woman", "the xyzzy"], [[king]]])
    np.testing.assert_allclose(texts.vectors, [[3 / np.sqrt(61), 4 / np.sqrt(61), 6 / np.sqrt(61), 0], [1, 0, 0, 0]], rtol=1e-6)
    assert texts.sizes.tolist() == [2, 2]
    np.testing.assert_allclose(ids.vectors, [[0.6, 0.8, 0, 0]], rtol=1e-6)
    tables.close()


@pytest.mark.parametrize("settings", [{"pooling": "none"}, {"pooling": "mean", "positions": "sinusoidal"}])
def test_a_pipeline_that_makes_no_vector_of_a_text_is_refused_at_once(tmp_path, settings):
    Pipeline.from_table(Table(TOKENS, VECTORS, metadata={"text": WORDS}), **settings).save(tmp_path / "p.semap")
    with pytest.raises(SettingsError, match=r"pooling|positions"):
        Tables.open({"p": tmp_path / "p.semap"})


def test_counts_without_a_common_component_are_warned_of_once_at_the_start(tmp_path):
    Table(TOKENS, VECTORS, counts=range(7, 0, -1), metadata={"text": WORDS}).save(tmp_path / "counted.semap")
    with pytest.warns(SemapWarning, match="no common component"):
        Tables.open({"counted": tmp_path / "counted.semap"})


class TestIndexes:
    """Approximate indexes of a table of 2,000 rows."""

    @pytest.fixture(autouse=True)
    def graphs_are_asked(self, monkeypatch):
        """Even where comparing all rows would be quicker."""
        monkeypatch.setattr(filtered, "_FEW", 0)
        monkeypatch.setattr(filtered, "_SHARE", 1)

    @pytest.fixture
    def places(self, tmp_path):
        rows = np.random.default_rng(5).normal(size=(2000, 8)).astype(np.float32)
        Table([f"t{row}" for row in range(2000)], rows).save(tmp_path / "big.semap")
        Table([f"t{row}" for row in range(2000)], -2 * rows[::-1]).save(tmp_path / "other.semap")
        return tmp_path

    @pytest.fixture
    def built(self, places):
        pytest.importorskip("usearch")
        from semap.formats.load import load
        from semap.index.hnsw import HNSWIndex

        HNSWIndex(load(places / "big.semap"), threads=1).save(places / "big.index")
        return places

    def test_one_that_is_named_is_searched(self, built):
        tables = Tables.open({"big": built / "big.semap"}, indexes={"big": built / "big.index"}, threads=1)
        served = tables.of("big")
        tables.warm()
        assert served.approximate is served.index
        assert tables.notes == []
        searches = [Search(served.table.vectors[row], 1 + row % 5, (row,) * (row % 3)) for row in range(0, 60)]
        together = search_all(served.index, searches, exact=False)
        assert together == [search_all(served.index, [each], exact=False)[0] for each in searches]
        exact = search_all(ExactIndex(served.table), searches, exact=True)
        assert sum(each == other for each, other in zip(together, exact, strict=True)) > 50
        tables.close()

    def test_searches_of_a_graph_for_many_and_for_few_neighbours_do_not_mix(self, built):
        from semap.formats.load import load
        from semap.index.hnsw import HNSWIndex

        # So few links that a search for more finds nearer rows than one for few.
        index = HNSWIndex(load(built / "big.semap"), connectivity=2, expansion_add=2, expansion_search=1, threads=1)
        vectors = np.random.default_rng(6).normal(size=(40, 8)).astype(np.float32)
        searches = [Search(vector, k, ()) for vector in vectors for k in (1, 60)]
        alone = [search_all(index, [each], exact=False)[0] for each in searches]
        assert search_all(index, searches, exact=False) == alone
        assert any(few.rows != many.rows[:1] for few, many in zip(alone[::2], alone[1::2], strict=True))

    def test_one_of_another_table_is_refused(self, built):
        with pytest.raises(BadFile, match=r"big\.index"):
            Tables.open({"other": built / "other.semap"}, indexes={"other": built / "big.index"})

    def test_a_damaged_one_is_refused(self, built):
        content = bytearray((built / "big.index").read_bytes())
        content[len(content) // 2] ^= 1
        (built / "big.index").write_bytes(content)
        with pytest.raises(BadFile, match=r"big\.index"):
            Tables.open({"big": built / "big.semap"}, indexes={"big": built / "big.index"})

    def test_one_that_does_not_measure_cosines_is_refused(self, built):
        from semap.formats.load import load
        from semap.index.hnsw import HNSWIndex

        HNSWIndex(load(built / "big.semap"), metric="dot", threads=1).save(built / "dot.index")
        with pytest.raises(SettingsError, match="measures 'dot'"):
            Tables.open({"big": built / "big.semap"}, indexes={"big": built / "dot.index"})

    def test_one_beside_a_small_table_is_left_alone(self, built):
        tables = Tables.open({"big": built / "big.semap"})
        assert tables.of("big").approximate is None
        assert tables.notes == []

    def test_one_beside_a_large_table_is_searched_and_said(self, built, monkeypatch):
        monkeypatch.setattr(beside, "EXACT_BELOW", 2000)
        tables = Tables.open({"big": built / "big.semap"})
        assert tables.of("big").approximate is not None
        assert [note.startswith("searching ") for note in tables.notes] == [True]
        assert Tables.open({"big": built / "big.semap"}, exact=True).of("big").approximate is None

    def test_one_beside_that_does_not_fit_is_left_alone_and_said(self, built, monkeypatch):
        monkeypatch.setattr(beside, "EXACT_BELOW", 2000)
        (built / "big.index").rename(built / "other.index")
        tables = Tables.open({"other": built / "other.semap"})
        assert tables.of("other").approximate is None
        assert ["is not used, every row is compared" in note for note in tables.notes] == [True]
