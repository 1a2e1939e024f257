"""The facts and numbers of the twelve sections, each by itself and not as the page prints them."""

from __future__ import annotations

import math
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import semap
from semap.errors import SettingsError


def close(value: Any, expected: float) -> bool:
    return math.isclose(float(value), expected, abs_tol=5e-4)


def test_1_names_words_a_user_and_a_product(ran: Any) -> None:
    for thing in ("cat", "king", "Paris", "UserID=4521", "ProductID=89"):
        assert thing in ran(1).prose
        assert thing in ran(1).names["number"]


def test_2_one_hot_rows_of_six_are_the_first_four_of_the_identity(ran: Any) -> None:
    assert ran(2).names["words"][:4] == ["cat", "dog", "king", "queen"]
    assert np.array_equal(ran(2).names["rows"].to_dense(), np.eye(6)[:4])


def test_2_scipy_gets_the_same_matrix(ran: Any) -> None:
    pytest.importorskip("scipy")
    rows = ran(2).names["rows"]
    assert np.array_equal(rows.to_scipy().toarray(), rows.to_dense())


def test_2_170_000_words_take_170_000_dimensions(ran: Any) -> None:
    assert ran(2).names["all_words"].shape == (170_000, 170_000)
    assert "170,000 words, so each of them takes 170,000 dimensions" in ran(2).prose


def test_2_every_pair_is_the_root_of_2_apart_with_cosine_0(ran: Any) -> None:
    rows = ran(2).names["rows"].to_dense()
    for i in range(4):
        for j in range(i):
            assert math.isclose(float(semap.euclidean(rows[i], rows[j])), math.sqrt(2))
            assert semap.cosine(rows[i], rows[j]) == 0


def test_3_cat_is_near_dog_and_far_from_king(ran: Any) -> None:
    names = ran(3).names
    assert names["cat"] == [0.2, -0.4, 0.7, 0.1, -0.3]
    assert names["dog"] == [0.3, -0.5, 0.6, 0.2, -0.2]
    assert names["king"] == [0.8, 0.4, -0.1, 0.9, 0.5]
    assert close(semap.cosine(names["cat"], names["dog"]), 0.968)
    assert close(semap.cosine(names["cat"], names["king"]), -0.107)


def test_3_the_map_has_royalty_to_the_right_and_gender_upwards(ran: Any) -> None:
    lines = ran(3).printed("print(draw(").splitlines()
    assert "gender" in lines[0]
    assert lines[-1].endswith("> royalty")
    top, bottom = (next(line for line in lines if word in line) for word in ("woman", "king"))
    assert top.index("woman") < top.index("queen")
    assert bottom.index("* man") < bottom.index("king")
    assert lines.index(top) < lines.index(bottom)


def test_4_a_lookup_is_the_row_of_the_id(ran: Any) -> None:
    names = ran(4).names
    assert names["i"] == 2
    assert np.array_equal(names["table"]["cat"], names["E"][2])
    assert np.array_equal(names["one_hot_cat"] @ names["E"], names["E"][[2]])


def test_4_ten_thousand_words_of_300_are_three_million_parameters(ran: Any) -> None:
    assert ran(4).printed("V * d") == "'3,000,000 parameters'"
    assert ran(4).names["V"] * ran(4).names["d"] == 3_000_000


def test_5_king_minus_man_plus_woman_is_nearest_to_queen(ran: Any) -> None:
    names = ran(5).names
    assert names["king"] == [0.8, 0.4, -0.1, 0.9]
    assert names["man"] == [0.7, 0.3, -0.2, 0.1]
    assert names["woman"] == [0.6, 0.5, 0.3, 0.8]
    assert np.allclose(names["result"], [0.7, 0.6, 0.4, 1.6])
    assert semap.similar(names["toy"], names["result"], k=1)[0][0] == "queen"
    assert semap.analogy(names["toy"], "man", "king", "woman", k=1)[0][0] == "queen"


@pytest.mark.usefixtures("english")
def test_5_the_learned_table_answers_queen_too() -> None:
    answers = [word for word, _ in semap.analogy(semap.load("english"), "man", "king", "woman", k=3)]
    assert "queen" in answers


def test_6_the_two_cosines_are_a_half_and_the_root_of_a_half() -> None:
    assert math.isclose(float(semap.cosine([1, 0, 1], [1, 1, 0])), 0.5)
    assert math.isclose(float(semap.cosine([1, 0, 1], [0, 0, 1])), math.sqrt(0.5))


def test_6_shows_both_cosines_and_what_1_0_and_minus_1_mean(ran: Any) -> None:
    assert ran(6).printed("[1, 0, 1], [1, 1, 0]), 4") == "0.5"
    assert ran(6).printed("[1, 0, 1], [0, 0, 1]), 4") == "0.7071"
    assert ran(6).printed("[2, 4]") == "(1.0, 0.0, -1.0)"
    assert "1 means the same direction, 0 a right angle" in ran(6).prose
    assert "-1 opposite directions" in ran(6).prose


