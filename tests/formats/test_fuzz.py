"""A few hundred damaged files of every format, made as the 100,000 of bench/results/fuzz.md are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "fuzz_formats.py"


@pytest.mark.skipif(not TOOL.is_file(), reason="the tool is not part of this installation")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory of a process is limited as Linux does it")
def test_damaged_files_end_in_a_table_or_an_error_that_says_why(tmp_path):
    command = [sys.executable, str(TOOL), "--files", "400", "--workers", "1", "--kept", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    tables, errors = re.search(r"([0-9]+) files gave a table, ([0-9]+) an error", done.stdout).groups()
    assert int(tables) + int(errors) == 400
    assert int(tables) > 40
    assert int(errors) > 200
