"""Tokenizers and tables that belong together, and those that do not."""

from __future__ import annotations

import json

import numpy as np
import pytest

import semap
from semap.errors import SemapWarning, ShapeError

pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

VOCAB = ["[PAD]", "[UNK]", "dog", "bites", "man", "##s"]


@pytest.fixture
def tokenizer():
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    text = json.dumps(
        {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None,
            "model": {**model, "vocab": {token: number for number, token in enumerate(VOCAB)}},
        }
    )  # fmt: skip
    return semap.Tokenizer.from_json(text)


def test_ids_are_rows_where_both_have_the_same_tokens(tokenizer):
    pipe = semap.Pipeline(tokenizer, semap.Table(VOCAB, np.diag([1, 2, 3, 4, 5, 6])))
    assert pipe.encode(["Dogs man"]).tolist() == [[0, 0, 1, 0, np.float32(5 / 3), 2]]


def test_rows_in_another_order_are_found_by_their_tokens(tokenizer):
    table = semap.Table(["##s", "man", "dog"], [[1, 0], [10, 0], [100, 0]])
    pipe = semap.Pipeline(tokenizer, table)
    assert pipe.encode(["dogs bites man"]).tolist() == [[37, 0]]  # bites has no row
    assert [(piece.token, piece.token_id, piece.row) for piece in pipe.pieces("Dogs bites")] == [
        ("dog", 2, 2), ("##s", 5, 0), ("bites", 3, -1),
    ]  # fmt: skip


def test_the_row_of_the_unknown_token_is_left_out_unless_it_is_asked_for(tokenizer):
    table = semap.Table(VOCAB, np.diag([1, 2, 3, 4, 5, 6]))
    with pytest.warns(SemapWarning, match="of 1 texts 1 have no token"):
        assert not semap.Pipeline(tokenizer, table).encode(["zebra"]).any()
    assert semap.Pipeline(tokenizer, table, keep_unknown=True).encode(["zebra"])[0].tolist() == [0, 2, 0, 0, 0, 0]


def test_a_table_of_other_tokens_is_refused_with_both_sizes(tokenizer):
    table = semap.Table(["dog", "horse", "cow"], np.eye(3))
    with pytest.raises(ShapeError, match=r"has 6 tokens, the table 3 rows; 2 of the rows .* lacks \(the first: 'horse'\)"):
        semap.Pipeline(tokenizer, table)


def test_texts_are_cut_in_tokens_and_counted(tokenizer):
    pipe = semap.Pipeline(tokenizer, semap.Table(VOCAB, np.diag([1, 2, 3, 4, 5, 6])), max_length=2)
    with pytest.warns(SemapWarning, match="of 3 texts 1 were cut to max_length=2 tokens"):
        found = pipe.encode(["dogs man", "man", "dog man"])
    assert found[0].tolist() == [0, 0, 1.5, 0, 0, 3]


def test_a_table_of_sub_words_brings_its_tokenizer(tokenizer, tmp_path):
    corpus = semap.read_text(["dogs bites man", "man bites dog"] * 300, tokenizer=tokenizer, min_count=1)
    table = semap.SkipGram(dim=8, epochs=1, lanes=1, threads=1).fit(corpus)
    table.save(tmp_path / "subwords.semap")
    pipe = semap.Pipeline.from_table(semap.load(tmp_path / "subwords.semap"), pooling="mean")
    expected = table.lookup(["dog", "##s"]).mean(axis=0)
    np.testing.assert_allclose(pipe.encode(["Dogs"])[0], expected, rtol=1e-5, atol=1e-9)
