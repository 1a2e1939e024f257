"""Settings of n-grams are checked, survive as JSON, and give the buckets that fastText and floret give."""

from itertools import pairwise

import numpy as np
import pytest

from semap.errors import SettingsError
from semap.ngrams.ngrams import NGrams
from semap.vocab.tokens import Tokens

WORDS = ["the", "naïve", "日本語", "x", "", "</s>", "überraschungsbewußtsein"]


def buckets(ngrams, words):
    tokens = Tokens.pack(words)
    found, starts = ngrams.buckets_of(tokens.data, tokens.offsets)
    assert found.dtype == np.int32
    return [found[a:b].tolist() for a, b in pairwise(starts)]


def test_no_token_no_bucket():
    assert buckets(NGrams(3, 6, 100), []) == []


def test_the_end_of_a_text_and_what_is_too_short_have_no_ngram():
    found = dict(zip(WORDS, buckets(NGrams(3, 6, 1000), WORDS), strict=True))
    assert found["</s>"] == found[""] == []
    assert (len(found["the"]), len(found["x"]), len(found["日本語"])) == (6, 1, 6)
    assert buckets(NGrams(4, 4, 1000), ["a"]) == [[]]


def test_all_buckets_lie_in_their_range():
    assert set().union(*buckets(NGrams(1, 4, 7), WORDS)) == set(range(7))


def test_floret_hashes_whole_tokens_too():
    # What floret 0.10.5 says of "the" with these settings (get_subwords, less the number of words).
    found = buckets(NGrams(3, 5, 500, hash="floret", hashes=2), ["the", "</s>", ""])
    assert found[0][:6] == [338, 178, 23, 446, 312, 103]
    assert [len(each) for each in found] == [2 * (1 + 3 + 2 + 1), 0, 2]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((6, 3, 10), "6 to 3 characters: the range is upside down"),
        ((0, 3, 10), "min_n is 0"),
        ((3, 6, 0), "buckets is 0"),
        ((3, 6, 2**31), "buckets is 2147483648"),
        ((3.0, 6, 10), "min_n is 3.0"),
        ((3, 10**6, 10), "max_n is 1000000"),
    ],
)
def test_settings_out_of_range_are_named(given, says):
    with pytest.raises(SettingsError, match=says):
        NGrams(*given)


def test_hashes_belong_to_floret():
    with pytest.raises(SettingsError, match="hash is 'md5'"):
        NGrams(3, 6, 10, hash="md5")
    with pytest.raises(SettingsError, match="hashes is 2"):
        NGrams(3, 6, 10, hashes=2)
    with pytest.raises(SettingsError, match="hashes is 5"):
        NGrams(3, 6, 10, hash="floret", hashes=5)


def test_settings_survive_as_json():
    ngrams = NGrams(2, 5, 50, hash="floret", hashes=3, seed=7)
    assert NGrams.from_json(ngrams.to_json()) == ngrams
    with pytest.raises(SettingsError, match="found buckets, min_n"):
        NGrams.from_json({"min_n": 3, "buckets": 5})


def test_finalfusion_and_old_gensim_take_the_marks_for_ngrams_and_know_no_end_of_text():
    for name in ("finalfusion", "code-points"):
        assert [len(each) for each in buckets(NGrams(1, 2, 64, hash=name), ["a", "</s>", ""])] == [3 + 2, 6 + 5, 2 + 1]
        assert [len(each) for each in buckets(NGrams(1, 2, 64), ["a", "</s>", ""])] == [1 + 2, 0, 1]


def test_buckets_of_finalfusion_are_a_power_of_two():
    with pytest.raises(SettingsError, match=r"buckets is 100; finalfusion's are a power of two"):
        NGrams(3, 6, 100, hash="finalfusion")
    with pytest.raises(SettingsError, match="hashes is 2; finalfusion n-grams have one bucket each"):
        NGrams(3, 6, 64, hash="finalfusion", hashes=2)


def test_strings_that_are_ngrams_fall_where_the_ngrams_of_tokens_do():
    strings, ngrams = Tokens.pack(["<é>", "é>"]), NGrams(2, 3, 1000)
    assert ngrams.buckets_of_strings(strings.data, strings.offsets).tolist() == buckets(ngrams, ["é"])[0][1:]
