"""read_interactions: every layout, what is left out counted, and bad rows named."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import semap
from semap.errors import BadFile, DuplicateToken, EmptyCorpus, FileMissing, SemapWarning, SettingsError

RECSYS = Path(__file__).parents[3] / "shared" / "data" / "recsys"
ROWS = [("u7", "i30", 4.0, 100), ("u9", "i10", 2.0, 50), ("u7", "i10", 5.0, 90)]


def triples(found):
    """Users, items, values and times as they were, by name."""
    values = [None] * len(found) if found.values is None else found.values.tolist()
    times = [None] * len(found) if found.times is None else found.times.tolist()
    names = [(found.users.tokens[u], found.items.tokens[i]) for u, i in zip(found.user_ids, found.item_ids, strict=True)]
    return [(*name, value, time) for name, value, time in zip(names, values, times, strict=True)]


@pytest.mark.parametrize("by", ["::", "\t", ",", ";", "|", " "])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_delimiter_is_recognised(tmp_path, by, ending):
    path = tmp_path / "u.data"
    path.write_bytes(ending.join(by.join(map(str, row)) for row in ROWS).encode())
    assert triples(semap.read_interactions(path)) == [ROWS[0], ROWS[2], ROWS[1]]


def test_users_and_items_are_ordered_by_count_and_then_by_their_bytes():
    found = semap.read_interactions(["a z", "b é", "b y", "c z", "a y", "b x"])
    assert found.users.tokens == ["b", "a", "c"]
    assert found.items.tokens == ["y", "z", "x", "é"]
    assert found.items.counts.tolist() == [2, 2, 1, 1]


def test_compressed_files_and_several_files_are_read_one_after_another(tmp_path):
    (tmp_path / "1.csv").write_text("user,item\na,x\n")
    with gzip.open(tmp_path / "2.csv.gz", "wt") as file:
        file.write("user,item\nb,x\n")
    found = semap.read_interactions(tmp_path)
    assert triples(found) == [("a", "x", None, None), ("b", "x", None, None)]


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a x 1\nb y 2\n")))
    assert len(semap.read_interactions("-")) == 2


def test_a_header_is_recognised_by_its_names_or_its_words_above_numbers():
    assert len(semap.read_interactions(["userId,movieId,rating,timestamp", "7,8,3,100", "7,9,4,101"])) == 2
    with pytest.warns(SemapWarning, match=r"the first line, \['u', 'i', 'grade', 'when'\], was taken for a header and left out"):
        assert len(semap.read_interactions(["u,i,grade,when", "7,8,3,100", "7,9,4,101"])) == 2
    assert len(semap.read_interactions(["user,item", "7,8", "7,9"])) == 2
    assert len(semap.read_interactions(["7,8", "7,9"])) == 2


def test_a_first_row_with_a_bad_rating_is_not_lost_in_silence():
    rows = ["a,x,good", "b,y,3", "c,y,4"]
    with pytest.warns(SemapWarning, match=r"header=False \(--no-header\) reads it"):
        assert semap.read_interactions(rows).facts["guessed_header"] == ["a", "x", "good"]
    assert len(semap.read_interactions(rows, header=True)) == 2
    with pytest.raises(BadFile, match=r"line 1: .* the rating 'good'"):
        semap.read_interactions(rows, header=False)


def test_a_header_behind_blank_lines_is_one_in_every_file(tmp_path):
    for name, user in (("1.csv", "a"), ("2.csv", "b")):
        (tmp_path / name).write_text(f"\n \nuser,item\n{user},x\n")
    assert triples(semap.read_interactions(tmp_path)) == [("a", "x", None, None), ("b", "x", None, None)]


def test_a_header_above_columns_given_by_number_is_recognised():
    found = semap.read_interactions(["movieId,when,userId", "x,5,a", "y,6,a"], {"user": 2, "item": 0})
    assert triples(found) == [("a", "x", None, None), ("a", "y", None, None)]


class Frame:
    """What is looked for in a data frame."""

    def __init__(self, columns, rows):
        self.columns, self._rows = columns, rows

    def itertuples(self, index, name):
        return iter(self._rows)


def test_the_names_of_a_frames_columns_are_never_an_interaction(tmp_path):
    rows = [("ann", "tea"), ("bob", "rice")]
    for names in (["who", "what"], ["u", "i"], ["user", "item"]):
        assert [row[:2] for row in triples(semap.read_interactions(Frame(names, rows)))] == rows
    with pytest.raises(SettingsError, match="has names of its columns, so header=False"):
        semap.read_interactions(Frame(["who", "what"], rows), header=False)
    with pytest.raises(EmptyCorpus, match=r"^no interaction was read$"):
        semap.read_interactions(Frame(["who", "what"], []))
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(arrow.table({"who": ["ann", "bob"], "what": ["tea", "rice"]}), tmp_path / "r.parquet")
    assert [row[:2] for row in triples(semap.read_interactions(tmp_path / "r.parquet"))] == rows


def test_a_header_can_be_said_to_be_there_or_not():
    assert semap.read_interactions(["ann,tea", "bob,tea"], header=True).users.tokens == ["bob"]
    assert semap.read_interactions(["user,item", "bob,tea"], header=False).n_users == 2


def test_columns_can_be_named_in_any_order_and_left_out():
    found = semap.read_interactions(["100 x 3 skip a"], ("time", "item", "rating", None, "user"))
    assert triples(found) == [("a", "x", 3, 100)]


def test_columns_can_be_found_by_the_names_of_the_header_or_by_number():
    lines = ["when,who,what", "100,a,x", "50,b,x"]
    assert triples(semap.read_interactions(lines, {"user": "who", "item": "what", "time": "when"}))[0] == ("a", "x", None, 100)
    assert semap.read_interactions(lines[1:], {"user": 1, "item": 2}).times is None


def test_a_header_that_contradicts_columns_is_refused_with_what_to_give():
    with pytest.raises(SettingsError, match=r"columns=\('item', 'user', 'rating'\)"):
        semap.read_interactions(["item,user,rating", "x,a,3"])


def test_quoted_fields_may_hold_the_delimiter():
    found = semap.read_interactions(['a,"x, the first",3', 'b,"say ""y""",4'])
    assert {item for _, item, _, _ in triples(found)} == {"x, the first", 'say "y"'}