def test_6_says_that_the_toy_is_right_in_its_arithmetic_and_not_learned(ran: Any) -> None:
    cat, dog, tokyo = [1, 0, 1], [1, 1, 0], [0, 0, 1]
    assert semap.cosine(cat, tokyo) > semap.cosine(cat, dog)
    assert ran(6).printed("semap.cosine(cat, Tokyo)") == "True"
    assert "The arithmetic is right." in ran(6).prose
    assert "never learned" in ran(6).prose


@pytest.mark.usefixtures("english")
def test_6_in_the_learned_table_dog_is_closer_to_cat_than_tokyo_is() -> None:
    cat, dog, tokyo = semap.load("english").lookup(["cat", "dog", "tokyo"])
    assert semap.cosine(cat, dog) > semap.cosine(cat, tokyo)


def test_7_the_contexts_of_sat_are_the_cat_on_the(ran: Any) -> None:
    pairs = semap.pairs("The cat sat on the mat", window=2)
    assert [context for center, context in pairs if center == "sat"] == ["The", "cat", "on", "the"]
    assert ran(7).names["pairs"] == pairs


@pytest.mark.parametrize("run", ["softmax", "negative"])
def test_7_the_loss_falls_in_every_epoch(ran: Any, run: str) -> None:
    losses = ran(7).names[run].metadata["training"]["losses"]
    assert len(losses) == 5
    assert all(later < earlier for earlier, later in pairwise(losses))


@pytest.mark.parametrize("run", ["softmax", "negative"])
def test_7_the_neighbours_become_words_of_the_same_kind(ran: Any, run: str) -> None:
    names = ran(7).names
    kinds = {"cat": ["dog", "fox"], "king": ["prince", "queen"], "tokyo": ["paris", "rome"]}
    assert names["neighbours"](names[run]) == kinds
    assert names["neighbours"](names["before"]) != kinds


def test_7_p_is_the_formula_and_prefers_what_was_seen(ran: Any) -> None:
    table, p = ran(7).names["softmax"], ran(7).names["P"]
    scores = [math.exp(math.fsum(map(float, table["cat"] * row))) for row in table.output_vectors]
    assert np.allclose(p, np.array(scores) / math.fsum(scores), rtol=1e-4)
    assert p[table.id("sat")] > 10 * p[table.id("crown")]


def test_7_real_text_gives_numbers_as_neighbours_of_a_number(ran: Any) -> None:
    names = ran(7).names
    assert names["losses"][-1] < names["losses"][0]
    numbers = {"three", "four", "five", "six", "seven", "eight", "ten", "twenty", "several"}
    found = {word: {near for near, _ in semap.similar(names[word], "two", k=3)} for word in ("table", "random")}
    assert len(found["table"] & numbers) >= 2
    assert not found["random"] & numbers


def test_8_the_mean_forgets_the_order_and_positions_bring_it_back(ran: Any) -> None:
    names = ran(8).names
    assert "Dog bites man" in ran(8).section.title
    assert np.allclose(names["dog_bites"], names["man_bites"])
    first, second = names["without"]
    assert np.array_equal(first, second[::-1])
    bags = [[sorted(map(tuple, text.tolist())) for text in names[run]] for run in ("without", "with_places")]
    assert bags[0][0] == bags[0][1]
    assert bags[1][0] != bags[1][1]


def test_8_the_places_are_the_formula_added_to_the_rows(ran: Any) -> None:
    names = ran(8).names
    waves = [[f(pos / 10000 ** (2 * i / 4)) for i in (0, 1) for f in (math.sin, math.cos)] for pos in (0, 1, 2)]
    assert np.allclose(names["PE"], waves, atol=1e-6)
    rows = [names["table"][word] for word in ("man", "bites", "dog")]
    assert np.allclose(names["with_places"][1], np.add(rows, waves), atol=1e-6)
    assert "E[i] + PE(pos)" in ran(8).prose


def test_8_a_bag_with_places_is_refused_and_the_reason_given(ran: Any) -> None:
    names = ran(8).names
    with pytest.raises(SettingsError, match="depends on the length of a text alone"):
        semap.Pipeline(semap.Splitter(), names["table"], positions="sinusoidal").encode(["Dog bites man"])
    assert "depends on the length of the text alone" in ran(8).prose


def test_8_attention_turned_by_places_depends_on_their_difference_alone(ran: Any) -> None:
    found = {ran(8).names["attention"](start, start + 3) for start in (0, 1, 10, 500)}
    assert len(found) == 1


def test_9_products_of_the_same_sessions_become_neighbours(ran: Any) -> None:
    names = ran(9).names
    for group in ("camping", "kitchen"):
        for product in names[group]:
            near = {other for other, _ in semap.similar(names["table"], product, k=3)}
            assert near == set(names[group]) - {product}


def test_9_films_of_one_kind_are_recommended_to_those_who_like_it(ran: Any) -> None:
    names = ran(9).names
    assert names["likes"]["Ann"].count("Gravity") == names["likes"]["Dee"].count("Persuasion") == 0
    assert {"Gravity"} == {film for user in ("Bob", "Cid") for film in names["likes"][user]} - set(names["likes"]["Ann"])


