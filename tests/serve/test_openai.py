"""The real `openai` package as client: what works with OpenAI's service works with ours, and fails in the same way."""

from __future__ import annotations

import asyncio
import base64

import numpy as np
import pytest

from semap.encode.pipeline import Pipeline
from semap.formats.load import load
from semap.serve.settings import Limits
from semap.table.table import Table

from .real import VECTORS, app_of, save_toy, save_weighted
from .serving import Serving

openai = pytest.importorskip("openai")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:openai", "ignore::DeprecationWarning:pydantic")

TEXTS = ["The king of England.", "a dog bites the man", "Rivers and mountains", "two words"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    Table(["nil", "one"], [[0, 0], [1, 1]]).save(folder / "zeros.semap")
    places = {"english": "english", "toy": save_toy(folder), "weighted": save_weighted(folder), "zeros": folder / "zeros.semap"}
    serving = Serving(app_of(places, limits=Limits(items=100, tokens=50)))
    yield serving
    serving.stop()


@pytest.fixture(scope="module")
def client(server):
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0, timeout=20) as made:
        yield made


def vectors_of(answer):
    return np.array([item.embedding for item in answer.data], np.float32)


def normalised(rows):
    rows = np.asarray(rows, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_one_text_has_the_vector_that_is_on_paper(client):
    # The mean of king (3, 4, 0, 0) and queen (0, 4, 3, 0) is (1.5, 4, 1.5, 0), of the length 4.527693.
    answer = client.embeddings.create(model="toy", input="King, queen!")
    assert (answer.object, answer.model, len(answer.data)) == ("list", "toy", 1)
    assert (answer.data[0].object, answer.data[0].index) == ("embedding", 0)
    np.testing.assert_allclose(answer.data[0].embedding, [0.331295, 0.883452, 0.331295, 0], atol=1e-6)
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (2, 2)


def test_counts_weigh_and_the_common_component_is_taken_out(client):
    # a = .5 of 100 counts: king weighs .5 / (.5 + .3) = .625, woman .5 / (.5 + .03) = .943396; the first axis goes.
    # .625 (3, 4, 0, 0) + .943396 (0, 0, 6, 0) without the first axis is (0, 2.5, 5.660377, 0), of the length 6.187881.
    answer = client.embeddings.create(model="weighted", input="king woman")
    np.testing.assert_allclose(answer.data[0].embedding, [0, 0.404015, 0.914752, 0], atol=1e-6)


def test_texts_have_the_vectors_of_the_pipeline_in_their_order(client):
    pipeline = Pipeline.from_table(load("english"), normalize=True)
    answer = client.embeddings.create(model="english", input=TEXTS)
    assert [item.index for item in answer.data] == [0, 1, 2, 3]
    np.testing.assert_array_equal(vectors_of(answer), pipeline.encode(TEXTS))
    np.testing.assert_allclose(np.linalg.norm(vectors_of(answer), axis=1), 1, atol=1e-6)


def test_numbers_and_base64_are_the_same_bits(client):
    # The client asks for base64 when it is not told otherwise, and decodes it.
    told = client.embeddings.create(model="english", input=TEXTS, encoding_format="float")
    decoded = client.embeddings.create(model="english", input=TEXTS)
    np.testing.assert_array_equal(vectors_of(told), vectors_of(decoded))
    raw = client.embeddings.create(model="english", input=TEXTS, encoding_format="base64")
    assert isinstance(raw.data[0].embedding, str)
    bits = [np.frombuffer(base64.b64decode(item.embedding), "<f4") for item in raw.data]
    np.testing.assert_array_equal(np.array(bits), vectors_of(told))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("encoding_format", ["float", "base64"])
def test_dimensions_keeps_the_first_numbers_at_length_1(client, dimensions, encoding_format):
    answer = client.embeddings.create(
        model="toy", input=["king", "woman queen"], dimensions=dimensions, encoding_format=encoding_format
    )
    found = answer.data
    if encoding_format == "base64":
        found = [np.frombuffer(base64.b64decode(item.embedding), "<f4") for item in found]
    else:
        found = [item.embedding for item in found]
    # (3, 4, 0, 0) / 5 and (0, 4, 9, 0) / |..|, cut; what is all zeros cannot be made longer.
    expected = {1: [[1], [0]], 2: [[0.6, 0.8], [0, 1]], 3: [[0.6, 0.8, 0], [0, 0.406138, 0.913812]]}
    np.testing.assert_allclose(found, expected[dimensions], atol=1e-6)


def test_all_dimensions_are_the_vector_itself(client):
    whole = client.embeddings.create(model="english", input=TEXTS)
    np.testing.assert_array_equal(
        vectors_of(client.embeddings.create(model="english", input=TEXTS, dimensions=200)), vectors_of(whole)
    )


def test_token_ids_are_rows_of_the_table(client):
    ids = client.embeddings.create(model="toy", input=[1, 2])
    np.testing.assert_array_equal(vectors_of(ids), vectors_of(client.embeddings.create(model="toy", input="king queen")))
    assert ids.usage.prompt_tokens == 2
    several = client.embeddings.create(model="toy", input=[[1], [6, 0, 0], [4]])
    np.testing.assert_allclose(vectors_of(several), normalised([VECTORS[1], [5, 1, 1, 1], VECTORS[4]]), atol=1e-6)
    assert several.usage.prompt_tokens == 5


def test_unknown_words_are_left_out_and_counted(client):
    answer = client.embeddings.create(model="toy", input=["king xyzzy queen"])
    np.testing.assert_array_equal(vectors_of(answer), vectors_of(client.embeddings.create(model="toy", input=["king queen"])))
    assert answer.usage.total_tokens == 3


def test_letters_of_every_script_arrive(client):
    answer = client.embeddings.create(model="toy", input=["NAÏVE", "nai\u0308ve", "日本 👍"])
    np.testing.assert_allclose(vectors_of(answer), normalised([VECTORS[5], VECTORS[5], VECTORS[6]]), atol=1e-6)


def test_a_user_may_be_named(client):
    assert client.embeddings.create(model="toy", input="king", user="somebody").data


def test_the_models_are_listed(client):
    models = {model.id: model for model in client.models.list()}
    assert list(models) == ["english", "toy", "weighted", "zeros"]
    assert (models["toy"].object, models["toy"].owned_by) == ("model", "semap")
    assert models["toy"].created > 1_600_000_000
    assert (models["toy"].dimensions, models["toy"].tokens, models["toy"].index) == (4, 7, "exact")


BAD = {
    "an unknown model": (
        {"model": "nothing"}, openai.NotFoundError, "model", "model_not_found", "'english', 'toy', 'weighted', 'zeros'",
    ),
    "an empty text": ({"input": ""}, openai.BadRequestError, "input", "invalid_value", "length >= 1"),
    "no text": ({"input": []}, openai.BadRequestError, "input", "invalid_value", "length >= 1"),
    "an empty text among others": ({"input": ["king", ""]}, openai.BadRequestError, "input", "invalid_value", r"input\[1\]"),
    "an empty list of ids": ({"input": [[1], []]}, openai.BadRequestError, "input", "invalid_value", r"input\[1\]"),
    "too many texts": ({"input": ["king"] * 101}, openai.BadRequestError, "input", "too_many_items", "101 items.* 100"),
    "too long a text": ({"input": "king " * 51}, openai.BadRequestError, "input", "text_too_long", "51 tokens.* 50"),
    "too long a text among others": (
        {"input": ["king", "king " * 51]}, openai.BadRequestError, "input[1]", "text_too_long", "51 tokens.* 50",
    ),
    "too long a list of ids": ({"input": [1] * 51}, openai.BadRequestError, "input", "text_too_long", "51 tokens.* 50"),
    "too many letters": ({"input": "k" * 3201}, openai.BadRequestError, "input", "text_too_long", "3,201 characters.* 3,200"),
    "dimensions of 0": ({"dimensions": 0}, openai.BadRequestError, "dimensions", "invalid_value", ">= 1"),
    "too many dimensions": ({"dimensions": 5}, openai.BadRequestError, "dimensions", None, "dimensions is 5.* 4"),
    "an id that no token has": ({"input": [[1], [7]]}, openai.BadRequestError, "input[1]", None, "token id 7.* 0 to 6"),
    "an id of more than 64 bits": ({"input": [10**30]}, openai.BadRequestError, "input", None, "token id"),
    "a negative id": ({"input": [-1]}, openai.BadRequestError, "input", "invalid_value", ">= 0"),
    "texts among ids": ({"input": ["king", 1]}, openai.BadRequestError, "input", None, "mixes"),
    "ids among lists of ids": ({"input": [1, [1]]}, openai.BadRequestError, "input", None, "mixes"),
    "lists of ids among texts": ({"input": ["king", [1]]}, openai.BadRequestError, "input", None, "mixes"),
    "another encoding": ({"encoding_format": "hex"}, openai.BadRequestError, "encoding_format", "invalid_value", "hex"),
    "a field that is not there": (
        {"extra_body": {"dimension": 3}}, openai.BadRequestError, "dimension", "invalid_value", "dimension",
    ),
    "only unknown words": (
        {"input": ["king", "xyzzy", "plugh"]}, openai.UnprocessableEntityError, "input[1]", "no_known_token",
        r"2 of 3 inputs .*input\[1\], input\[2\]",
    ),
    "tokens whose rows are zeros": (
        {"model": "zeros", "input": "nil"}, openai.UnprocessableEntityError, "input", "no_known_token", "1 of 1",
    ),
    "only punctuation": ({"input": "?!"}, openai.UnprocessableEntityError, "input", "no_known_token", "have no vector"),
}  # fmt: skip


@pytest.mark.parametrize("given", BAD.values(), ids=BAD.keys())
def test_bad_requests_raise_what_openais_service_makes_the_client_raise(client, given):
    change, error, param, code, message = given
    with pytest.raises(error, match=message) as raised:
        client.embeddings.create(**{"model": "toy", "input": "king", "encoding_format": "float", **change})
    assert raised.value.type == "invalid_request_error"
    assert (raised.value.param, raised.value.code) == (param, code)


def test_many_requests_at_a_time_have_the_vectors_of_one_at_a_time(server):
    words = load("english").tokens[100:700]
    texts = [[" ".join(words[i : i + 1 + i % 7]), words[-1 - i]] for i in range(200)]
    pipeline = Pipeline.from_table(load("english"), normalize=True)

    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0, timeout=30) as many:
            return await asyncio.gather(*(many.embeddings.create(model="english", input=each) for each in texts))

    for each, answer in zip(texts, asyncio.run(ask()), strict=True):
        np.testing.assert_array_equal(vectors_of(answer), pipeline.encode(each))
