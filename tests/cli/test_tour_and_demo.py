"""`semap tour` and `semap demo` hand over to the tour, with what was asked for."""

from pathlib import Path

import pytest

from semap.tour import demo, tour


def test_one_section_of_the_tour_is_shown_alone(semap):
    result = semap("tour", "6")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.lstrip().startswith("6. ")
    assert "0.7071" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"), [([], (None, False)), (["3", "--pause"], (3, True)), (["--no-pause"], (None, False))]
)
def test_the_tour_waits_only_where_it_should(semap, monkeypatch, arguments, expected):
    asked = []
    monkeypatch.setattr(tour, "run_tour", lambda *given: asked.append(given))
    assert semap("tour", *arguments).exit_code == 0
    assert asked == [expected]


def test_the_demo_saves_where_it_is_told(semap, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(demo, "run_demo", lambda *given: asked.append(given))
    assert semap("demo").exit_code == semap("demo", "--folder", tmp_path, "-q").exit_code == 0
    assert asked == [(Path(), False), (tmp_path, True)]


def test_a_demo_that_cannot_save_says_so(semap, tmp_path):
    (tmp_path / "file").touch()
    result = semap("demo", "--folder", tmp_path / "file")
    assert result.exit_code == 1
    assert result.stderr.startswith("semap: error: ")