def test_dates_become_seconds():
    found = semap.read_interactions(["a,x,1,1970-01-02", "b,x,1,1970-01-01T00:00:10+00:00", "c,y,2,1970-01-01T02:00+02:00"])
    assert sorted(found.times.tolist()) == [0, 10, 86400]
    assert found.times.dtype == np.float64


def test_times_of_nanoseconds_lose_no_digit():
    assert semap.read_interactions([("a", "x", 1, 1_700_000_000_123_456_789)]).times.tolist() == [1_700_000_000_123_456_789]


def test_lists_of_items_are_read_and_users_without_one_are_counted(tmp_path):
    path = tmp_path / "train.txt"
    path.write_text("0 30 10 20\n1\n2 10\n")
    with pytest.warns(SemapWarning, match="1 users have no item"):
        found = semap.read_interactions(path, layout="lists")
    assert [row[:2] for row in triples(found)] == [("0", "30"), ("0", "10"), ("0", "20"), ("2", "10")]
    assert found.facts["users_without_items"] == 1


def test_rows_of_numbers_and_a_sparse_matrix_serve_too():
    assert triples(semap.read_interactions([(196, 242, 3.0, 881)])) == [("196", "242", 3, 881)]
    found = semap.read_interactions(csr_array(np.array([[0, 2.0], [1, 0], [0, 0]])))
    assert sorted(triples(found)) == [("0", "1", 2, None), ("1", "0", 1, None)]


