"""word2vec files, text and binary: what the original tools write is read, what is damaged is refused with its place."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semap.errors import BadFile, SemapWarning
from semap.formats import word2vec_binary, word2vec_text
from semap.formats.load import load

# As word2vec.c prints it ("%s " and "%lf "), as gensim does, as fastText does (five digits, a space at the end).
TEXT_BY_WORD2VEC_C = b"3 2\n</s> 0.004003 -0.004419 \nqueen 1.000000 2.500000 \nd\xc3\xa9j\xc3\xa0 -3.250000 0.000000 \n"
TEXT_BY_GENSIM = b"3 2\n</s> 0.004003 -0.004419\nqueen 1.0 2.5\nd\xc3\xa9j\xc3\xa0 -3.25 0.0\n"
TEXT_BY_FASTTEXT = b"3 2\n</s> 0.004003 -0.004419 \nqueen 1 2.5 \nd\xc3\xa9j\xc3\xa0 -3.25 0 \n"
TEXT_ROWS = np.array([[0.004003, -0.004419], [1, 2.5], [-3.25, 0]], np.float32)

BINARY_ROWS = np.array([[0.5, -2], [1.5, 1e-20], [7, 0]], np.float32)
# What C writes for these floats, spelled out: 0.5, -2 | 1.5, 1e-20 | 7, 0.
CELLS = [b"\0\0\0\x3f\0\0\0\xc0", b"\0\0\xc0\x3f\x08\xe5\x3c\x1e", b"\0\0\xe0\x40\0\0\0\0"]
TOKENS = [b"</s>", b"queen", b"d\xc3\xa9j\xc3"]  # the last cut within a letter, as word2vec.c does
BINARY_BY_WORD2VEC_C = b"3 2\n" + b"".join(token + b" " + cells + b"\n" for token, cells in zip(TOKENS, CELLS, strict=True))
BINARY_BY_GENSIM = b"3 2\n" + b"".join(token + b" " + cells for token, cells in zip(TOKENS, CELLS, strict=True))


WRITTEN = {
    "text by word2vec.c": (TEXT_BY_WORD2VEC_C, "word2vec text", "déjà", TEXT_ROWS),
    "text by gensim": (TEXT_BY_GENSIM, "word2vec text", "déjà", TEXT_ROWS),
    "text by fastText": (TEXT_BY_FASTTEXT, "word2vec text", "déjà", TEXT_ROWS),
    "binary by word2vec.c": (BINARY_BY_WORD2VEC_C, "word2vec binary", "déj\udcc3", BINARY_ROWS),
    "binary by gensim": (BINARY_BY_GENSIM, "word2vec binary", "déj\udcc3", BINARY_ROWS),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors"


@pytest.mark.filterwarnings("ignore:.*are not UTF-8")
@pytest.mark.parametrize("tool", WRITTEN)
def test_the_bytes_of_the_original_tools_are_read(path, tool):
    content, form, last, rows = WRITTEN[tool]
    path.write_bytes(content)
    table = load(path)
    assert table.tokens == ["</s>", "queen", last]
    np.testing.assert_array_equal(table.vectors, rows)
    assert table.metadata["format"] == form
    assert table.metadata["text"]["split"] == "whitespace"
    assert table.metadata["text"]["lowercase"] is False


@pytest.mark.parametrize(
    ("content", "said", "rows"),
    [
        (b"5 1\ncat 1\nb 2\ncat 3\nb 4\ncat 5\n", r"left out 3 of 5 rows.*'cat'", {"cat": [1], "b": [2]}),
        (b"3 2\n" + b"".join(b"cat " + cells for cells in CELLS), r"left out 2 of 3 rows.*'cat'", {"cat": [0.5, -2]}),
    ],
    ids=["text", "binary"],
)
def test_repeated_tokens_keep_their_first_row_and_are_counted_once(path, content, said, rows):
    path.write_bytes(content)
    with pytest.warns(SemapWarning, match=said) as caught:
        table = load(path)
    assert len(caught) == 1
    assert dict(zip(table.tokens, table.vectors.tolist(), strict=True)) == rows


def _broken_row(value):
    return BINARY_BY_GENSIM.replace(CELLS[1], CELLS[1][:4] + np.float32(value).tobytes())


DAMAGED = {
    "text: promises more": (word2vec_text, b"9 2\na 1 2\nb 3 4\n", r"promises 9 rows of 2 numbers"),
    "text: promises one more": (word2vec_text, b"3 2\naaaaaa 1 2\nb 3 4\n", r"promises 3 rows, found 2 lines"),
    "text: promises fewer": (word2vec_text, b"1 2\na 1 2\nb 3 4\n", r"promises 1 rows, found 2 lines"),
    "text: promises beyond memory": (word2vec_text, b"999999999999999 999999999999999\na 1 2\n", "cut short"),
    "text: no rows": (word2vec_text, b"0 2\n", "nothing"),
    "text: no numbers": (word2vec_text, b"2 0\na\nb\n", "nothing"),
    "text: too few numbers": (word2vec_text, b"2 2\na 1 2\nb 3\n", r"byte 10: line 3 \('b'\).*found 1 numbers"),
    "text: too many numbers": (word2vec_text, b"2 2\na 1 2\nb 3 4 5\n", r"byte 10: line 3 \('b'\).*found 3 numbers"),
    "text: a letter in a number": (word2vec_text, b"2 2\na 1 2\nb 3 4x\n", r"line 3 .*found 0 numbers after b'4x'"),
    "text: NaN": (word2vec_text, b"2 2\na 1 2\nbee nan 4\n", r"byte 10: line 3 \('bee'\) holds nan"),
    "text: infinite": (word2vec_text, b"2 2\na 1 2\nb 3 -Inf\n", r"line 3 .* -Inf, which is not a finite float32"),
    "text: too large": (word2vec_text, b"2 2\na 1 2\nb 3 1e39\n", r"line 3 .* 1e39, which is not a finite float32"),
    "text: empty line between": (word2vec_text, b"3 2\na 1 2\n\nbbbbbbb 3 4\n", r"line 3 "),
    "text: cut in the last row": (word2vec_text, b"2 2\nabcdef 1 2\nb 3.", r"line 3 "),
    "text: zeros at the end": (word2vec_text, b"2 2\na 1 2\nb 3 4\n\0\0\0", r"promises 2 rows, found 3 lines"),
    "binary: promises more": (
        word2vec_binary,
        b"4 2\n" + BINARY_BY_GENSIM[4:],
        r"byte 45: .*promises 4 rows of 2 numbers; row 3 is cut short",
    ),
    "binary: promises many more": (word2vec_binary, b"400 2\n" + BINARY_BY_GENSIM[4:], r"3,600 bytes at least"),
    "binary: promises fewer": (
        word2vec_binary,
        b"2 2\n" + BINARY_BY_GENSIM[4:],
        r"byte 31: .*promises 2 rows, which end here; 14 bytes follow",
    ),
    "binary: cut": (word2vec_binary, BINARY_BY_GENSIM[:-1], r"byte 31: .*row 2 is cut short: the file ends at byte 44"),
    "binary: padded": (word2vec_binary, BINARY_BY_WORD2VEC_C + b"\0", r"byte 47: .*2 bytes follow"),
    "binary: other dim": (word2vec_binary, b"3 1\n" + BINARY_BY_GENSIM[4:], r"bytes follow|not finite|NaN"),
    "binary: NaN": (word2vec_binary, _broken_row(np.nan), r"byte 23: row 1 \('queen'\) holds NaN"),
    "binary: infinite": (word2vec_binary, _broken_row(-np.inf), r"row 1 \('queen'\) holds NaN or an infinite number"),
    "binary: only a header": (word2vec_binary, b"3 2\n", r"cut short"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_refused_with_the_place(path, damage):
    form, content, reason = DAMAGED[damage]
    path.write_bytes(content)
    with pytest.raises(BadFile, match=reason):
        form.read(path)


@pytest.mark.parametrize("form", [word2vec_text, word2vec_binary], ids=["text", "binary"])
def test_tokens_that_are_empty_or_not_utf_8_are_kept_and_counted(path, form):
    cells = b" 1 2\n" if form is word2vec_text else b" " + CELLS[0]
    path.write_bytes(b"4 2\n" + cells.join([b"d\xc3", b"", b"\xa9t\xc3\xa9", b"fine", b""]))
    with pytest.warns(SemapWarning, match=r"1 tokens are empty, the first in row 1; 2 tokens are not UTF-8 .* row 0: 'd.*kept"):
        table = form.read(path)
    assert [table.tokens.bytes_of(row) for row in range(4)] == [b"d\xc3", b"", b"\xa9t\xc3\xa9", b"fine"]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([TEXT_BY_GENSIM, BINARY_BY_GENSIM]), st.integers(0), st.integers(0, 255), st.integers(0, 9))
@pytest.mark.filterwarnings("ignore::semap.errors.SemapWarning")
def test_any_changed_byte_gives_a_table_or_a_bad_file(tmp_path, written, at, value, cut):
    content = bytearray(written[: len(written) - cut])
    content[at % len(content)] = value
    (tmp_path / "a").write_bytes(content)
    with suppress(BadFile):
        assert np.isfinite(load(tmp_path / "a").vectors).all()
