"""Splits: what is tested is nowhere else, nothing is lost, and the same seed draws the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semap.errors import SettingsError
from semap.interactions.interactions import Interactions
from semap.interactions.splits import leave_last_out, random_split, strong_generalisation
from semap.vocab.vocab import Vocab


def of_sizes(sizes, n_items=12, seed=3, times=True):
    """Users with so many interactions each; ids of items in an order of their own, times that tie now and then."""
    generator = np.random.default_rng(seed)
    users = generator.permutation(np.repeat(np.arange(len(sizes)), sizes))
    items = generator.integers(0, n_items, len(users))
    names = [f"i{n}" for n in range(n_items)]
    return Interactions(
        Vocab([f"u{n}" for n in range(len(sizes))], np.array(sizes)),
        Vocab(names, np.bincount(items, minlength=n_items)),
        users,
        items,
        generator.random(len(users)) + 1,
        generator.integers(0, 5, len(users)) if times else None,
    )


def rows(*parts):
    """All interactions of some parts, in one order."""
    return sorted(
        row for part in parts for row in zip(part.user_ids.tolist(), part.item_ids.tolist(), part.values.tolist(), strict=True)
    )


def sizes_of(part):
    return np.bincount(part.user_ids, minlength=part.n_users).tolist()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.floats(0.05, 0.95), st.integers(0, 5))
def test_a_random_split_takes_its_share_of_every_user_and_loses_nothing(sizes, share, seed):
    whole = of_sizes(sizes)
    expected = [int(share * size + 1e-9) for size in sizes]
    if not sum(expected):
        with pytest.raises(SettingsError, match="nothing to test"):
            random_split(whole, share, seed=seed)
        return
    split = random_split(whole, share, seed=seed)
    assert sizes_of(split.test) == expected
    assert rows(split.train, split.test) == rows(whole)
    assert split.train.items.tokens == whole.items.tokens
    assert split.history is None


def test_the_same_seed_draws_the_same_and_another_does_not():
    whole = of_sizes([30, 40, 50])
    first, again, other = (random_split(whole, 0.3, seed=seed).test.fingerprint() for seed in (4, 4, 5))
    assert first == again != other


def test_every_interaction_of_a_user_is_as_likely_to_be_tested():
    whole = Interactions(Vocab(["u"], [5]), Vocab(list("abcde"), [1] * 5), [0] * 5, range(5))
    drawn = np.bincount([random_split(whole, 0.2, seed=seed).test.item_ids[0] for seed in range(500)], minlength=5)
    assert drawn.min() > 70
    assert drawn.max() < 130


def test_the_last_in_time_is_tested_and_of_equal_times_the_later_line():
    users, items = Vocab(["a", "b", "c"], [3, 2, 1]), Vocab(["x", "y", "z"], [2, 2, 2])
    whole = Interactions(users, items, [0, 0, 0, 1, 1, 2], [2, 0, 1, 2, 0, 1], None, [30, 10, 20, 7, 7, 1])
    split = leave_last_out(whole)
    assert list(zip(split.test.user_ids, split.test.item_ids, strict=True)) == [(0, 2), (1, 0)]
    assert split.train.item_ids.tolist() == [0, 1, 2, 1]


def test_without_times_the_order_of_the_input_is_that_of_time():
    whole = Interactions(Vocab(["a"], [3]), Vocab(["x", "y", "z"], [1, 1, 1]), [0, 0, 0], [2, 0, 1])
    assert leave_last_out(whole).test.item_ids.tolist() == [1]
    assert leave_last_out(whole, 2).test.item_ids.tolist() == [0, 1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8), st.integers(1, 4))
def test_leaving_the_last_out_takes_n_of_those_with_more(sizes, n):
    whole = of_sizes(sizes)
    if max(sizes) <= n:
        with pytest.raises(SettingsError, match="nothing to test"):
            leave_last_out(whole, n)
        return
    split = leave_last_out(whole, n)
    assert sizes_of(split.test) == [n if size > n else 0 for size in sizes]
    assert rows(split.train, split.test) == rows(whole)
    for user in range(len(sizes)):
        mine = [part.times[part.user_ids == user] for part in (split.train, split.test)]
        assert not len(mine[1]) or mine[0].max() <= mine[1].min()


def test_strong_generalisation_keeps_tested_users_out_of_training():
    whole = of_sizes([10, 20, 30, 1, 15, 0, 25, 5])
    split = strong_generalisation(whole, 0.5, 0.2, seed=2)
    trained, tested = set(split.train.user_ids.tolist()), set(split.test.user_ids.tolist())
    assert len(tested) == 3  # half of the six users with two interactions or more
    assert not trained & tested
    assert set(split.history.user_ids.tolist()) == tested
    assert rows(split.train, split.test, split.history) == rows(whole)
    sizes = [10, 20, 30, 1, 15, 0, 25, 5]
    assert sizes_of(split.test) == [max(size // 5, 1) if user in tested else 0 for user, size in enumerate(sizes)]
    again = strong_generalisation(whole, 0.5, 0.2, seed=2)
    assert again.test.fingerprint() == split.test.fingerprint()


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda whole: random_split(whole, 0), "share is 0"),
        (lambda whole: random_split(whole, 1.0), "share is 1.0"),
        (lambda whole: leave_last_out(whole, 0), "n is 0"),
        (lambda whole: leave_last_out(whole, 40), "no user has more than 9"),
        (lambda whole: strong_generalisation(whole, 0.01), "takes 0 of 3 users"),
        (lambda whole: strong_generalisation(whole, 0.5, 2), "held_out_share is 2"),
        (lambda whole: random_split(whole, "0.2"), "share is '0.2'"),
        (lambda whole: random_split(whole, None), "share is None"),
        (lambda whole: random_split(whole, seed=None), "seed is None"),
        (lambda whole: random_split(whole, seed=-1), "seed is -1"),
        (lambda whole: strong_generalisation(whole, 0.5, seed="1"), "seed is '1'"),
        (lambda whole: leave_last_out(whole, True), "n is True"),
        (lambda whole: random_split("u.data"), "only Interactions can be split, not str"),
        (lambda whole: leave_last_out(None), "not NoneType"),
        (lambda whole: strong_generalisation([("a", "x")]), "not list"),
    ],
)
def test_splits_that_take_nothing_or_all_are_refused(split, message):
    with pytest.raises(SettingsError, match=message):
        split(of_sizes([9, 8, 7]))
