"""Bad data of users and items and of graphs, as they come in files: one line, exit 1, never a traceback."""

import gzip
import lzma

import pytest


@pytest.fixture
def train(semap, tmp_path):
    """Run `semap recommend train` on a file of these bytes."""

    def run(content, *more, name="data.csv"):
        (tmp_path / name).write_bytes(content)
        return semap("recommend", "train", tmp_path / name, "-o", tmp_path / "m", "-q", "--dim", 2, "--model", "spectral", *more)

    return run


@pytest.fixture
def graph(semap, tmp_path):
    """Run `semap graph` on a file of these bytes."""

    def run(content, *more, name="edges.txt"):
        (tmp_path / name).write_bytes(content)
        return semap("graph", tmp_path / name, "-o", tmp_path / "g.semap", "-q", "--dim", 2, "--method", "prone", *more)

    return run


def told(done):
    """The one line of an error."""
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("semap: error: ")
    return line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no line that is not blank; give some"),
        (b"\n \n", "there is no line that is not blank; give some"),
        (b"user,item,rating\n", "its one line was taken for a header"),
        (b"a,x,nan\nb,y,4\n", "line 1: expected 3 fields (user, item, rating), separated by a comma; the rating 'nan'"),
        (b"a,x,\nb,y,4\n", "line 1: expected 3 fields (user, item, rating), separated by a comma; the rating ''"),
        (b"a,x,3\nb,y,-inf\n", "line 2: expected 3 fields (user, item, rating), separated by a comma; the rating '-inf'"),
        (b"a,x,good\n", "the rating 'good' is no finite number"),
        (b"a,x,-3\nb,y,4\n", "1 of 2 values are below 0, the least is -3; leave them out or shift them"),
        (b"a\nb\n", "rows have 1"),
        (b"\x00\x01\x02\x03" * 30, "is no text"),
    ],
)
def test_interactions_that_cannot_be_used(train, content, says):
    assert says in told(train(content))


def test_a_bad_row_says_the_option_that_leaves_it_out(train):
    assert "(--skip-bad-rows)" in told(train(b"a,x,nan\nb,y,4\nb,x,1\n"))
    done = train(b"a,x,nan\nb,y,4\nb,x,1\n", "--skip-bad-rows")
    assert done.exit_code == 0
    assert "1 of 3 rows were left out; the first is line 1" in done.stderr


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xef\xbb\xbfuser,item,rating\r\na,x,3\r\nb,y,4\r\n", "windows.csv"),
        (gzip.compress(b"a,x,3\nb,y,4\n", mtime=0), "a.csv.gz"),
        (lzma.compress(b"a,x,3\nb,y,4\n"), "a.csv.xz"),
        (b"a,x,3\n", "one.csv"),
    ],
)
def test_interactions_of_other_systems_packed_or_of_one_row(train, semap, tmp_path, content, name):
    done = train(content, name=name)
    assert (done.exit_code, done.stderr) == (0, "")
    asked = semap("recommend", "query", tmp_path / "m", "--user", "a", "-k", 99)
    assert asked.exit_code == 0


@pytest.mark.parametrize(
    ("content", "says"), [(b"a,x,3\n", "its content does not"), (gzip.compress(b"a,x\n", mtime=0)[:12], "cut off")]
)
def test_files_that_are_not_what_their_names_say(train, graph, content, says):
    assert says in told(train(content, name="a.csv.gz"))
    assert says in told(graph(content, name="a.txt.gz"))


def test_latin_letters_are_counted(train, graph):
    assert "1 times bytes that are not UTF-8 were replaced" in train("Bj\xf6rk,x\nb,y\n".encode("latin-1")).stderr
    assert "1 times bytes that are not UTF-8 were replaced" in graph("Bj\xf6rk x\nb x\n".encode("latin-1")).stderr


def test_names_that_are_no_file(semap, tmp_path):
    (tmp_path / "empty").mkdir()
    for command in (["recommend", "train"], ["graph"]):
        output = ["-o", tmp_path / ("m" if command[0] == "recommend" else "g.semap"), "-q"]
        assert "holds no text file" in told(semap(*command, tmp_path / "empty", *output))
        assert "there is no file" in told(semap(*command, tmp_path / "nowhere", *output))
        assert "the name of a file is empty" in told(semap(*command, "", *output))


def test_standard_input_may_be_data_or_nothing(semap, tmp_path):
    for command, content in (
        (["recommend", "train", "-", "--model", "spectral"], b"a x\nb y\n"),
        (["graph", "-", "--method", "prone"], b"a b\n"),
    ):
        output = ["-o", tmp_path / ("m" if command[0] == "recommend" else "g.semap"), "-q", "--dim", 2]
        assert semap(*command, *output, stdin=content).exit_code == 0
        assert "give" in told(semap(*command, *output, stdin=b""))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no edge among 0 lines, 0 of them bad; give at least one"),
        (b"# a comment\n", "there is no edge among 1 lines"),
        (b"a b 1\nb c -1\n", "line 2: expected a weight from 0, found '-1'"),
        (b"a b 1\nb c nan\n", "line 2: expected a weight from 0, found 'nan'"),
        (b"a b inf\n", "line 1: expected a weight from 0, found 'inf'"),
        (b"a b 1_0\n", "line 1: expected a weight from 0, found '1_0'"),
        (b"from to weight\na b 2\n", "line 1: expected a weight from 0, found 'weight'"),
        (b"a,b\n", "is another delimiter needed?"),
        (b"a b 0\n", "2 nodes and no edge"),
        (b"\x00\x01\x02\x03" * 30, "is no text"),
    ],
)
def test_graphs_that_cannot_be_used(graph, content, says):
    assert says in told(graph(content))


def test_an_empty_node_between_two_delimiters_is_named(graph):
    assert "line 2: expected two nodes, found 'b' and ''" in told(graph(b"a,b\nb,\n", "--delimiter", ","))


def test_a_graph_of_one_node_with_a_loop_is_learned_and_an_unknown_node_named(graph, semap, tmp_path):
    assert graph(b"a a\n").exit_code == 0
    assert "'b' is not among the 1 tokens" in told(semap("similar", tmp_path / "g.semap", "b"))
    assert semap("similar", tmp_path / "g.semap", "a", "-k", 99).exit_code == 0


def test_columns_of_a_graph_that_are_not_read_are_counted(graph):
    done = graph(b"a b\nb c 3\nc d 4\n")
    assert done.exit_code == 0
    assert "2 lines have more columns, which were not read" in done.stderr
    assert graph(b"a b\nb c 3\nc d 4\n", "--unweighted").stderr == ""


def test_an_unknown_user_comes_with_what_to_do_instead(train, semap, tmp_path):
    train(b"ann,x\nbob,y\n")
    line = told(semap("recommend", "query", tmp_path / "m", "--user", "anne"))
    assert "did you mean 'ann'" in line
    assert "(--history ITEM)" in line
