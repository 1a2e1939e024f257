import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semap.errors import BadText, SettingsError
from semap.text.splitter import Splitter


def naive_words(text: str) -> list[str]:
    """The definition, character by character."""
    words, word = [], ""
    for character in text:
        kind = unicodedata.category(character)[0]
        if kind in "LN" or (word and (kind == "M" or character in "\u200c\u200d")):
            word += character
        elif word:
            words.append(word)
            word = ""
    return [*words, word] if word else words


def naive_form(token: str, splitter: Splitter) -> str:
    if splitter.normalize:
        token = unicodedata.normalize(splitter.normalize, token)
    if splitter.lowercase:
        token = token.lower()
    return unicodedata.normalize(splitter.normalize, token) if splitter.normalize else token


splitters = st.builds(
    Splitter,
    split=st.sampled_from(["words", "whitespace"]),
    lowercase=st.booleans(),
    normalize=st.sampled_from([None, "NFC", "NFKC", "NFD", "NFKD"]),
)
letters = st.sampled_from("aZ9_'-\u0301\u0323\u200d\u0130ΣσsſKÅﬁ½\ufdfaё日 \u3000\n\r\t\x1c\x85\x00\ufeff❤\ufe0f가\u1100\u1161")  # noqa: RUF001
texts = st.text(letters | st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None)
@given(texts, splitters)
def test_splitting_is_what_its_definition_says(text: str, splitter: Splitter) -> None:
    words = naive_words(text) if splitter.split == "words" else text.split()
    assert splitter(text) == [naive_form(word, splitter) for word in words]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't stop_me-now", ["don", "t", "stop", "me", "now"]),
        ("cafe\u0301 CAFÉ", ["café", "café"]),
        ("\u0301a ❤\ufe0f x", ["a", "x"]),
        ("हिन्दी می\u200cخواهم", ["हिन्दी", "می\u200cخواهم"]),  # noqa: RUF001
        ("ΟΔΟΣ ΣΑΣ", ["οδος", "σας"]),
        ("3½ ②", ["3½", "②"]),
        ("", []),
    ],
)
def test_words_are_letters_numbers_and_their_marks(text: str, tokens: list[str]) -> None:
    assert Splitter()(text) == tokens


def test_normalising_comes_before_lower_casing_and_after_it() -> None:
    assert Splitter(normalize="NFKC")("\u210c") == ["h"]  # has no lower case of its own
    assert Splitter(normalize="NFC")("J\u030c") == ["\u01f0"]  # composes only as a small letter


def test_a_lone_surrogate_is_replaced_or_refused() -> None:
    assert Splitter(split="whitespace")("a\ud800b") == ["a\ufffd\ufffd\ufffdb"]
    with pytest.raises(BadText, match="character 1"):
        Splitter(errors="strict")("a\ud800b")


@given(splitters)
def test_settings_survive_json(splitter: Splitter) -> None:
    assert Splitter.from_json(splitter.to_json()) == splitter


@pytest.mark.parametrize(
    ("name", "value"), [("split", "bytes"), ("lowercase", 1), ("normalize", "nfc"), ("errors", "ignore"), ("split", None)]
)
def test_other_values_are_refused(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name):
        Splitter(**{name: value})


def test_json_with_an_unknown_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match="stem"):
        Splitter.from_json({"split": "words", "stem": True})
