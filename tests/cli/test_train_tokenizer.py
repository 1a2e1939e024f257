"""`semap train --tokenizer`: scripts without blanks between words, and sub-words."""

import json

import numpy as np
import pytest

from semap.corpus.read import read_text
from semap.formats.load import load
from semap.index.distances import cosine
from semap.learn.skipgram import SkipGram

tokenizers = pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")

QUICK = ("--dim", "16", "--epochs", "6", "--learning-rate", "0.05", "--sample", "0", "--threads", "1", "-q")
ANIMALS_AND_FRUIT = {
    "chinese": (["老虎", "狮子", "大象", "猴子"], ["苹果", "香蕉", "葡萄", "西瓜"], "。"),
    "japanese": (["ネコ", "イヌ", "うさぎ", "きつね"], ["りんご", "バナナ", "ぶどう", "すいか"], "。"),
    "thai": (["แมว", "หมา", "ช้าง", "เสือ"], ["กล้วย", "ส้ม", "แตงโม", "องุ่น"], " "),
}


def write_text(path, language):
    """Lines of one topic each, their words in one string."""
    generator = np.random.default_rng(2)
    animals, fruit, end = ANIMALS_AND_FRUIT[language]
    lines = []
    for number in range(600):
        words = generator.choice(fruit if number % 2 else animals, 7)
        lines.append("".join(words[:3]) + end + "".join(words[3:]) + end)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return animals, fruit


@pytest.fixture(params=ANIMALS_AND_FRUIT)
def script(request, tmp_path):
    """A text, a tokenizer that knows its words, and these."""
    text, tokenizer = tmp_path / "text.txt", tmp_path / "tok.json"
    animals, fruit = write_text(text, request.param)
    pieces = [*animals, *fruit, ANIMALS_AND_FRUIT[request.param][2]]
    vocabulary = [("<unk>", 0.0), *((piece, -2.0) for piece in pieces)]
    tokenizers.Tokenizer(tokenizers.models.Unigram(vocabulary, unk_id=0)).save(str(tokenizer))
    return text, tokenizer, animals, fruit


def test_words_without_blanks_are_found_and_learned(semap, script, tmp_path):
    text, tokenizer, animals, fruit = script
    output = tmp_path / "t.semap"
    result = semap("train", text, "-o", output, "--tokenizer", tokenizer, *QUICK)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    table = load(output)
    assert {*animals, *fruit} <= set(table.tokens)
    near = np.mean([cosine(table[animals[0]], table[other]) for other in animals[1:]])
    far = np.mean([cosine(table[animals[0]], table[other]) for other in fruit])
    assert near > far + 0.1


def test_the_table_is_the_one_that_the_library_makes_and_knows_its_tokenizer(semap, script, tmp_path):
    from semap.tokenize.tokenizer import Tokenizer

    text, tokenizer, _, _ = script
    output = tmp_path / "t.semap"
    semap("train", text, "-o", output, "--tokenizer", tokenizer, *QUICK)
    loaded = Tokenizer.load(tokenizer)
    learner = SkipGram(dim=16, epochs=6, learning_rate=0.05, sample=0, threads=1)
    expected = learner.fit(read_text(str(text), tokenizer=loaded))
    table = load(output)
    np.testing.assert_array_equal(table.vectors, expected.vectors)
    assert table.metadata == expected.metadata
    assert table.metadata["text"]["tokenizer"]["fingerprint"] == loaded.fingerprint()


def test_a_checkpoint_belongs_to_its_tokenizer(semap, script, tmp_path):
    text, tokenizer, _, _ = script
    state = tmp_path / "state"
    train = ("train", text, "-o", tmp_path / "t.semap", "--checkpoint", state, *QUICK)
    assert semap(*train, "--tokenizer", tokenizer, "--every", "0.000001").exit_code == 0
    result = semap(*train, "--resume", "--min-count", "1")
    assert result.exit_code == 1
    assert "corpus (" in result.stderr
    assert semap(*train, "--tokenizer", tokenizer, "--resume").exit_code == 0


def test_bad_input_is_one_line(semap, tmp_path):
    text, tokenizer = tmp_path / "text.txt", tmp_path / "tok.json"
    text.write_text("the sea, the ship\n" * 20)
    semap("tokenize", "--train", "word", text, "-o", tokenizer, "-q")
    for arguments, message in (
        (("--tokenizer", tmp_path / "none.json"), "there is no file"),
        (("--tokenizer", text), "is no tokenizer.json"),
        (("--tokenizer", tokenizer, "--split", "whitespace"), "split and tokenizer were given"),
        (("--tokenizer", tokenizer, "--no-lowercase", "--normalize", "none"), "lowercase, normalize and tokenizer were given"),
    ):
        result = semap("train", text, "-o", tmp_path / "t.semap", *arguments, *QUICK)
        assert result.exit_code == 1
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    over = semap("train", text, "-o", tokenizer.with_suffix(".semap"), "--tokenizer", tokenizer, *QUICK)
    assert over.exit_code == 0
    (tmp_path / "tok.semap").write_text(json.dumps({}))
    over = semap("train", text, "-o", tmp_path / "tok.semap", "--tokenizer", tmp_path / "tok.semap", *QUICK)
    assert over.exit_code == 1
