"""Edges in many forms to a Graph."""

from __future__ import annotations

import gzip
import warnings

import numpy as np
import pytest
import scipy.sparse

from semap.errors import BadFile, EmptyGraph, FileMissing, SemapWarning, SettingsError, ShapeError, UnknownToken
from semap.graph.graph import Graph
from semap.graph.read import read_graph


def as_dict(graph):
    """{node: {neighbour: weight}}, in tokens."""
    tokens = list(graph.vocab.tokens)
    weights = np.ones(len(graph.neighbours)) if graph.weights is None else graph.weights
    found = {token: {} for token in tokens}
    for row, column, weight in zip(graph.rows(), graph.neighbours, weights, strict=True):
        found[tokens[row]][tokens[column]] = float(weight)
    return found


def test_a_path_of_three_nodes_is_ordered_by_degree(tmp_path):
    (tmp_path / "edges.txt").write_text("# a path\n30 10\n10 7\n")
    graph = read_graph(tmp_path / "edges.txt")
    assert list(graph.vocab.tokens) == ["10", "30", "7"]
    assert graph.vocab.counts.tolist() == [2, 1, 1]
    assert graph.indptr.tolist() == [0, 2, 3, 4]
    assert graph.neighbours.tolist() == [1, 2, 0, 0]
    assert (len(graph), graph.n_edges, graph.weights) == (3, 2, None)
    assert graph.neighbours_of("7") == ["10"]
    with pytest.raises(UnknownToken):
        graph.neighbours_of("8")


def test_weights_are_read_where_the_first_edge_has_one():
    graph = read_graph(["a,b,2.5", "b,c,1"], delimiter=",")
    assert as_dict(graph) == {"b": {"a": 2.5, "c": 1}, "a": {"b": 2.5}, "c": {"b": 1}}
    assert read_graph(["a b 2.5", "b c 1"], weighted=False).weights is None
    assert as_dict(read_graph([("a", "b", 3)])) == {"a": {"b": 3}, "b": {"a": 3}}


def test_a_directed_edge_leads_one_way():
    graph = read_graph([(5, 6), (6, 7)], directed=True)
    assert as_dict(graph) == {"6": {"7": 1}, "5": {"6": 1}, "7": {}}
    assert (graph.n_edges, graph.vocab.counts.tolist()) == (2, [2, 1, 1])


def test_a_self_loop_stands_once_and_is_counted():
    graph = read_graph(["a a", "a b"])
    assert as_dict(graph) == {"a": {"a": 1, "b": 1}, "b": {"a": 1}}
    assert (graph.n_edges, graph.facts["self_loops"]) == (2, 1)


def test_an_edge_given_both_ways_is_one_edge_and_no_repetition():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = read_graph(["a b", "b a", "b c"])
    assert graph.n_edges == 2


def test_edges_given_again_are_merged_their_weights_summed_and_counted():
    with pytest.warns(SemapWarning, match="^2 edges came again"):
        graph = read_graph(["a b 1", "b a 2", "a b 4", "b c 8"])
    assert as_dict(graph)["a"] == {"b": 7}
    with pytest.warns(SemapWarning, match="^1 edges came again"):
        assert read_graph(["a b", "a b"]).n_edges == 1


def test_edges_of_weight_0_are_no_edges_but_their_nodes_stay():
    with pytest.warns(SemapWarning, match="1 edges of weight 0"):
        graph = read_graph(["a b 1", "b c 0"])
    assert as_dict(graph) == {"a": {"b": 1}, "b": {"a": 1}, "c": {}}
    assert graph.facts["isolated_nodes"] == 1


def test_lines_of_neighbours_and_compressed_files(tmp_path):
    with gzip.open(tmp_path / "g.txt.gz", "wt") as file:
        file.write("9 8 7\r\n8 7\n6\n")
    graph = read_graph(tmp_path / "g.txt.gz", layout="adjacency")
    assert as_dict(graph) == {"7": {"8": 1, "9": 1}, "8": {"7": 1, "9": 1}, "9": {"7": 1, "8": 1}, "6": {}}


def test_networkx_graphs_keep_direction_and_weights():
    networkx = pytest.importorskip("networkx")
    undirected = networkx.Graph([(3, 4), (4, 5, {"weight": 2.0})])
    assert as_dict(read_graph(undirected)) == {"4": {"3": 1, "5": 2}, "3": {"4": 1}, "5": {"4": 2}}
    assert as_dict(read_graph(networkx.DiGraph([(3, 4)]))) == {"3": {"4": 1}, "4": {}}
    heavy = networkx.Graph([(3, 4), (4, 5, {"weight": "heavy"})])
    with pytest.raises(SettingsError, match="the edge 4 to 5 has the weight 'heavy', which is no number"):
        read_graph(heavy)
    assert read_graph(heavy, weighted=False).n_edges == 2


@pytest.mark.parametrize("form", [scipy.sparse.csr_array, scipy.sparse.coo_matrix, np.asarray])
def test_matrices_have_row_numbers_as_nodes(form):
    matrix = form(np.array([[0.0, 2, 0], [2, 0, 1], [0, 1, 1]]))
    assert as_dict(read_graph(matrix)) == {"1": {"0": 2, "2": 1}, "2": {"1": 1, "2": 1}, "0": {"1": 2}}
    with pytest.raises(SettingsError, match="not symmetric"):
        read_graph(form(np.triu(np.ones((3, 3)))))
    assert read_graph(form(np.triu(np.ones((3, 3)))), directed=True).n_edges == 6
    with pytest.raises(SettingsError, match="square"):
        read_graph(form(np.ones((2, 3))))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a b 1", "a"], "line 2: expected two nodes and a weight, found 1 columns"),
        (["a b", "c"], "line 2: expected two nodes"),
        (["a b 1", "b c much"], "line 2: expected a weight from 0, found 'much'"),
        (["a b 1", "b c -1"], "line 2: expected a weight from 0, found '-1'"),
        (["a b nan"], "line 1: expected a weight from 0, found 'nan'"),
        (["a,b"], "another delimiter"),
    ],
)
def test_a_bad_line_is_named_or_left_out_and_counted(lines, message):
    with pytest.raises(BadFile, match=message):
        read_graph(lines)
    if len(lines) > 1:
        with pytest.warns(SemapWarning, match="1 bad lines"):
            assert read_graph(lines, on_error="skip").n_edges == 1


