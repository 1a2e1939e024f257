"""What each route answers, compared with what is on paper and with what `semap` answers in Python."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

import semap
from semap.formats.load import load
from semap.serve import names
from semap.serve.settings import Limits

from .real import TOKENS, VECTORS, app_of, save_toy
from .serving import Serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="module")
def server(folder):
    places = {"english": "english", "toy": save_toy(folder)}
    serving = Serving(app_of(places, limits=Limits(items=20, tokens=50, neighbours=300)))
    yield serving
    serving.stop()


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as made:
        yield made


@pytest.fixture(scope="module")
def english():
    return load("english")


def ask(client, path, status=200, **body):
    answer = client.post(f"/v1/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def pairs(answer):
    assert answer["object"] == "list"
    return [(each["token"], each["score"]) for each in answer["data"]]


def refusal(client, path, status, **body):
    error = ask(client, path, status, **body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"
    return error["message"], error["param"], error["code"]


# similar


def test_the_neighbours_of_a_token_are_those_on_paper(client):
    # Cosines with king (3, 4, 0, 0) / 5: the and man .6, queen 16 / 25, 日本 7 / 10, woman and naïve 0.
    answer = ask(client, "similar", model="toy", token="king", k=10)
    assert answer["model"] == "toy"
    assert [token for token, _ in pairs(answer)] == ["日本", "queen", "the", "man", "woman", "naïve"]
    np.testing.assert_allclose([score for _, score in pairs(answer)], [0.7, 0.64, 0.6, 0.6, 0, 0], atol=1e-6)


@pytest.mark.parametrize("k", [1, 10, 33, 300])
def test_neighbours_are_those_of_semap_similar_to_the_bit(client, english, k):
    for token in ("king", "paris", "seven"):
        assert pairs(ask(client, "similar", model="english", token=token, k=k)) == semap.similar(english, token, k)


def test_ten_neighbours_come_when_k_is_left_out(client):
    assert len(ask(client, "similar", model="english", token="king")["data"]) == 10


def test_the_neighbours_of_a_vector_leave_no_token_out(client, english):
    found = pairs(ask(client, "similar", model="toy", vector=[3, 4, 0, 0], k=2))
    assert found == [("king", 1.0), ("日本", pytest.approx(0.7))]
    vector = english["river"] + english["bank"]
    assert pairs(ask(client, "similar", model="english", vector=vector.tolist(), k=5)) == semap.similar(english, vector, 5)


def test_a_vector_of_zeros_has_no_direction_and_all_scores_are_0(client):
    assert pairs(ask(client, "similar", model="toy", vector=[0, 0, 0, 0], k=2)) == [("the", 0), ("king", 0)]


def test_searches_at_the_same_time_find_the_bits_of_one_alone(client, english):
    tokens = english.tokens[500:900]
    wanted = [(token, 1 + (7 * place) % 50) for place, token in enumerate(tokens)]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda each: pairs(ask(client, "similar", model="english", token=each[0], k=each[1])), wanted))
    for (token, k), answer in zip(wanted, found, strict=True):
        assert answer == semap.similar(english, token, k)
    sizes = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith('semap_batch_size_count{kind="search"}')
    ]
    assert int(sizes[0].split()[-1]) > 0


# analogy, similarity, lookup


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_are_those_of_semap_analogy_to_the_bit(client, english, method):
    for a, b, c in (("man", "king", "woman"), ("france", "paris", "italy")):
        found = pairs(ask(client, "analogy", model="english", a=a, b=b, c=c, k=4, method=method))
        assert found == semap.analogy(english, a, b, c, 4, method=method)


def test_an_analogy_is_answered_by_3CosAdd_unless_another_method_is_asked_for(client, english):
    assert pairs(ask(client, "analogy", model="english", a="man", b="king", c="woman")) == semap.analogy(
        english, "man", "king", "woman"
    )


def test_an_analogy_leaves_its_three_tokens_out(client):
    # king - man + woman = (.6, .8, 0, 0) - (1, 0, 0, 0) + (0, 0, 1, 0) = (-.4, .8, 1, 0), of the length 1.341641;
    # with queen (0, .8, .6, 0) 1.24 / 1.341641.
    (best, score), *others = pairs(ask(client, "analogy", model="toy", a="man", b="king", c="woman", k=7))
    assert (best, score) == ("queen", pytest.approx(0.924241, abs=1e-6))
    assert {token for token, _ in others} == {"the", "naïve", "日本"}


def test_the_similarity_of_two_tokens_is_their_cosine(client, english):
    assert ask(client, "similarity", model="toy", a="king", b="queen") == {"model": "toy", "score": pytest.approx(0.64)}
    found = ask(client, "similarity", model="english", a="cat", b="dog")["score"]
    assert found == semap.cosine(english["cat"], english["dog"])


def test_looked_up_vectors_are_those_of_the_table(client, english):
    answer = ask(client, "lookup", model="toy", tokens=["日本", "king", "日本"])
    assert answer == {
        "object": "list",
        "model": "toy",
        "data": [
            {"object": "embedding", "index": 0, "token": "日本", "embedding": [1, 1, 1, 1]},
            {"object": "embedding", "index": 1, "token": "king", "embedding": [3, 4, 0, 0]},
            {"object": "embedding", "index": 2, "token": "日本", "embedding": [1, 1, 1, 1]},
        ],
    }
    data = ask(client, "lookup", model="english", tokens=["cat", "dog"], encoding_format="base64")["data"]
    bits = [np.frombuffer(base64.b64decode(each["embedding"]), "<f4") for each in data]
    np.testing.assert_array_equal(np.array(bits), english.lookup(["cat", "dog"]))


# tokenize


def test_a_text_is_shown_as_embeddings_splits_it(client):
    text = "The KING_queen, xyzzy\N{COMBINING ACUTE ACCENT} 日本"
    answer = ask(client, "tokenize", model="toy", text=text)
    found = [(each["text"], each["id"]) for each in answer["data"]]
    assert found == [("The", 0), ("KING", 1), ("queen", 2), ("xyzzy\N{COMBINING ACUTE ACCENT}", None), ("日本", 6)]
    assert all(text[each["start"] : each["end"]] == each["text"] for each in answer["data"])
    assert (answer["n_known"], answer["n_unknown"]) == (4, 1)


def test_the_ids_of_a_text_give_its_vector(client):
    text = "The rivers and the mountains"
    ids = [each["id"] for each in ask(client, "tokenize", model="english", text=text)["data"]]
    vectors = [ask(client, "embeddings", model="english", input=given)["data"][0]["embedding"] for given in (text, ids)]
    assert vectors[0] == vectors[1]


@pytest.mark.parametrize("text", ["", " \n", "?!"])
def test_a_text_without_tokens_has_none(client, text):
    assert ask(client, "tokenize", model="toy", text=text) == {"model": "toy", "data": [], "n_known": 0, "n_unknown": 0}


def test_sub_words_are_shown_with_the_ids_that_embeddings_takes(folder, serving):
    pytest.importorskip("tokenizers")
    from semap.encode.pipeline import Pipeline
    from semap.table.table import Table
    from semap.tokenize.tokenizer import Tokenizer

    tokenizer = Tokenizer.train(["low lower lowest", "new newer newest"] * 20, kind="wordpiece", vocab_size=40, min_count=1)
    rows = np.random.default_rng(0).normal(size=(tokenizer.vocab_size, 3)).astype(np.float32)
    Pipeline(tokenizer, Table(tokenizer.tokens, rows)).save(folder / "pieces.semap")
    with httpx.Client(base_url=serving(app_of({"pieces": folder / "pieces.semap"})).url, timeout=30) as client:
        text = "lower  newest ¤"
        answer = ask(client, "tokenize", text=text)
        assert "".join(each["text"] for each in answer["data"]) == "lowernewest¤"
        assert all(text[each["start"] : each["end"]] == each["text"] for each in answer["data"])
        ids = [each["id"] for each in answer["data"]]
        assert ids[-1] is None  # the unknown token has no part in a vector
        assert (answer["n_known"], answer["n_unknown"]) == (len(ids) - 1, 1)
        mean = rows[ids[:-1]].astype(float).mean(axis=0)
        for given in (text, ids[:-1]):
            (found,) = ask(client, "embeddings", model="pieces", input=given)["data"]
            np.testing.assert_allclose(found["embedding"], mean / np.linalg.norm(mean), rtol=1e-5)
        message, param, _ = refusal(client, "embeddings", 400, model="pieces", input=[tokenizer.vocab_size])
        assert param == "input"
        assert f"0 to {tokenizer.vocab_size - 1}" in message


# one table, and many


def test_the_name_of_the_only_table_may_be_left_out(folder, serving):
    with httpx.Client(base_url=serving(app_of({"toy": save_toy(folder)})).url, timeout=30) as client:
        assert ask(client, "similarity", a="king", b="queen")["model"] == "toy"
        assert len(ask(client, "similar", token="king", k=3)["data"]) == 3
        assert refusal(client, "embeddings", 400, input="king")[1] == "model"  # as OpenAI's


def test_the_models_of_a_service(client):
    models = client.get("/v1/models").json()
    assert (models["object"], [each["id"] for each in models["data"]]) == ("list", ["english", "toy"])
    assert {"object": "model", "owned_by": "semap", "tokens": 7, "dimensions": 4, "index": "exact"}.items() <= models["data"][
        1
    ].items()


# bad input

UNKNOWN = {
    "similar": ({"token": "kingg"}, "token"),
    "analogy": ({"a": "man", "b": "kingg", "c": "woman"}, "b"),
    "similarity": ({"a": "king", "b": "kingg"}, "b"),
    "lookup": ({"tokens": ["king", "kingg", "xyzzyx"]}, "tokens[1]"),
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_token_is_answered_with_the_nearest_spellings(client, path):
    body, wrong = UNKNOWN[path]
    message, param, code = refusal(client, path, 404, model="english", **body)
    assert (param, code) == (wrong, "token_not_found")
    assert message.startswith("'kingg' is not among the 50,000 tokens of 'english'; did you mean 'king',")
    assert ("2 tokens of this request are unknown" in message) == (path == "lookup")


def test_a_token_that_nothing_resembles_has_no_suggestions_and_is_not_repeated_whole(client):
    message, _, _ = refusal(client, "similar", 404, model="toy", token="q" * 5000)
    assert "did you mean" not in message
    assert len(message) < 200


@pytest.mark.parametrize("path", [*UNKNOWN, "tokenize"])
def test_an_unknown_model_and_a_model_that_is_left_out_of_several_are_refused(client, path):
    body = {"text": "a"} if path == "tokenize" else UNKNOWN[path][0]
    message, param, code = refusal(client, path, 404, model="Toy", **body)
    assert (param, code) == ("model", "model_not_found")
    assert "'english', 'toy'" in message
    message, param, _ = refusal(client, path, 400, **body)
    assert param == "model"
    assert "'english', 'toy'" in message


BAD = {
    "no token and no vector": ("similar", {}, "token"),
    "a token and a vector": ("similar", {"token": "king", "vector": [1, 2, 3, 4]}, "token"),
    "k of 0": ("similar", {"token": "king", "k": 0}, "k"),
    "k above the limit": ("similar", {"token": "king", "k": 301}, "k"),
    "k beyond 64 bits": ("similar", {"token": "king", "k": 10**30}, "k"),
    "k of another type": ("similar", {"token": "king", "k": "3"}, "k"),
    "half a k": ("similar", {"token": "king", "k": 2.5}, "k"),
    "a token of another type": ("similar", {"token": 3}, "token"),
    "an empty vector": ("similar", {"vector": []}, "vector"),
    "a vector of other dimensions": ("similar", {"vector": [1, 2, 3]}, "vector"),
    "a vector of words": ("similar", {"vector": ["1", "2", "3", "4"]}, "vector"),
    "a vector that is too large": ("similar", {"vector": [1e39, 0, 0, 0]}, "vector"),
    "an analogy that lacks a token": ("analogy", {"a": "man", "b": "king"}, "c"),
    "another method": ("analogy", {"a": "man", "b": "king", "c": "woman", "method": "sum"}, "method"),
    "k above the limit in an analogy": ("analogy", {"a": "man", "b": "king", "c": "woman", "k": 301}, "k"),
    "one token to compare": ("similarity", {"a": "man"}, "b"),
    "nothing to look up": ("lookup", {"tokens": []}, "tokens"),
    "too much to look up": ("lookup", {"tokens": ["king"] * 21}, "tokens"),
    "one token to look up that is no list": ("lookup", {"tokens": "king"}, "tokens"),
    "no text": ("tokenize", {}, "text"),
    "too many tokens": ("tokenize", {"text": "king " * 51}, "text"),
    "too many letters": ("tokenize", {"text": "k" * 3201}, "text"),
    "a field that is not there": ("tokenize", {"text": "king", "special": True}, "special"),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_answered_is_refused_with_the_field_that_is_wrong(client, given):
    path, body, wrong = given
    assert refusal(client, path, 400, model="toy", **body)[1] == wrong


def test_a_bad_vector_does_not_disturb_the_searches_of_others(client, english):
    stop = threading.Event()

    def disturb():
        while not stop.is_set():
            ask(client, "similar", 400, model="english", vector=[1e39] * 200)
            ask(client, "similar", 404, model="english", token="kingg")

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        for token in english.tokens[1000:1030]:
            assert pairs(ask(client, "similar", model="english", token=token, k=3)) == semap.similar(english, token, 3)
    finally:
        stop.set()
        disturber.join(20)


# names


def test_tokens_of_a_table_too_large_to_remember_are_found_too(monkeypatch):
    packed = semap.Table(TOKENS, VECTORS).tokens
    remembered, sought = names.Names(packed), names.Names(packed)
    remembered.remember()
    monkeypatch.setattr(names, "_REMEMBERED", 6)
    sought.remember()
    for each in (remembered, sought):
        assert [each.row(token) for token in (*TOKENS, "xyzzy", "")] == [0, 1, 2, 3, 4, 5, 6, -1, -1]
        assert each.of([6, 0, 5]) == ["日本", "the", "naïve"]


def test_a_token_that_is_not_utf_8_is_spelled_with_replacement_characters(folder, serving):
    semap.Table(["fine", b"caf\xe9".decode("utf-8", "surrogateescape")], [[1, 0], [1, 1]]).save(folder / "old.semap")
    with httpx.Client(base_url=serving(app_of({"old": folder / "old.semap"})).url, timeout=30) as client:
        assert pairs(ask(client, "similar", token="fine")) == [("caf\N{REPLACEMENT CHARACTER}", pytest.approx(0.5**0.5))]


# limits: exactly as many as may be, and one more


@pytest.mark.parametrize("n", [20, 21])
def test_as_many_items_as_may_be_are_answered_and_one_more_is_not(client, n):
    for path, field in (("embeddings", "input"), ("lookup", "tokens")):
        answer = client.post(f"/v1/{path}", json={"model": "english", field: ["king"] * n})
        assert answer.status_code == (200 if n == 20 else 400)
        assert n == 20 or answer.json()["error"]["code"] == "too_many_items"


@pytest.mark.parametrize("n", [50, 51])
def test_as_many_tokens_as_may_be_are_read_and_one_more_is_not(client, n):
    for path, body in (
        ("embeddings", {"input": "king " * n}),
        ("embeddings", {"input": ["a queen", "king " * n]}),
        ("embeddings", {"input": [7] * n}),
        ("embeddings", {"input": [[3], [7] * n]}),
        ("tokenize", {"text": "king " * n}),
    ):
        answer = client.post(f"/v1/{path}", json={"model": "english", **body})
        assert answer.status_code == (200 if n == 50 else 400), body
        assert n == 50 or answer.json()["error"]["code"] == "text_too_long"