def test_a_parquet_file_and_a_data_frame_are_read_by_the_names_of_columns(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {"stars": [4, 5], "customer": ["a", "b"], "article": [10, 11]}
    parquet.write_table(arrow.table(columns), tmp_path / "r.parquet")
    places = {"user": "customer", "item": "article", "rating": "stars"}
    assert triples(semap.read_interactions(tmp_path / "r.parquet", places)) == [("a", "10", 4, None), ("b", "11", 5, None)]
    (tmp_path / "bad.parquet").write_bytes((tmp_path / "r.parquet").read_bytes()[:-20])
    with pytest.raises(BadFile, match="no whole parquet file"):
        semap.read_interactions(tmp_path / "bad.parquet", places)

    frame = Frame(("user", "item", "rating"), [("a", 10, 4.0), ("b", 11, 5.0)])
    assert triples(semap.read_interactions(frame)) == [("a", "10", 4, None), ("b", "11", 5, None)]


def test_of_rows_that_repeat_a_pair_the_last_or_first_stays_or_their_sum():
    rows = [("a", "x", 1, 10), ("a", "y", 2, 20), ("a", "x", 4, 30)]
    with pytest.warns(SemapWarning, match="1 of 3 rows repeat a pair"):
        last = semap.read_interactions(rows)
    assert triples(last) == [("a", "y", 2, 20), ("a", "x", 4, 30)]
    with pytest.warns(SemapWarning, match="the first was kept"):
        first = semap.read_interactions(rows, duplicates="first")
    assert triples(first) == [("a", "x", 1, 10), ("a", "y", 2, 20)]
    summed = semap.read_interactions(rows, duplicates="sum")
    assert triples(summed) == [("a", "y", 2, 20), ("a", "x", 5, 30)]
    assert summed.facts["duplicates"] == 1
    with pytest.raises(DuplicateToken, match=r"'a' and item 'x' .* 1 of 3 rows"):
        semap.read_interactions(rows, duplicates="error")


def test_sums_without_ratings_are_counts():
    assert triples(semap.read_interactions(["a x", "a x", "b x"], duplicates="sum")) == [("a", "x", 2, None), ("b", "x", 1, None)]


def test_low_ratings_are_left_out_and_counted():
    found = semap.read_interactions(ROWS, min_value=4)
    assert (len(found), found.n_users, found.facts["below_min_value"]) == (2, 1, 1)
    with pytest.raises(SettingsError, match="there are no ratings"):
        semap.read_interactions(["a x"], min_value=4)


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40, unique=True)


@given(pairs, st.integers(0, 3), st.integers(0, 3))
def test_thresholds_leave_the_largest_part_in_which_both_hold(rows, least_user, least_item):
    left = set(rows)
    while True:  # the core, one pair at a time
        bad = [
            (user, item)
            for user, item in left
            if sum(u == user for u, _ in left) < least_user or sum(i == item for _, i in left) < least_item
        ]
        if not bad:
            break
        left.discard(bad[0])
    if not left:
        with pytest.raises(EmptyCorpus, match="no interaction is left"):
            semap.read_interactions(rows, min_per_user=least_user, min_per_item=least_item)
        return
    found = semap.read_interactions(rows, min_per_user=least_user, min_per_item=least_item)
    assert {(int(user), int(item)) for user, item, _, _ in triples(found)} == left
    assert found.facts["below_min_per_user_or_item"] == len(rows) - len(left)


def test_a_test_part_is_read_with_the_ids_of_the_training_part():
    train = semap.read_interactions(["a x", "a y", "b y"])
    with pytest.warns(SemapWarning, match="2 of 3 interactions were left out: 1 users and 1 items"):
        test = semap.read_interactions(["b x", "c x", "a z"], like=train)
    assert triples(test) == [("b", "x", None, None)]
    assert test.users.tokens == train.users.tokens
    assert test.items.counts.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b\t20", r"line 3: expected 4 fields \(user, item, rating, time\), separated by a tab, not 2, found 'b\\t20'"),
        ("b\t20\tgood\t5", "the rating 'good' is no finite number"),
        ("b\t20\tnan\t5", "the rating 'nan' is no finite number"),
        ("b\t20\t1e99\t5", "the rating '1e99' is no finite number"),
        ("b\t20\t1_0\t5", "the rating '1_0' is no finite number"),
        ("b\t20\t3\tsoon", "the time 'soon' is neither a number nor a date"),
        ("\t20\t3\t5", "the user is empty"),
        ("b\t \t3\t5", "the item is empty"),
        ('b\t"20\t3\t5', "a quote does not end"),
    ],
)
def test_a_bad_row_is_named_or_skipped_and_counted(tmp_path, row, message):
    path = tmp_path / "u.data"
    path.write_text(f"a\t10\t3\t1\n\n{row}\nb\t20\t4\t2\n")
    with pytest.raises(BadFile, match=message) as failure:
        semap.read_interactions(path)
    assert "line 3" in str(failure.value)
    assert str(path) in str(failure.value)
    with pytest.warns(SemapWarning, match="1 of 3 rows were left out; the first is line 3"):
        found = semap.read_interactions(path, on_error="skip")
    assert (len(found), found.facts["bad_rows"]) == (2, 1)


def test_a_line_number_is_right_far_behind_the_first_chunk(tmp_path):
    path = tmp_path / "long.csv"
    lines = [f"user{n},item{n % 7},{n % 5}" for n in range(200_000)]
    lines[170_000] = "oops"
    path.write_text("\n".join(lines))
    with pytest.raises(BadFile, match="line 170,001"):
        semap.read_interactions(path)


