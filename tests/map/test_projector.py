"""The files of the Embedding Projector, read as its own reader reads them."""

import numpy as np
import pytest

from semap.errors import CannotWrite, SemapWarning, ShapeError
from semap.map import chart_of, write_projector
from semap.map.chart import Chart
from semap.table.table import Table

BLANKS = " \t\n\r\f\v\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def _tensors(folder):
    """Rows of numbers: blank lines are skipped, others trimmed and cut at tabs."""
    lines = (folder / "tensors.tsv").read_bytes().decode().split("\n")
    return [[float(cell) for cell in line.strip(BLANKS).split("\t")] for line in lines if line.strip(BLANKS)]


def _metadata(folder):
    """Names and rows: lines of blanks are skipped; the first line holds names where it has a tab, and is a label where not."""
    lines = [line for line in (folder / "metadata.tsv").read_bytes().decode().split("\n") if line.strip(BLANKS)]
    names = lines.pop(0).split("\t") if "\t" in lines[0] else ["label"]
    return names, [line.split("\t") for line in lines]


def _written(tmp_path, tokens, **facts):
    rng = np.random.default_rng(3)
    table = Table(["other", *tokens], rng.normal(size=(len(tokens) + 1, 4)))
    chart = Chart(list(tokens), np.zeros((len(tokens), 2)), **facts)
    return table, write_projector(chart, table, tmp_path / "out")


def test_the_vectors_are_those_of_the_table_to_the_last_bit(tmp_path):
    table, n_escaped = _written(tmp_path, ["b", "a", "c"])
    found = np.array(_tensors(tmp_path / "out"), np.float32)
    assert found.tobytes() == table.lookup(["b", "a", "c"]).tobytes()
    assert n_escaped == 0


def test_a_single_column_has_no_header(tmp_path):
    _written(tmp_path, ["b", "a", "c"])
    assert _metadata(tmp_path / "out") == (["label"], [["b"], ["a"], ["c"]])


def test_several_columns_have_a_header(tmp_path):
    _written(
        tmp_path, ["b", "a", "c"], counts=[9, 5, 1], clusters=[0, 1, 0], cluster_names=["b, c", "a"],
        columns={"height": [1.5, None, 2.0]},
    )  # fmt: skip
    names, rows = _metadata(tmp_path / "out")
    assert names == ["token", "count", "cluster", "height"]
    assert rows == [["b", "9", "b, c", "1.5"], ["a", "5", "a", ""], ["c", "1", "b, c", "2"]]


def test_tabs_and_line_breaks_are_escaped_and_counted(tmp_path):
    with pytest.warns(SemapWarning, match=r"3 cells of metadata\.tsv"):
        _, n_escaped = _written(tmp_path, ["a\tb", "c\nd", "e\r", "plain"])
    assert n_escaped == 3
    assert _metadata(tmp_path / "out") == (["label"], [["a\\tb"], ["c\\nd"], ["e\\r"], ["plain"]])


def test_every_token_keeps_its_line_whatever_blanks_it_is_made_of(tmp_path):
    tokens = ["first", "", *BLANKS, "  ", "last"]
    with pytest.warns(SemapWarning, match=f"{len(tokens) - 2} cells"):
        _written(tmp_path, tokens)
    _, rows = _metadata(tmp_path / "out")
    assert len(rows) == len(_tensors(tmp_path / "out")) == len(tokens)
    assert (rows[0], rows[-1]) == (["first"], ["last"])


def test_tokens_whose_bytes_are_not_utf_8_are_written_by_their_numbers(tmp_path):
    with pytest.warns(SemapWarning, match=r"1 cells of metadata\.tsv .* not UTF-8"):
        _written(tmp_path, ["caf\udce9", "café"])
    assert _metadata(tmp_path / "out")[1] == [["caf\\udce9"], ["café"]]


def test_values_of_columns_are_escaped_too(tmp_path):
    with pytest.warns(SemapWarning, match="2 cells"):
        _written(tmp_path, ["a", "b"], columns={"x\ty": ["one\ntwo", "three"]})
    assert _metadata(tmp_path / "out") == (["token", "x\\ty"], [["a", "one\\ntwo"], ["b", "three"]])


def test_a_chart_of_the_table_is_written_whole(tmp_path):
    table = Table([f"t{n}" for n in range(3000)], np.random.default_rng(2).normal(size=(3000, 3)), counts=np.arange(3000))
    chart = chart_of(table, top=2500, method="pca")
    write_projector(chart, table, tmp_path)
    names, rows = _metadata(tmp_path)
    assert names == ["token", "count", "cluster"]
    assert [row[0] for row in rows] == chart.tokens
    assert np.array(_tensors(tmp_path), np.float32).tobytes() == table.lookup(chart.tokens).tobytes()


def test_a_table_of_one_dimension_is_refused_as_the_projector_would(tmp_path):
    with pytest.raises(ShapeError, match="1 dimension"):
        write_projector(Chart(["a"], [[0, 0]]), Table(["a"], [[1]]), tmp_path)


def test_a_chart_of_another_table_is_refused(tmp_path):
    with pytest.raises(ShapeError, match="2 tokens of the chart, first 'x', are not in the table"):
        write_projector(Chart(["a", "x", "y"], [[0, 0]] * 3), Table(["a"], [[1, 2]]), tmp_path)


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="file"):
        write_projector(Chart(["a"], [[0, 0]]), Table(["a"], [[1, 2]]), tmp_path / "file")
