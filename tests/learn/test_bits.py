"""The same bits with AVX2 and with AVX-512: one training in two processes whose kernels are compiled for other CPUs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

SCRIPT = """
import hashlib, numpy as np, numba
from llvmlite import binding
from semap.corpus.corpus import Corpus
from semap.learn.cbow import CBOW
from semap.learn.glove import GloVe
from semap.learn.skipgram import SkipGram
from semap.vocab.vocab import Vocab

rng = np.random.default_rng(1)
ids = (rng.random(4000) ** 2 * 90).astype(np.int32)
corpus = Corpus(ids, np.array([0, 700, 701, 4000]), Vocab([f"w{i}" for i in range(90)], np.bincount(ids, minlength=90)))
for learner in (SkipGram, CBOW):
    for dim in (5, 100):
        table = learner(dim=dim, epochs=2, threads=1, lanes=3, block=64, keep_output=True).fit(corpus)
        digest = hashlib.sha256(table.vectors.tobytes() + table.output_vectors.tobytes()).hexdigest()
        print(learner.__name__, dim, digest)
for learner in (SkipGram, CBOW):
    table = learner(dim=97, epochs=2, threads=1, lanes=3, block=64, subwords=(2, 5), buckets=700).fit(corpus)
    rows = table.subwords.to_stored().rows.decode()
    print("sub-words", learner.__name__, hashlib.sha256(table.vectors.tobytes() + rows.tobytes()).hexdigest())
table = SkipGram(dim=20, epochs=1, objective="softmax", threads=1, lanes=2, block=64).fit(corpus)
print("softmax", hashlib.sha256(table.vectors.tobytes()).hexdigest())
table = GloVe(dim=20, window=5, epochs=3, threads=1).fit(corpus)
print("GloVe", hashlib.sha256(table.vectors.tobytes()).hexdigest())
"""


def trained(tmp_path, **environment):
    variables = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), **environment}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=variables, capture_output=True, text=True, timeout=600, check=True
    )
    return result.stdout


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="AVX is of x86-64 processors")
def test_avx2_and_the_whole_cpu_give_the_same_bits(tmp_path):
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    if not features.get("avx2") or not features.get("fma"):
        pytest.skip("this CPU has no AVX2 with fused multiply-add")
    narrow = "+sse4.2,+popcnt,+avx,+avx2,+fma,+bmi,+bmi2,+lzcnt,+f16c,-avx512f"
    whole = trained(tmp_path)
    assert whole.count("\n") == 8
    assert trained(tmp_path, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES=narrow) == whole
