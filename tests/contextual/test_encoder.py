"""Vectors that depend on the words around, a token or a text at a time."""

from __future__ import annotations

import socket
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import semap
from semap import ContextualEncoder
from semap.errors import BadText, SemapWarning, SettingsError

RIVER = ["I sat on the bank of the river and fished.", "The river bank was muddy after the flood."]
MONEY = ["She put her money in the bank.", "The bank lent him money at a low rate of interest."]
TEXTS = ["The dog bites the man.", "dog", "", "The man, the dog and the river: the bank of money. " * 2, "money river bank man"]


def vector_of(encoder: ContextualEncoder, text: str, token: str) -> Any:
    vectors, _ = encoder.embed([text])
    return vectors[0, encoder.tokens([text])[0].index(token)]


def test_bank_beside_river_is_not_bank_beside_money(real: ContextualEncoder) -> None:
    river, money = ([vector_of(real, text, "bank") for text in texts] for texts in (RIVER, MONEY))
    across = [semap.cosine(one, other) for one in river for other in money]
    assert max(across) < 0.9
    assert semap.cosine(*river) > max(across)
    assert semap.cosine(*money) > max(across)


def test_texts_of_one_meaning_are_nearer_than_texts_of_two(real: ContextualEncoder) -> None:
    a, b, c, d = real.encode([*RIVER, *MONEY])
    assert min(semap.cosine(a, b), semap.cosine(c, d)) > max(semap.cosine(x, y) for x in (a, b) for y in (c, d))


def test_vectors_are_those_of_sentence_transformers(real: ContextualEncoder, minilm: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*RIVER, *MONEY, "Crème brûlée 🍮 costs €7", "x" * 50]
    theirs = SentenceTransformer(str(minilm), device="cpu", local_files_only=True).encode(texts)
    assert np.allclose(real.encode(texts), theirs, atol=1e-5)


def test_a_model_without_modules_gives_the_mean_of_its_tokens(made: Path) -> None:
    from transformers import BertModel, BertTokenizer

    encoder = ContextualEncoder(made)
    assert (encoder.dim, encoder.token_dim, encoder.max_length) == (768, 768, 30)
    model, read = BertModel.from_pretrained(made).eval(), BertTokenizer.from_pretrained(made)
    hidden = model(**read("the dogs bites.", return_tensors="pt")).last_hidden_state[0].detach().numpy()
    vectors, mask = encoder.embed(["the dogs bites."])
    assert encoder.tokens(["the dogs bites."]) == [["[CLS]", "the", "dog", "##s", "bites", ".", "[SEP]"]]
    assert mask.tolist() == [[True] * 7]
    assert np.allclose(vectors[0], hidden, atol=1e-5)
    assert np.allclose(encoder.encode(["the dogs bites."])[0], hidden.mean(axis=0), atol=1e-5)


def test_the_modules_of_a_folder_are_kept_to(modules: Path) -> None:
    encoder = ContextualEncoder(modules)
    assert (encoder.dim, encoder.token_dim) == (5, 768)
    vectors, mask = encoder.embed(["the river bank"])
    chosen = vectors[0][mask[0]].mean(axis=0)[[700, 3, 44, 5, 600]]
    assert np.allclose(encoder.encode(["the river bank"])[0], chosen / np.linalg.norm(chosen), atol=1e-5)


def test_the_same_word_has_other_vectors_in_other_places_of_a_random_model(made: Path) -> None:
    encoder = ContextualEncoder(made)
    (first, second), _ = encoder.embed(["dog bites man", "man bites dog"])
    assert not np.allclose(first[1], second[3], atol=1e-3)  # dog
    assert not np.allclose(first[2], second[2], atol=1e-3)  # bites, in the same place


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_a_vector_does_not_depend_on_its_batch(made: Path, batch_size: int) -> None:
    encoder = ContextualEncoder(made, batch_size=batch_size)
    together, (tokens, mask) = encoder.encode(TEXTS), encoder.embed(TEXTS)
    for number, text in enumerate(TEXTS):
        assert np.allclose(together[number], encoder.encode([text])[0], atol=1e-5)
        alone, _ = encoder.embed([text])
        assert np.allclose(tokens[number][mask[number]], alone[0], atol=1e-5)


def test_batches_of_the_real_model_agree_too(real: ContextualEncoder) -> None:
    texts = [*RIVER, "bank", *MONEY, "A " + "very " * 100 + "long text"]
    alone = np.concatenate([real.encode([text]) for text in texts])
    assert np.abs(real.encode(texts) - alone).max() < 1e-5


def test_the_order_of_the_texts_is_kept(made: Path) -> None:
    encoder = ContextualEncoder(made, batch_size=2)
    forward, backward = encoder.encode(iter(TEXTS)), encoder.encode(TEXTS[::-1])
    assert np.allclose(forward, backward[::-1], atol=1e-5)


