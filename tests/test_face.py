"""The face: the names of the stub, found lazily, and next to nothing loaded."""

import ast
import subprocess
import sys
import time
from pathlib import Path

import pytest

import semap

HEAVY = ("numba", "numpy", "torch", "rich", "typer", "scipy", "gensim", "sklearn", "fastapi", "matplotlib", "zstandard")


def in_a_fresh_process(code):
    """What a new interpreter prints for some code."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_names_are_those_of_the_stub():
    stub = ast.parse((Path(semap.__file__).parent / "__init__.pyi").read_text())
    imported = [alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    declared = [node.target.id for node in stub.body if isinstance(node, ast.AnnAssign)]
    assert sorted([*imported, *declared]) == sorted(semap.__all__)


@pytest.mark.parametrize("name", semap.__all__)
def test_every_name_leads_somewhere(name):
    found = getattr(semap, name)
    assert getattr(found, "__name__", name) in (name, f"semap.{name}")
    assert name in dir(semap)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = semap.nonsense


def test_importing_semap_loads_nothing_heavy():
    assert in_a_fresh_process(f"import semap, sys; print([name for name in {HEAVY} if name in sys.modules])") == "[]"


def test_opening_and_looking_up_loads_no_compiler(tmp_path):
    semap.Table(["queen", "king"], [[1, 2], [3, 4]]).save(tmp_path / "a.semap")
    code = f"""
import semap, sys
table = semap.load({str(tmp_path / "a.semap")!r})
assert table["king"].tolist() == [3, 4]
assert semap.cosine(table["king"], table["queen"]) > 0.9
print([name for name in ("numba", "rich", "typer", "scipy") if name in sys.modules])
"""
    assert in_a_fresh_process(code) == "[]"


def test_making_settings_loads_no_compiler():
    assert in_a_fresh_process("import semap, sys; semap.SkipGram(); semap.CBOW(); print('numba' in sys.modules)") == "False"


def test_the_command_line_shows_its_help_without_the_library():
    code = "import semap.cli.app, sys; print([name for name in ('numpy', 'numba', 'rich') if name in sys.modules])"
    assert in_a_fresh_process(code) == "[]"


def test_importing_semap_takes_less_than_a_moment():
    code = "import time; began = time.process_time(); import semap; print(time.process_time() - began)"
    assert min(float(in_a_fresh_process(code)) for _ in range(3)) < 0.15


def test_help_is_there_at_once():
    took = []
    for _ in range(3):
        began = time.perf_counter()
        in_a_fresh_process("import sys; sys.argv = ['semap', '--version']; from semap.cli.main import main; main()")
        took.append(time.perf_counter() - began)
    assert min(took) < 1.0  # 0.2 s on a quiet machine; the tests' machine may be busy
