"""What stands above the columns of an answer: text, whatever it looks like."""

from __future__ import annotations

import sys

import pytest

from semap.cli.sheet import Sheet, show

ODD = Sheet(("token", "[/b] \u2192 [unk]", "a\x1b[31m"), [("[/i]", "1", "2")], right=frozenset({1, 2}), headings=True)


@pytest.mark.parametrize("terminal", [True, False])
def test_headings_and_cells_are_shown_as_they_are(
    terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens stand in headings where a map has axes: what looks like the markup of a terminal's library is none."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    show({}, [ODD], as_json=False)
    said = capsys.readouterr().out
    for shown in ("[/b] \u2192 [unk]", "a\\x1b[31m", "[/i]"):
        assert shown in said
    assert "\x1b[31m" not in said
