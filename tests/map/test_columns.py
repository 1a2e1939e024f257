"""Metadata beside the tokens: files, dicts, and what is wrong with them."""

import numpy as np
import pytest

from semap.errors import BadFile, BadText, FileMissing, SemapWarning, SettingsError
from semap.map.columns import columns_for

TOKENS = ["pear", "oak", "rain"]


def _file(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "facts.tsv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_file_gives_a_value_for_each_token_in_the_order_of_the_tokens(tmp_path):
    path = _file(tmp_path, "word\tkind\theight\trank\nrain\tweather\t\t2\nsnow\tweather\t0.5\t9\npear\tfruit\t4.5\t1\n")
    assert columns_for(TOKENS, path) == {"kind": ["fruit", None, "weather"], "height": [4.5, None, None], "rank": [1, None, 2]}


def test_numbers_that_are_not_finite_or_written_for_programs_stay_texts(tmp_path):
    path = _file(tmp_path, "word\ta\tb\tc\npear\tnan\t1_000\t1\noak\t1\t2\t9007199254740993\nrain\tinf\t3\t2\n")
    assert columns_for(TOKENS, path) == {"a": ["nan", "1", "inf"], "b": ["1_000", "2", "3"], "c": ["1", "9007199254740993", "2"]}


def test_lines_may_end_as_on_windows_and_blank_ones_do_not_count(tmp_path):
    path = _file(tmp_path, "word\tkind\r\n\r\noak\ttree\r\n\r\n")
    assert columns_for(TOKENS, path) == {"kind": [None, "tree", None]}


def test_a_dict_gives_values_by_token():
    given = {"kind": {"oak": "tree"}, "height": {"oak": np.float32(2.5), "pear": float("nan")}, "year": {"rain": np.int64(7)}}
    assert columns_for(TOKENS, given) == {"kind": [None, "tree", None], "height": [None, 2.5, None], "year": [None, None, 7]}


def test_no_metadata_is_no_column():
    assert columns_for(TOKENS, None) == {}


def test_a_token_that_stands_twice_is_counted(tmp_path):
    path = _file(tmp_path, "word\tkind\noak\ttree\noak\twood\noak\tforest\n")
    with pytest.warns(SemapWarning, match="2 lines repeat a token"):
        assert columns_for(TOKENS, path)["kind"][1] == "tree"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "none of its 0 tokens"),
        ("word\noak\n", "line 1 must name the columns"),
        ("word\tkind\tkind\noak\ta\tb\n", "different ones"),
        ("word\tkind\noak\ttree\told\n", "line 2 has 3 fields, line 1 names 2"),
        ("word\tkind\nfir\ttree\n", "none of its 1 tokens is on the map"),
    ],
)
def test_a_file_that_is_no_metadata_is_refused(tmp_path, text, told):
    with pytest.raises(BadFile, match=told):
        columns_for(TOKENS, _file(tmp_path, text))


def test_a_column_without_a_name_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="give it a name"):
        columns_for(TOKENS, _file(tmp_path, "word\t \noak\ttree\n"))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    with pytest.raises(BadText, match="not UTF-8"):
        columns_for(TOKENS, _file(tmp_path, "word\tkind\noak\tgrün\n", "latin-1"))


def test_a_file_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(FileMissing):
        columns_for(TOKENS, tmp_path / "nothing.tsv")