def test_bytes_that_are_not_utf8_are_counted(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("a,Bj\xf6rk\nb,x\n".encode("latin-1"))
    with pytest.warns(SemapWarning, match="1 times bytes that are not UTF-8"):
        assert "Bj\ufffdrk" in semap.read_interactions(path).items


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": ("user", "stars")}, "'stars'; its names are user, item, rating, time"),
        ({"columns": ("user", "rating")}, "names no 'item'"),
        ({"columns": ("user", "user", "item")}, "'user' twice"),
        ({"columns": "user item"}, "one name a column"),
        ({"columns": ("rating", "time", None, None, "user", "item")}, "rows have 4"),
        ({"columns": {"user": "who", "item": "what"}}, "the header has"),
        ({"columns": {"user": 0, "item": 9}}, "field 9; rows have the fields 0 to 3"),
        ({"columns": {"user": 1, "item": 1}}, "two roles"),
        ({"delimiter": ""}, "the delimiter is empty"),
        ({"layout": "table"}, "layout is 'table'"),
        ({"duplicates": "mean"}, "duplicates is 'mean'"),
        ({"on_error": "ignore"}, "on_error is 'ignore'"),
        ({"min_per_user": -1}, "min_per_user is -1"),
        ({"min_value": float("nan")}, "min_value is nan"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        semap.read_interactions(["a 10 3 1", "b 20 4 2"], **settings)


def test_nothing_to_read_is_said():
    for source in ([], ["", "  "], ["user,item"]):
        with pytest.raises(EmptyCorpus, match="no interaction"):
            semap.read_interactions(source)
    with pytest.raises(EmptyCorpus, match="2 rows are bad"):
        semap.read_interactions(["a x bad", "b y worse"], on_error="skip")
    with pytest.raises(FileMissing):
        semap.read_interactions("nowhere.csv")
    with pytest.raises(SettingsError, match="cannot read"):
        semap.read_interactions(7)


def test_mixed_rows_are_bad_rows():
    with pytest.raises(BadFile, match="line 2"):
        semap.read_interactions([("a", "x"), "b y"])


@pytest.mark.skipif(not RECSYS.is_dir(), reason="the shared data are not there")
def test_the_common_data_sets_are_read():
    ratings = semap.read_interactions(RECSYS / "ml-100k" / "u.data")
    assert (ratings.n_users, ratings.n_items, len(ratings)) == (943, 1682, 100_000)
    assert (float(ratings.values.min()), float(ratings.values.max())) == (1, 5)
    plays = semap.read_interactions(RECSYS / "lastfm-2k" / "user_artists.dat")
    assert (plays.n_users, plays.n_items, len(plays)) == (1892, 17632, 92834)


@pytest.mark.parametrize(
    "rows", [[("a", "x", None), ("b", "y", 4)], [("a", "x", float("nan")), ("b", "y", 4)], ["a,x,nan", "b,y,4"]]
)
def test_a_first_row_without_a_rating_is_bad_and_no_header(rows):
    with pytest.raises(BadFile, match="line 1"):
        semap.read_interactions(rows)
    with pytest.warns(SemapWarning, match="1 of 2 rows were left out"):
        assert len(semap.read_interactions(rows, on_error="skip")) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"user": ["a"], "item": ["x"]}, "a mapping holds columns, not rows"),
        ([{"user": "a", "item": "x"}], "the first is dict"),
        ([7, 8], "the first is int 7"),
        ([b"a x"], "the first is bytes"),
        ([[], []], "the first is list"),
        (b"a x", "the first is int"),
    ],
)
def test_what_holds_no_rows_is_refused(source, message):
    with pytest.raises(SettingsError, match=message):
        semap.read_interactions(source)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": None}, "columns is None"),
        ({"columns": 7}, "columns is 7"),
        ({"delimiter": 7}, "the delimiter is 7"),
        ({"delimiter": "\n"}, "the delimiter is"),
        ({"header": "yes"}, "header is 'yes'"),
        ({"min_value": "3"}, "min_value is '3'"),
        ({"min_per_user": True}, "min_per_user is True"),
        ({"like": "train.csv"}, "like is str"),
    ],
)
def test_settings_of_another_kind_are_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        semap.read_interactions(["a x 3", "b y 4"], **settings)
