"""The demo: what it prints, what it saves, and what it says where something is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import semap
from semap.errors import CannotWrite, FileMissing
from semap.learn.skipgram import SkipGram
from semap.tour import demo


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_LEARNER", SkipGram(dim=16, epochs=3, sample=1e-4, seed=2))


@pytest.mark.usefixtures("short")
def test_the_demo_shows_timings_loss_and_neighbours_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.run_demo(tmp_path / "new", quiet=True)
    printed, shown = capsys.readouterr()
    assert shown == ""
    assert re.search(r"compiling .*\n  \d+\.\d\d s\n", printed)
    assert re.search(r"reading four novels\n  \d+\.\d\d s  281,455 words, 4,079 different\n", printed)
    assert re.search(r"training 16 dimensions, 3 epochs\n  \d+\.\d\d s  [\d,]+ words/s\n", printed)
    losses = re.search(r"loss of epoch 1 to 3: (\S+)  (\S+)  (\S+)\n", printed)
    assert losses
    assert float(losses[3]) < float(losses[1])
    assert "nearest words before and after" in printed
    assert len(semap.load(tmp_path / "new" / "novels.semap")) == 4_079


@pytest.mark.usefixtures("short")
def test_a_bar_or_lines_are_shown_unless_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.run_demo(tmp_path)
    assert "training 100%" in capsys.readouterr().err


@pytest.mark.usefixtures("short")
def test_without_the_built_in_table_the_demo_says_so_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise FileMissing(f"there is no {name}")

    monkeypatch.setattr(demo, "load", absent)
    demo.run_demo(tmp_path, quiet=True)
    assert capsys.readouterr().out.endswith("\nno analogy: there is no english\n")


@pytest.mark.usefixtures("short", "english")
def test_the_built_in_table_answers_queen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.run_demo(tmp_path, quiet=True)
    answer = capsys.readouterr().out.strip().splitlines()[-1]
    assert "man is to king as woman is to" in answer
    assert "queen" in answer


def test_a_folder_that_cannot_be_made_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotWrite, match="cannot make this folder"):
        demo.run_demo(tmp_path / "file" / "folder", quiet=True)


def test_the_full_settings_make_the_loss_fall_and_find_related_words(tmp_path: Path) -> None:
    demo.run_demo(tmp_path, quiet=True)
    table = semap.load(tmp_path / "novels.semap")
    losses = table.metadata["training"]["losses"]
    assert losses[-1] < 0.9 * losses[0]
    assert "sherlock" in [word for word, _ in semap.similar(table, "holmes", k=3)]
