"""`semap index`, and the index that `similar` and `analogy` search: when it is asked, and that it is said."""

import json

import numpy as np
import pytest

from semap.index import beside
from semap.table.table import Table


@pytest.fixture
def indexed(semap, table):
    """The table of the family, and its index beside it."""
    result = semap("index", table, "--quiet")
    assert (result.exit_code, result.stdout) == (0, "")
    return table, table.with_suffix(".index")


def cosines(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["neighbours"]


def said(result):
    return result.stderr.replace("semap: compiling kernels for this machine, once ...\n", "")


def test_index_says_what_it_wrote_and_how_much_it_finds(semap, table, tmp_path):
    result = semap("index", table, "-o", tmp_path / "other.index", "--dtype", "i8", "--recall", "8", "-k", "3")
    assert result.exit_code == 0
    size = (tmp_path / "other.index").stat().st_size
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert f"{size:,} bytes" in lines["wrote"]
    assert "8 of 4 dimensions, cosine, i8" in lines["rows"]
    assert "1.0000 of the 3 nearest of 8 rows" in lines["recall"]
    assert "indexing 100%" in result.stderr


def test_index_in_json_has_its_settings_as_numbers(semap, table):
    facts = json.loads(semap("index", table, "--connectivity", "8", "--recall", "0", "--quiet", "--json").stdout)
    assert facts["settings"] == {"connectivity": 8, "expansion_add": 128, "expansion_search": 64}
    assert (facts["output"], facts["rows"], facts["recall"]) == (str(table.with_suffix(".index")), 8, None)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "dot"])
def test_an_index_that_is_named_answers_and_names_its_metric(semap, table, tmp_path, metric):
    path = tmp_path / "named.index"
    semap("index", table, "-o", path, "--metric", metric, "--quiet")
    near = cosines(semap("similar", table, "king", "-k", "2", "--index", path, "--json"))
    assert [set(each) for each in near] == [{"token", metric}] * 2
    if metric == "cosine":
        assert near == cosines(semap("similar", table, "king", "-k", "2", "--exact", "--json"))


def test_analogy_is_answered_by_an_index_but_not_by_multiplying(semap, indexed):
    table, path = indexed
    found = semap("analogy", table, "man", "king", "woman", "-k", "1", "--index", path, "--json")
    assert json.loads(found.stdout)["answers"][0]["token"] == "queen"
    refused = semap("analogy", table, "man", "king", "woman", "--method", "mul", "--index", path)
    assert refused.exit_code == 1
    assert 'use method "add"' in refused.stderr


def test_an_index_beside_a_small_table_is_not_asked(semap, indexed):
    assert said(semap("similar", indexed[0], "king")) == ""


def test_an_index_beside_a_large_table_is_asked_and_that_is_said(semap, indexed, monkeypatch):
    monkeypatch.setattr(beside, "EXACT_BELOW", 8)
    table, path = indexed
    result = semap("similar", table, "king", "--json")
    assert said(result) == f"semap: searching {path}, which may miss a neighbour; --exact compares every row\n"
    assert cosines(result)[0]["token"] == "queen"
    assert said(semap("similar", table, "king", "--exact")) == ""
    assert "searching" in semap("analogy", table, "man", "king", "woman").stderr
    assert said(semap("analogy", table, "man", "king", "woman", "--method", "mul")) == ""


def test_an_index_beside_that_does_not_fit_is_left_alone_and_that_is_said(semap, indexed, monkeypatch):
    monkeypatch.setattr(beside, "EXACT_BELOW", 2)
    table, path = indexed
    Table(["king", "queen", "man"], np.eye(3)).save(table)
    result = semap("similar", table, "king")
    assert result.exit_code == 0
    assert "is not used, every row is compared" in result.stderr
    assert "built for another table" in result.stderr
    semap("index", table, "--metric", "dot", "--quiet")
    assert "has the metric 'dot' and is not used" in semap("similar", table, "king").stderr
    assert path.exists()


def test_a_wrong_index_that_was_asked_for_is_an_error_in_one_line(semap, indexed, tmp_path):
    table, path = indexed
    other = tmp_path / "other.semap"
    Table(["king", "queen", "man"], np.eye(3)).save(other)
    damaged = tmp_path / "damaged.index"
    damaged.write_bytes(path.read_bytes()[:-1])
    for arguments in ((other, "king", "--index", path), (table, "king", "--index", damaged), (table, "king", "--index", "no")):
        result = semap("similar", *arguments)
        assert result.exit_code == 1
        assert result.stderr.strip().splitlines()[-1].startswith("semap: error: ")
    assert semap("similar", table, "king", "--index", path, "--exact").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--connectivity", "1"), 1, "connectivity is 1"),
        (("--expansion-search", "0"), 1, "expansion_search is 0"),
        (("--metric", "cosin"), 2, "cosin"),
        (("--dtype", "f64"), 2, "f64"),
        (("--recall", "-1"), 2, "--recall"),
    ],
)
def test_wrong_settings_of_an_index_are_named(semap, table, arguments, code, words):
    result = semap("index", table, *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert not table.with_suffix(".index").exists()


def test_an_index_does_not_take_the_place_of_its_table(semap, table):
    result = semap("index", table, "-o", table)
    assert result.exit_code == 1
    assert "is one of the inputs" in result.stderr
