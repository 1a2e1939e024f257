"""A source of texts and a recipe in, the JSON of a trained tokenizer out: the same bits every time."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from semap.errors import EmptyCorpus, SettingsError
from semap.progress import Progress, Silent
from semap.text.source import Source
from semap.tokenize.backend import open_tokenizer
from semap.tokenize.counting import count_words
from semap.tokenize.cutting import cutting_of
from semap.tokenize.merges import learn_merges
from semap.tokenize.recipe import Recipe
from semap.tokenize.unigram import LONGEST, learn_pieces

__all__ = ["trained_json"]

_CONTINUES = "##"
_SEEDS = 4


def trained_json(source: Source, recipe: Recipe, shown: Progress) -> str:
    """Count words, learn the model, and return a tokenizer.json. Raises what `count_words` does, and SettingsError."""
    empty = recipe.pipeline()
    words = count_words(source, open_tokenizer(json.dumps(empty), "tokenizer.json"), cutting_of(empty), shown)
    shown.start("learning", recipe.vocab_size, "tokens")
    try:
        model = _MODELS[recipe.kind](words, recipe, shown)
    finally:
        shown.finish()
    return json.dumps(recipe.pipeline(model), ensure_ascii=False)


def _words(words: Counter[str], recipe: Recipe, shown: Progress) -> dict[str, Any]:
    """The most frequent words, ties in the order of their letters."""
    kept = sorted((word for word, count in words.items() if count >= recipe.min_count), key=lambda word: (-words[word], word))
    if not kept:
        raise _nothing_left("words", words, recipe)
    tokens = [*recipe.special_tokens, *(word for word in kept if word not in recipe.special_tokens)]
    _check_room(len(recipe.special_tokens) + 1, "the special tokens and one word", recipe)
    return {"vocab": _numbered(tokens[: recipe.vocab_size])}


def _bpe(words: Counter[str], recipe: Recipe, shown: Progress) -> dict[str, Any]:
    tokens = [*recipe.special_tokens, *byte_alphabet()]
    _check_room(len(tokens), "256 bytes and the special tokens", recipe)
    ordered = sorted(words)
    numbers = _numbered(tokens)
    spelled = [[numbers[letter] for letter in word] for word in ordered]
    merges = _learn(spelled, [words[word] for word in ordered], tokens, recipe, shown, str.__add__)
    return {"vocab": _numbered(tokens), "merges": [list(pair) for pair in merges]}


def _wordpiece(words: Counter[str], recipe: Recipe, shown: Progress) -> dict[str, Any]:
    spelled = {word: [word[0], *(_CONTINUES + letter for letter in word[1:])] for word in sorted(words)}
    tokens, spellings, counts = known_words(spelled, words, recipe)
    _learn(spellings, counts, tokens, recipe, shown, lambda left, right: left + right.removeprefix(_CONTINUES))
    return {"vocab": _numbered(tokens)}


def _unigram(words: Counter[str], recipe: Recipe, shown: Progress) -> dict[str, Any]:
    tokens, spellings, counts = known_words({word: list(word) for word in sorted(words)}, words, recipe)
    n_special, n_letters = len(recipe.special_tokens), len(tokens) - len(recipe.special_tokens)
    texts = ["".join([tokens[letter] for letter in spelling]) for spelling in spellings]
    # Frequent substrings to begin with: what byte-pair encoding merges, several times as many as are to stay.
    seeds = replace(recipe, vocab_size=_SEEDS * recipe.vocab_size)
    _learn(spellings, counts, tokens, seeds, Silent(), str.__add__)
    pieces = [token for token in tokens[n_special:] if len(token) <= LONGEST and token not in recipe.special_tokens]
    size = recipe.vocab_size - n_special
    kept = learn_pieces(texts, np.array(counts, np.int64), pieces, n_letters, size, shown.update)
    vocab = [*((token, 0.0) for token in recipe.special_tokens), *kept]
    return {"unk_id": recipe.special_tokens.index(str(recipe.unknown)), "vocab": [list(entry) for entry in vocab]}


def known_words(
    spelled: dict[str, list[str]], words: Counter[str], recipe: Recipe
) -> tuple[list[str], list[list[int]], list[int]]:
    """The special tokens and the letters that come `min_count` times; the words that consist of those, as numbers; their counts.

    Raises EmptyCorpus and SettingsError where there is nothing to learn, or no room for the letters.
    """
    letters: Counter[str] = Counter()
    for word, spelling in spelled.items():
        for letter in spelling:
            letters[letter] += words[word]
    kept = sorted(
        letter for letter, count in letters.items() if count >= recipe.min_count and letter not in recipe.special_tokens
    )
    if not kept:
        raise _nothing_left("letters", letters, recipe)
    tokens = [*recipe.special_tokens, *kept]
    _check_room(len(tokens), f"the {len(kept):,} letters that come {recipe.min_count:,} times and the special tokens", recipe)
    numbers = _numbered(tokens)
    known = [word for word, spelling in spelled.items() if all(letter in numbers for letter in spelling)]
    return tokens, [[numbers[letter] for letter in spelled[word]] for word in known], [words[word] for word in known]


def byte_alphabet() -> list[str]:
    """Return the letters that byte-level BPE writes bytes with, sorted: a byte that prints is itself, the others follow U+0100.

    The mapping is that of GPT-2's encoder (Radford et al. 2019), which the `tokenizers` library keeps.
    """
    printing = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return sorted([*map(chr, printing), *(chr(256 + place) for place in range(256 - len(printing)))])


def _learn(
    spelled: list[list[int]], counts: list[int], tokens: list[str], recipe: Recipe, shown: Progress, join: Any
) -> list[tuple[str, str]]:
    return learn_merges(spelled, np.array(counts, np.int64), tokens, recipe.vocab_size, recipe.min_count, join, shown.update)


def _numbered(tokens: list[str]) -> dict[str, int]:
    return {token: row for row, token in enumerate(tokens)}


def _check_room(needed: int, what: str, recipe: Recipe) -> None:
    if recipe.vocab_size < needed:
        raise SettingsError(
            f"vocab_size is {recipe.vocab_size:,}, {what} take {needed:,} already; give at least {needed:,}"
            + ("" if recipe.kind == "bpe" else ", or a higher min_count")
        )


def _nothing_left(what: str, counts: Counter[str], recipe: Recipe) -> EmptyCorpus:
    most = max(counts.values())
    return EmptyCorpus(
        f"none of the {len(counts):,} different {what} comes {recipe.min_count:,} times, the most frequent comes {most:,} times; "
        f"give min_count={most} or less"
    )


_MODELS = {"bpe": _bpe, "wordpiece": _wordpiece, "unigram": _unigram, "word": _words}
