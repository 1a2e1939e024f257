"""Where torch is absent: one sentence, and the rest of semap as ever."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
sys.modules["torch"] = None
import semap
from semap.errors import MissingExtra
for name in ("CategoryEmbeddings", "CategoryModel", "EmbeddingLayer", "TextClassifier", "TextModel"):
    try:
        getattr(semap.torch, name)
    except MissingExtra as failure:
        print(failure)
print(semap.Table(["a"], [[1.0]])["a"])
"""


def test_each_name_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [*["torch is not installed; it comes with: pip install 'semap[torch]'"] * 5, "[1.]"]
