"""Kernels come from the cache without the tables of a compiler, and a process that has to compile fills them as ever."""

import json
import os
import subprocess
import sys

import numba
import numpy as np
import pytest

from semap.kernels.native import loading

_READ = """
import json, sys
from semap.corpus.read import read_text
corpus = read_text(["one two three two one four five äöü"] * 40, threads=2)
def result():
    print(json.dumps([corpus.ids.tolist(), "numba.cpython.cmathimpl" in sys.modules]))
"""
_COMPILE_TOO = """
import numpy as np
from semap.kernels.native.norms import inverse_norms
out = np.zeros(2)
inverse_norms(np.array([[3, 4], [0, 0]], np.float32), 0, 2, out)
assert out.tolist() == [0.2, 0]
"""


def _run(code, cache):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def compiled(cache):
    """What a first process found, which compiled everything."""
    ids, filled = _run(_READ + "result()", cache)
    assert filled
    return ids


@pytest.mark.skipif(not loading.is_tried(), reason=f"nobody tried it with Numba {numba.__version__}")
def test_cached_kernels_load_without_the_compilers_tables_and_do_the_same(cache, compiled):
    ids, filled = _run(_READ + "result()", cache)
    assert not filled
    np.testing.assert_array_equal(ids, compiled)


def test_a_kernel_is_compiled_after_others_came_from_the_cache(cache, compiled):
    ids, filled = _run(_READ + _COMPILE_TOO + "result()", cache)
    assert filled
    np.testing.assert_array_equal(ids, compiled)


def test_an_unknown_numba_loads_kernels_as_it_always_does(cache, compiled):
    begin = "import numba; numba.version_info = numba.version_info._replace(short=(99, 0))\n"
    ids, filled = _run(begin + _READ + "result()", cache)
    assert filled
    np.testing.assert_array_equal(ids, compiled)