def test_9_the_karate_club_has_its_members_and_the_sides_of_zachary(ran: Any) -> None:
    names = ran(9).names
    assert (len(names["graph"].vocab), len(names["teacher"])) == (34, 16)
    assert 34 not in names["nearer"]
    assert 1 in names["nearer"]
    assert f"all but {len(names['nearer'] ^ names['teacher'])} are placed" in ran(9).prose


def test_9_shops_that_sell_alike_are_neighbours_and_an_unknown_one_is_between(ran: Any) -> None:
    model = name_of(ran, 9, "model")
    with pytest.warns(semap.errors.SemapWarning, match="1 unknown in 'shop'"):
        north, new, south = model.predict({"shop": ["Oslo", "Paris", "Rome"], "day": ["Mon"] * 3}).tolist()
    assert south < new < north


def name_of(ran: Any, section: int, name: str) -> Any:
    """What a snippet left behind, which may have been left out with what it needs."""
    if name not in ran(section).names:
        pytest.skip("; ".join(ran(section).left_out))
    return ran(section).names[name]


def test_9_a_word_that_no_text_had_is_made_of_its_pieces(ran: Any) -> None:
    pieces, vector = name_of(ran, 9, "pieces"), name_of(ran, 9, "captainless")
    assert np.allclose(vector, (pieces["captain"] + pieces["##less"]) / 2, atol=1e-6)
    novels = (files("semap") / "data" / "novels.txt").read_text(encoding="utf-8").lower()
    assert "captain" in novels
    assert "captainless" not in novels


def test_9_a_text_is_found_by_another_that_shares_no_word_with_it(ran: Any) -> None:
    library, question = name_of(ran, 9, "library"), name_of(ran, 9, "question")
    assert semap.similar(library, question, k=1)[0][0] == "baking"
    shared = {"bread", "bake", "how", "yeast"} & set(semap.Splitter()("a loaf made of flour and water"))
    assert not shared


def test_9_bank_has_two_vectors_in_two_kinds_of_sentence(ran: Any) -> None:
    river, muddy, money = (name_of(ran, 9, name) for name in ("river", "muddy", "money"))
    assert semap.cosine(river, money) < 0.9
    assert semap.cosine(muddy, money) < semap.cosine(river, muddy)


@pytest.mark.parametrize(
    "row",
    [
        "| word2vec and its kin | 50-300 |",
        "| BERT (base) | 768 |",
        "| GPT-3 (largest) | 12,288 |",
        "| Claude 3 | about 8,192",
        "| recommendations (users, items) | 32-256 |",
    ],
)
def test_10_names_the_dimensions_in_use(ran: Any, row: str) -> None:
    assert row in ran(10).prose


def test_10_few_dimensions_force_unrelated_things_together(ran: Any) -> None:
    most_alike = ran(10).names["most_alike"]
    assert most_alike(2) > 0.99
    assert most_alike(300) < 0.4
    assert "Too few cannot hold the meaning" in ran(10).prose
    assert "Too many are slow and overfit" in ran(10).prose


def test_10_counts_the_numbers_of_two_matrices(ran: Any) -> None:
    corpus = ran(11).names["corpus"]
    assert len(corpus.vocab) == 4_079
    assert round(corpus.n_tokens, -3) == 281_000
    assert round(2 * len(corpus.vocab) * 300 / corpus.n_tokens) == 9


def test_11_a_text_becomes_tokens_ids_rows_and_one_vector(ran: Any) -> None:
    names = ran(11).names
    assert names["tokens"] == ["the", "ship", "put", "to", "sea", "ahab"]
    assert names["rows"].shape == (5, 50)
    assert np.array_equal(names["rows"][1], names["learned"]["ship"])
    assert np.allclose(names["ship"], names["rows"].mean(axis=0), atol=1e-6)


def test_11_the_trace_shows_every_stage_with_its_numbers(ran: Any) -> None:
    printed = ran(11).printed("print(placed.trace").splitlines()
    assert printed[1].split() == ["token", "id", "row", "E[row]", "position", "sum"]
    for line, word, place in zip(printed[2:5], ("dog", "bites", "man"), range(3), strict=True):
        cells = line.split()
        numbers = [float(cell) for cell in cells[3:]]
        assert cells[0] == word
        row = ran(11).names["small"][word]
        waves = [math.sin(place), math.cos(place), math.sin(place / 100), math.cos(place / 100)]
        assert np.allclose(numbers, [*row, *waves, *np.add(row, waves)], atol=6e-4)


def test_11_a_saved_pipeline_gives_the_same_vectors(ran: Any) -> None:
    assert ran(11).printed("again.encode(about)") == "True"


def test_12_repeats_lookup_cosine_and_analogy(ran: Any) -> None:
    names = ran(12).names
    assert np.array_equal(names["table"]["king"], names["E"][3])
    assert semap.analogy(names["table"], "man", "king", "woman", k=1)[0][0] == "queen"
    for formula in ("e_i = E[i]", "a . b / (|a| |b|)", "b - a + c"):
        assert formula in ran(12).prose
