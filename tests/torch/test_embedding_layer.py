"""EmbeddingLayer: rows, positions, padding, gradients, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='needs pip install "semap[torch]"')

import semap  # noqa: E402
from semap.errors import SettingsError, ShapeError  # noqa: E402
from semap.torch import EmbeddingLayer  # noqa: E402

TABLE = semap.Table(["bites", "man", "dog"], [[1, 2, 3, 4], [5, 6, 7, 8], [-1, 0, 2, 0.5]], counts=[9, 4, 2], metadata={"a": 1})


def test_ids_get_their_rows_times_scale_plus_the_position():
    layer = EmbeddingLayer(TABLE, positions="sinusoidal", scale=2.0)
    got = layer(torch.tensor([[2, 0]])).detach().numpy()
    at_0, at_1 = [0, 1, 0, 1], [np.sin(1), np.cos(1), np.sin(0.01), np.cos(0.01)]  # 10000 ** (2 / 4) = 100
    expected = [[np.add([-2, 0, 4, 1], at_0), np.add([2, 4, 6, 8], at_1)]]
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_the_order_of_words_shows_with_positions_and_not_without():
    dog_bites_man, man_bites_dog = torch.tensor([[2, 0, 1]]), torch.tensor([[1, 0, 2]])
    for positions, differ in ((None, False), ("sinusoidal", True), ("learned", True)):
        layer = EmbeddingLayer(TABLE, positions=positions)
        one, other = (sorted(map(tuple, layer(ids)[0].tolist())) for ids in (dog_bites_man, man_bites_dog))
        assert (one != other) is differ


def test_gradients_are_those_of_torchs_own_embedding():
    layer = EmbeddingLayer(TABLE)
    peer = torch.nn.Embedding.from_pretrained(torch.tensor(TABLE.vectors), freeze=False)
    ids = torch.tensor([[1, 1, 0], [2, 1, 0]])
    weights = torch.arange(24.0).view(2, 3, 4)
    for each in (layer, peer):
        (each(ids) * weights).sum().backward()
    assert torch.equal(layer.weight.grad, peer.weight.grad)


def test_a_sparse_gradient_holds_the_rows_of_the_batch_only():
    layer = EmbeddingLayer((50, 4), sparse=True)
    layer(torch.tensor([[7, 31]])).sum().backward()
    assert layer.weight.grad.is_sparse
    assert sorted(layer.weight.grad.coalesce().indices()[0].tolist()) == [7, 31]


def test_frozen_rows_are_not_trained_and_learned_positions_are():
    layer = EmbeddingLayer(TABLE, positions="learned", max_length=5, frozen=True)
    layer(torch.tensor([[0, 2]])).sum().backward()
    assert layer.weight.grad is None
    assert layer.position_rows.grad[:, 0].tolist() == [1, 1, 0, 0, 0]


def test_padding_gives_zeros_and_trains_nothing():
    layer = EmbeddingLayer(TABLE, positions="learned", padding_id=1)
    got = layer(torch.tensor([[2, 1, 1]]))
    assert got[0, 1:].abs().sum() == 0
    assert got[0, 0].abs().sum() > 0
    got.sum().backward()
    assert layer.weight.grad[1].tolist() == [0, 0, 0, 0]
    assert layer.position_rows.grad[1:].abs().sum() == 0


def test_training_the_layer_changes_the_table_that_comes_out():
    layer = EmbeddingLayer(TABLE)
    assert layer.to_table().vectors.tobytes() == TABLE.vectors.tobytes()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5)
    layer(torch.tensor([[2]])).sum().backward()
    optimizer.step()
    table = layer.to_table()
    assert table["dog"].tolist() == [-1.5, -0.5, 1.5, 0]
    assert table["man"].tolist() == [5, 6, 7, 8]
    assert (list(table.tokens), table.counts.tolist(), table.metadata) == (["bites", "man", "dog"], [9, 4, 2], {"a": 1})
    assert TABLE["dog"].tolist() == [-1, 0, 2, 0.5]


def test_random_rows_depend_on_the_seed_and_leave_torchs_generator_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    rows = [EmbeddingLayer((6, 4), positions="learned", seed=seed).state_dict() for seed in (1, 1, 2)]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(rows[0][name], rows[1][name]) for name in rows[0])
    assert not any(torch.equal(rows[0][name], rows[2][name]) for name in rows[0])
    assert rows[0]["weight"].abs().max() <= 0.5 / 4


def test_random_rows_need_tokens_to_become_a_table():
    layer = EmbeddingLayer((2, 3))
    with pytest.raises(SettingsError, match="2 rows"):
        layer.to_table()
    with pytest.raises(ShapeError, match=r"3 tokens and 2 rows"):
        layer.to_table(["a", "b", "c"])
    assert list(layer.to_table(["b", "a"]).tokens) == ["b", "a"]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_the_dtype_is_the_one_asked_for(dtype):
    layer = EmbeddingLayer(TABLE, positions="sinusoidal", dtype=dtype)
    assert layer(torch.tensor([[1]])).dtype == getattr(torch, dtype)
    assert layer.to_table().vectors.tolist() == TABLE.vectors.tolist()  # these rows are exact in every dtype


@pytest.mark.parametrize(("wrong", "ids"), [(3, [[0, 3]]), (-1, [[0, -1, 2]]), (9, [9])])
def test_an_id_outside_the_table_is_named_with_the_range(wrong, ids):
    with pytest.raises(ShapeError, match=rf"id {wrong} was asked for, the layer has rows 0 to 2"):
        EmbeddingLayer(TABLE)(torch.tensor(ids))


def test_no_ids_give_no_vectors():
    assert EmbeddingLayer(TABLE, positions="sinusoidal")(torch.zeros((0, 4), dtype=torch.int64)).shape == (0, 4, 4)
    assert EmbeddingLayer(TABLE)(torch.zeros((2, 0), dtype=torch.int32)).shape == (2, 0, 4)


def test_more_tokens_than_positions_are_refused_with_both_numbers():
    layer = EmbeddingLayer(TABLE, positions="learned", max_length=2)
    with pytest.raises(ShapeError, match=r"3 tokens, there are positions for 2"):
        layer(torch.tensor([[0, 1, 2]]))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"positions": "rotary"}, "sinusoidal"),
        ({"scale": 0}, "scale is 0"),
        ({"scale": float("nan")}, "scale"),
        ({"padding_id": 3}, r"padding_id is 3.*0 to 2"),
        ({"max_length": 0}, "max_length is 0"),
        ({"dtype": "int8"}, "dtype is 'int8'"),
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"device": "cuda:77"}, "device is 'cuda:77'"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_settings_out_of_range_are_said(settings, message):
    with pytest.raises(SettingsError, match=message):
        EmbeddingLayer(TABLE, **settings)


@pytest.mark.parametrize("rows", [7, (3,), (0, 4), (3, 0), [3, 4]])
def test_rows_are_a_table_or_a_shape(rows):
    with pytest.raises(SettingsError):
        EmbeddingLayer(rows)


def test_ids_that_are_no_whole_numbers_are_refused():
    with pytest.raises(SettingsError, match="float32"):
        EmbeddingLayer(TABLE)(torch.tensor([[0.5]]))


@pytest.mark.parametrize("ids", [[1, 2], np.array([1, 2])])
def test_ids_that_are_no_tensor(ids):
    with pytest.raises(SettingsError, match=r"not a tensor; give torch\.as_tensor"):
        EmbeddingLayer((3, 4))(ids)
