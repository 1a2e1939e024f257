"""`semap tokenize`."""

import json

import pytest

pytest.importorskip("tokenizers", reason="the extra `encode` is not installed")


@pytest.fixture
def trained(semap, tmp_path):
    path = tmp_path / "tok.json"
    (tmp_path / "texts.txt").write_text("the sea, the ship\nthe sea\n" * 5, encoding="utf-8")
    result = semap("tokenize", "--train", "bpe", "--vocab-size", "262", tmp_path / "texts.txt", "-o", path)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"wrote {path}: bpe, 262 tokens, {path.stat().st_size:,} bytes\n"
    return path


def test_a_text_is_shown_with_ids_and_places(semap, trained):
    lines = semap("tokenize", trained, "the é").stdout.splitlines()
    assert lines[0].split() == ["text", "token", "id", "from", "to"]
    assert [line.split()[1:2] + line.split()[3:] for line in lines[1:]] == [
        ["the", "0", "3"], ["Ġ", "3", "4"], ["Ã", "4", "5"], ["©", "4", "5"],
    ]  # fmt: skip


def test_json_has_one_line_a_text_from_arguments_files_and_standard_input(semap, trained, tmp_path):
    (tmp_path / "in.txt").write_text("the\n\nsea é\n", encoding="utf-8")
    from_file = semap("tokenize", trained, "--file", tmp_path / "in.txt", "--json").stdout
    documents = [json.loads(line) for line in from_file.splitlines()]
    assert [document["text"] for document in documents] == ["the", "", "sea é"]
    assert documents[0]["offsets"] == [[0, 3]]
    assert documents[0]["special"] == [False]
    assert semap("tokenize", trained, "the", "", "sea é", "--json").stdout == from_file
    assert semap("tokenize", trained, "--json", stdin="the\n\nsea é\n").stdout == from_file


def test_cut_texts_are_counted_on_standard_error(semap, trained):
    result = semap("tokenize", trained, "the sea the ship", "the", "--max-length", "2", "--json")
    assert "1 of 2 texts were cut to 2 tokens" in result.stderr
    assert json.loads(result.stdout.splitlines()[0])["cut"] > 0


@pytest.mark.parametrize("kind", ["wordpiece", "unigram", "word"])
def test_every_kind_can_be_trained_quietly(semap, tmp_path, kind):
    (tmp_path / "texts.txt").write_text("THE sea the\n" * 5)
    options = ("--vocab-size", "20", "--lowercase", "--normalize", "NFKC", "--quiet")
    result = semap("tokenize", "--train", kind, *options, tmp_path / "texts.txt", "-o", tmp_path / "tok.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    facts = json.loads(
        semap("tokenize", "--train", kind, *options, tmp_path / "texts.txt", "-o", tmp_path / "b.json", "--json").stdout
    )
    assert facts["kind"] == kind
    assert (tmp_path / "b.json").read_bytes() == (tmp_path / "tok.json").read_bytes()


def test_bad_input_is_one_line(semap, trained, tmp_path):
    (tmp_path / "small.txt").write_text("a b\n")
    (tmp_path / "empty.txt").write_text("\n")
    wrong = [
        (("tokenize", tmp_path / "none.json", "x"), "there is no file"),
        (("tokenize", tmp_path / "small.txt", "x"), "is no tokenizer.json"),
        (("tokenize", trained, "--file", tmp_path / "none.txt"), "there is no file"),
        (("tokenize", "--train", "bpe", tmp_path / "small.txt", "-o", tmp_path / "x.json", "--vocab-size", "9"), "256 bytes"),
        (("tokenize", "--train", "bpe", tmp_path / "empty.txt", "-o", tmp_path / "x.json"), "holds no word"),
        (("tokenize", "--train", "bpe", tmp_path / "small.txt", "-o", tmp_path / "small.txt"), "is one of the inputs"),
        (("tokenize", "--train", "bpe", tmp_path / "small.txt", "-o", tmp_path / "no" / "x.json"), "cannot write"),
    ]
    for arguments, message in wrong:
        result = semap(*arguments)
        assert result.exit_code == 1, arguments
        assert message in result.stderr
        assert "Traceback" not in result.stderr
        assert result.stdout == ""
    assert not (tmp_path / "x.json").exists()


def test_usage_that_makes_no_sense_is_refused(semap, trained, tmp_path):
    for arguments in (("--train", "bpe", "a.txt"), (trained, "x", "-o", tmp_path / "b.json"), ("--train", "nothing", "a.txt")):
        assert semap("tokenize", *arguments).exit_code == 2