@pytest.mark.parametrize("source", [[], ["# nothing"], np.zeros((3, 3)), ["a b 0"]])
def test_a_graph_without_edges_is_refused(source):
    with pytest.raises(EmptyGraph):
        read_graph(source)


def test_negative_weights_are_refused_with_the_edge():
    with pytest.raises(SettingsError, match="edge 1 has the weight -1"):
        read_graph(np.array([[0, -1], [-1, 0]]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"layout": "matrix"}, "layout is 'matrix'"), ({"on_error": "ask"}, "on_error"), ({"delimiter": ""}, "delimiter")],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(SettingsError, match=message):
        read_graph(["a b"], **arguments)


def test_what_is_no_graph_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="cannot read a graph from int"):
        read_graph(7)
    with pytest.raises(FileMissing):
        read_graph(tmp_path / "nowhere.txt")
    with pytest.raises(ShapeError, match="edges name nodes 2 to 2; there are 2"):
        Graph.of_edges(["a", "b"], np.array([0]), np.array([2]))


def test_ends_and_weights_that_are_no_numbers_are_refused():
    for wrong in (["a"], [0.0], [None]):
        with pytest.raises(ShapeError, match=r"sources are .*; give whole numbers"):
            Graph.of_edges(["a", "b"], wrong, [1])
    for tokens in ("ab", None, 7):
        with pytest.raises(SettingsError, match=r"tokens are (str|NoneType|int); give a list"):
            Graph.of_edges(tokens, [0], [1])
    with pytest.raises(ShapeError, match="weights must be numbers"):
        Graph.of_edges(["a", "b"], [0], [1], ["much"])


def test_another_graph_has_another_fingerprint():
    graphs = [read_graph(["a b"]), read_graph(["a c"]), read_graph(["a b"], directed=True), read_graph(["a b 2"])]
    assert len({graph.fingerprint() for graph in graphs}) == 4
    assert read_graph(["b a"]).fingerprint() == graphs[0].fingerprint()


@pytest.mark.parametrize("first", ["source,target", "FROM,to", "from_node_id,to_node_id"])
def test_a_first_line_that_reads_like_a_header_is_told_of(first):
    with pytest.warns(SemapWarning, match="^1 edge, the first, reads like names of columns and was kept; begin its line with #"):
        assert read_graph([first, "3,4", "4,7"], delimiter=",").n_edges == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_graph([f"#{first}", "3,4", "source,target"], delimiter=",").n_edges == 2


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_a_node(tmp_path):
    (tmp_path / "windows.txt").write_bytes("\ufeffa b\r\nb c\r\n".encode())
    assert sorted(read_graph(tmp_path / "windows.txt").vocab.tokens) == ["a", "b", "c"]


def test_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path):
    (tmp_path / "latin.txt").write_bytes("Bj\xf6rk a\na b\n".encode("latin-1"))
    with pytest.warns(SemapWarning, match="^1 times bytes that are not UTF-8"):
        graph = read_graph(tmp_path / "latin.txt")
    assert "Bj\ufffdrk" in graph.vocab


def test_a_folder_is_read_file_by_file_and_a_bad_line_named_with_its_file(tmp_path):
    (tmp_path / "1.txt").write_text("a b\n\nb c\n")
    (tmp_path / "2.txt").write_text("c d\nd\n")
    with pytest.raises(BadFile, match=r"2\.txt: line 2: expected two nodes"):
        read_graph(tmp_path)
    with pytest.warns(SemapWarning, match="1 bad lines"):
        assert read_graph(str(tmp_path / "*.txt"), on_error="skip").n_edges == 3


def test_a_data_frame_is_its_rows():
    class Frame:
        """What pandas and this reader share."""

        columns = ("from", "to", "weight")

        def itertuples(self, index, name):
            return iter([("a", "b", 2.0), ("b", 7, 1.0)])

    assert as_dict(read_graph(Frame()))["b"] == {"a": 2, "7": 1}


@pytest.mark.parametrize("edge", [("b", None), (float("nan"), "b"), ("", "b"), b"b c", {"from": "b", "to": "c"}, 7])
def test_what_names_no_two_nodes_is_a_bad_line(edge):
    with pytest.raises(BadFile, match="line 2: expected two nodes"):
        read_graph([("a", "b"), edge])
    with pytest.warns(SemapWarning, match="1 bad lines"):
        assert sorted(read_graph([("a", "b"), edge], on_error="skip").vocab.tokens) == ["a", "b"]


@pytest.mark.parametrize(
    ("source", "settings", "message"),
    [
        ({"a": "b"}, {}, "cannot read a graph from dict"),
        (np.array([["a", "b"], ["c", "d"]]), {}, "a graph's matrix holds numbers"),
        (["a b"], {"weighted": "yes"}, "weighted is 'yes'"),
        (["a b"], {"directed": 1}, "directed is 1"),
        (["a b"], {"delimiter": 7}, "delimiter is 7"),
    ],
)
def test_wrong_kinds_are_refused_by_name(source, settings, message):
    with pytest.raises(SettingsError, match=message):
        read_graph(source, **settings)
