"""Words that a table lacks but composes are answered as those that it has."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

import semap
from semap.ngrams.ngrams import NGrams
from semap.table.rows import StoredRows
from semap.table.subwords import SubwordRows
from semap.table.table import Table

from .real import app_of
from .serving import Serving

TOKENS = ["owl", "hen", "cat", "dog"]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    rows = SubwordRows(NGrams(3, 4, 50), StoredRows(rng.normal(size=(50, 6)).astype(np.float32)))
    return Table(TOKENS, rng.normal(size=(4, 6)), subwords=rows)


@pytest.fixture(scope="module")
def client(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("tables") / "birds.semap"
    table.save(path)
    serving = Serving(app_of({"birds": path}))
    with httpx.Client(base_url=serving.url, timeout=30) as made:
        yield made
    serving.stop()


def pairs(answer):
    assert answer.status_code == 200, answer.text
    return [each["token"] for each in answer.json()["data"]], [each["score"] for each in answer.json()["data"]]


def test_neighbours_of_a_composed_word_are_those_of_its_vector(client, table):
    tokens, scores = zip(*semap.similar(table, "owls", 4), strict=True)
    found = pairs(client.post("/v1/similar", json={"token": "owls", "k": 4}))
    assert found == (list(tokens), pytest.approx(scores))
    assert len(found[0]) == 4  # no row is left out


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_of_composed_words(client, table, method):
    tokens, scores = zip(*semap.analogy(table, "owl", "owls", "cat", 5, method=method), strict=True)
    found = pairs(client.post("/v1/analogy", json={"a": "owl", "b": "owls", "c": "cat", "method": method}))
    assert found == (list(tokens), pytest.approx(scores))
    assert set(tokens) == {"hen", "dog"}


def test_cosines_and_vectors_of_composed_words(client, table):
    answer = client.post("/v1/similarity", json={"a": "hen", "b": "hens"})
    assert answer.json()["score"] == pytest.approx(float(semap.cosine(table["hen"], table["hens"])), abs=1e-6)
    answer = client.post("/v1/lookup", json={"tokens": ["hens", "hen", "owls"]}).json()
    np.testing.assert_allclose([each["embedding"] for each in answer["data"]], table.lookup(["hens", "hen", "owls"]), rtol=1e-6)


def test_a_word_without_an_n_gram_is_not_found(client):
    for path, body, param in (
        ("similar", {"token": ""}, "token"),
        ("similarity", {"a": "hen", "b": ""}, "b"),
        ("lookup", {"tokens": ["hens", ""]}, "tokens[1]"),
    ):
        answer = client.post(f"/v1/{path}", json=body)
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert (error["code"], error["param"]) == ("token_not_found", param)
        assert "no n-gram" in error["message"]
