"""Charts in files."""

import numpy as np
import pytest

from semap.errors import BadFile, CannotWrite, FileMissing, SemapError, SettingsError
from semap.map import chart_of, open_chart, save_chart
from semap.map.chart import Chart
from semap.table.table import Table

TOKENS = ["Köln", "北京", "a b", "", "tab\t", *(f"t{number}" for number in range(120))]


@pytest.fixture(scope="module")
def table():
    """125 odd tokens."""
    return Table(TOKENS, np.random.default_rng(1).normal(size=(len(TOKENS), 8)), counts=np.arange(len(TOKENS)))


@pytest.fixture(scope="module")
def chart(table):
    """A chart with everything that there is."""
    return chart_of(
        table, top=110, words=None, method="pca", clusters=4, title="Title", analogies=[("t3", "t4", "t5", "t6")],
        metadata={"topic": {"t7": "x"}, "size": {"t8": 2.5}},
    )  # fmt: skip


def _same(one: Chart, other: Chart) -> bool:
    arrays = ("coordinates", "rows", "counts", "clusters", "neighbours", "similarities")
    plain = ("tokens", "cluster_names", "columns", "axes", "links", "color", "title", "subtitle", "facts")
    return all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in arrays) and all(
        getattr(one, name) == getattr(other, name) for name in plain
    )


def test_a_chart_comes_back_as_it_was(tmp_path, chart, table):
    save_chart(chart, tmp_path / "a.map", table)
    assert _same(open_chart(tmp_path / "a.map", table), chart)
    assert _same(open_chart(tmp_path / "a.map"), chart)


def test_the_least_chart_comes_back_too(tmp_path, table):
    save_chart(Chart(["t1"], [[1, 2]]), tmp_path / "a.map", table)
    found = open_chart(tmp_path / "a.map", table)
    assert (found.tokens, found.coordinates.tolist(), found.counts, found.clusters) == (["t1"], [[1, 2]], None, None)


def test_equal_charts_give_equal_files(tmp_path, chart, table):
    for name in ("a.map", "b.map"):
        save_chart(chart, tmp_path / name, table)
    assert (tmp_path / "a.map").read_bytes() == (tmp_path / "b.map").read_bytes()


def test_a_chart_of_another_table_is_refused(tmp_path, chart, table):
    save_chart(chart, tmp_path / "a.map", table)
    other = table.vectors.copy()
    other[17, 3] += 1e-3
    for changed in (Table(TOKENS, other), Table([*TOKENS[:-1], "t999"], table.vectors), table.truncate(7)):
        with pytest.raises(BadFile, match="make the map of this table again"):
            open_chart(tmp_path / "a.map", changed)


def test_a_damaged_file_is_refused_wherever_it_is_damaged(tmp_path, chart, table):
    path = tmp_path / "a.map"
    save_chart(chart, path, table)
    good = path.read_bytes()
    rng = np.random.default_rng(4)
    for place in rng.integers(0, len(good), 60).tolist():
        path.write_bytes(good[:place] + bytes([good[place] ^ (1 << int(rng.integers(8)))]) + good[place + 1 :])
        try:
            assert _same(open_chart(path, table), chart)  # a bit of the padding, which means nothing
        except SemapError:
            continue
    for length in (0, 7, 100, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(BadFile):
            open_chart(path, table)


def test_another_file_of_semap_is_no_map(tmp_path, table):
    table.save(tmp_path / "a.semap")
    with pytest.raises(BadFile, match="does not hold a map, but 'table'"):
        open_chart(tmp_path / "a.semap")


def test_values_that_json_cannot_hold_are_refused(tmp_path, table):
    with pytest.raises(SettingsError, match="JSON"):
        save_chart(Chart(["t1"], [[1, 2]], columns={"x": [{1, 2}]}), tmp_path / "a.map", table)
    assert not (tmp_path / "a.map").exists()


def test_a_place_that_cannot_be_written_and_a_file_that_is_not_there_say_so(tmp_path, chart, table):
    with pytest.raises(CannotWrite):
        save_chart(chart, tmp_path / "no" / "a.map", table)
    with pytest.raises(FileMissing):
        open_chart(tmp_path / "a.map")
