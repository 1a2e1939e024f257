"""Plain values are taken over without pydantic; whatever they are, the answer is Typer's own."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st
from typer.core import TyperCommand
from typer.testing import CliRunner

from semap.cli.command import PlainCommand
from semap.cli.options import whole_or_auto


def _app(command_class):
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command(cls=command_class)
    def show(
        files: list[str],
        whole: Annotated[int, typer.Option(min=2, max=99)] = 7,
        free: int | None = None,
        real: float = 0.5,
        kind: Literal["add", "mul"] = "add",
        path: Path | None = None,
        lanes: Annotated[str, typer.Option(parser=whole_or_auto)] = "auto",
        text: str = "x",
        yes: Annotated[bool | None, typer.Option("--yes/--no")] = None,
        several: Annotated[list[Path] | None, typer.Option()] = None,
    ) -> None:
        print(repr((files, whole, free, real, kind, path, lanes, text, yes, several)))

    return app


_PLAIN, _TYPERS = _app(PlainCommand), _app(TyperCommand)


def _same(arguments):
    ours, theirs = (CliRunner().invoke(app, arguments) for app in (_PLAIN, _TYPERS))
    assert (ours.exit_code, ours.output) == (theirs.exit_code, theirs.output)
    return ours


_ODD = ["", "7", "-3", "0", "1", "100", "+5", "1_000", " 8", "5.0", "1e3", ".5", "5.", ".", "nan", "٣", "9" * 30, "auto", "add"]
_OPTIONS = ["whole", "free", "real", "kind", "path", "lanes", "text", "several"]


@given(
    option=st.sampled_from(_OPTIONS),
    value=st.sampled_from(_ODD) | st.text(st.characters(codec="ascii", exclude_categories=["C"])),
)
@example(option="path", value="/")
def test_every_value_is_read_as_typer_reads_it(option, value):
    _same(["a", f"--{option}={value}"])


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["--help"], ["a", "--yes"], ["a", "--no"], ["a", "--nothing"], ["a", "--whole"]]
)
def test_files_flags_help_and_wrong_usage_are_as_in_typer(arguments):
    _same(arguments)


def test_options_that_repeat_stay_lists():
    assert "PosixPath('x'), PosixPath('y')" in _same(["a", "--several", "x", "--several", "y"]).output


def test_training_loads_neither_pydantic_nor_the_optional_friends_of_numba(spawn, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("one two three two one\n" * 50)
    code = f"""
import os, sys
from semap.cli import main
sys.argv = ["semap", "train", {str(text)!r}, "-o", {str(tmp_path / "x.semap")!r}, "-q", "--epochs", "1", "--dim", "8"]
main.os._exit = lambda status: None
main.main()
print([name for name in ("pydantic", "coverage", "rich", "scipy.linalg") if sys.modules.get(name)])
"""
    out, errors = spawn(code=code).communicate(timeout=120)
    assert out.decode().splitlines()[-1] == "[]", errors.decode()