def test_a_batch_holds_texts_of_like_length(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = ContextualEncoder(made, batch_size=2)
    seen: list[list[str]] = []
    run = encoder._model.run
    monkeypatch.setattr(encoder._model, "run", lambda texts, threads: seen.append(list(texts)) or run(texts, threads))
    encoder.encode(["dog", "the dog bites the man", "man", "the man bites the dog", ""])
    assert [sorted(map(len, batch)) for batch in seen] == [[21, 21], [3, 3]]


def test_no_text_gives_an_empty_array_and_an_empty_text_zeros(made: Path) -> None:
    encoder = ContextualEncoder(made)
    assert encoder.encode([]).shape == (0, 768)
    assert encoder.encode([]).dtype == np.float32
    vectors, mask = encoder.embed([])
    assert (vectors.shape, mask.shape) == ((0, 0, 768), (0, 0))
    assert not encoder.encode(["", "dog", " \n\t"])[[0, 2]].any()
    vectors, mask = encoder.embed(["", "dog", " \n\t"])
    assert mask.sum(axis=1).tolist() == [0, 3, 0]
    assert not vectors[[0, 2]].any()
    assert encoder.tokens(["", "dog"]) == [[], ["[CLS]", "dog", "[SEP]"]]


def test_rows_of_shorter_texts_are_padded_with_zeros(made: Path) -> None:
    vectors, mask = ContextualEncoder(made).embed(["dog", "the dog bites"])
    assert vectors.shape == (2, 5, 768)
    assert mask.tolist() == [[True, True, True, False, False], [True] * 5]
    assert not vectors[0, 3:].any()
    assert vectors[mask].any(axis=1).all()


def test_a_stream_gives_the_vectors_of_a_files_lines(made: Path, tmp_path: Path) -> None:
    encoder = ContextualEncoder(made)
    (tmp_path / "texts.txt").write_text("the dog bites\n\nmoney")
    streamed = np.concatenate(list(encoder.stream(tmp_path / "texts.txt")))
    assert np.array_equal(streamed, encoder.encode(["the dog bites", "", "money"]))


def test_texts_that_are_cut_are_counted(made: Path) -> None:
    encoder = ContextualEncoder(made, max_length=5)
    with pytest.warns(SemapWarning, match="of 4 texts 2 were cut to max_length=5 tokens"):
        cut = encoder.encode(["the dog bites the man", "the dog bites", "dog", "dogs bites the man"])
    assert np.allclose(cut[0], cut[1], atol=1e-5)
    with pytest.warns(SemapWarning, match="of 1 texts 1 were cut to max_length=5"):
        vectors, _ = encoder.embed(["man bites dog bites man"])
    assert vectors.shape == (1, 5, 768)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encoder.encode(["the dog bites"])  # five tokens with the model's two: nothing is lost


def test_half_a_surrogate_pair_is_read_as_the_replacement_character(made: Path) -> None:
    encoder = ContextualEncoder(made)
    assert np.allclose(encoder.encode(["dog \ud800"]), encoder.encode(["dog \ufffd\ufffd\ufffd"]), atol=1e-6)


def test_torch_keeps_its_own_threads_and_its_own_random_numbers(made: Path) -> None:
    import torch

    before = torch.get_num_threads()
    state = torch.random.get_rng_state()
    encoder = ContextualEncoder(made, threads=3)
    encoder.encode(["dog"])
    encoder.embed(["dog"])
    assert torch.get_num_threads() == before
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_threads_asked_for_are_used(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    seen = []
    encoder = ContextualEncoder(made, threads=3)
    encoder._model._model.register_forward_pre_hook(lambda *_: seen.append(torch.get_num_threads()))
    encoder.encode(["dog"])
    assert seen == [3]


def test_the_same_call_gives_the_same_bits(made: Path) -> None:
    one, other = ContextualEncoder(made, threads=2), ContextualEncoder(made, threads=2)
    assert np.array_equal(one.encode(TEXTS), other.encode(TEXTS))


def test_no_network_is_touched(made: Path, minilm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **settings: Any) -> None:
        raise AssertionError(f"a connection was tried: {arguments}")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for folder in (made, minilm):
        assert ContextualEncoder(folder).encode(["the dog"]).any()
    with pytest.raises(semap.errors.FileMissing):
        ContextualEncoder("nobody/has-this-model")


@pytest.mark.parametrize("given", ["dog", b"dog"])
def test_one_text_alone_is_an_error_that_says_how_to_write_it(made: Path, given: Any) -> None:
    encoder = ContextualEncoder(made)
    for ask in (encoder.encode, encoder.embed, encoder.tokens):
        with pytest.raises(SettingsError, match="for one text write"):
            ask(given)


@pytest.mark.parametrize("given", [["dog", 7], ["dog", b"man"], ["dog", None]])
def test_what_is_no_text_is_an_error(made: Path, given: Any) -> None:
    encoder = ContextualEncoder(made)
    for ask in (encoder.encode, encoder.embed, encoder.tokens):
        with pytest.raises(BadText, match=r"text . is .*, not str"):
            ask(given)
    with pytest.raises(SettingsError, match="not int"):
        encoder.encode(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0; give a number of texts from 1"),
        ({"threads": -1}, "threads is -1"),
        ({"max_length": 2}, "max_length is 2; this model reads 3 to 40 tokens"),
        ({"max_length": 41}, "max_length is 41; this model reads 3 to 40 tokens"),
        ({"max_length": 7.5}, "max_length is 7.5; this model reads 3 to 40 tokens"),
        ({"device": "abacus"}, "device is 'abacus', which torch cannot use here"),
        ({"device": "meta"}, "device is 'meta', which torch cannot use here"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_errors(made: Path, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ContextualEncoder(made, **settings)


def test_a_device_that_is_not_there_is_an_error(made: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    with pytest.raises(SettingsError, match="device is 'cuda', which torch cannot use here"):
        ContextualEncoder(made, device="cuda")


def test_a_model_stored_in_half_precision_is_computed_in_single(made: Path) -> None:
    from transformers import BertModel

    exact = ContextualEncoder(made).encode(["the dog"])
    BertModel.from_pretrained(made).half().save_pretrained(made)
    rounded = ContextualEncoder(made).encode(["the dog"])
    assert rounded.dtype == np.float32
    assert 0 < np.abs(rounded - exact).max() < 0.01
