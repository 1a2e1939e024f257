"""Training beside a process that keeps one core busy, and the peak memory of training.

    python bench/busy.py TEXT --threads 2

The quiet and the busy training take turns in new processes. Quality is not at stake: the bits are compared and must be equal.
Memory: the peak of the process against what its matrices, its token ids at 8 bytes and 300 MB allow.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import subprocess
import sys
from pathlib import Path

RESULT = Path(__file__).parent / "results" / "busy.md"
TRAIN = """
import hashlib, json, resource, sys, time
import semap

text, threads = sys.argv[1], int(sys.argv[2])
semap.SkipGram(dim=4, epochs=1, threads=1).fit(semap.read_text([["a", "b"] * 9], min_count=1))
corpus = semap.read_text(text)
began = time.perf_counter()
table = semap.SkipGram(dim=100, epochs=1, threads=threads, seed=1).fit(corpus)
seconds = time.perf_counter() - began
print(json.dumps({
    "rate": corpus.n_tokens / seconds / 1e6, "sha": hashlib.sha256(table.vectors.tobytes()).hexdigest(),
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "allowed": 2 * table.vectors.nbytes + 8 * corpus.n_tokens + 300e6,
}))
"""


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    given = parser.parse_args()
    quiet, busy = [], []
    for _ in range(given.turns):
        quiet.append(trained(given))
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            busy.append(trained(given))
        finally:
            other.kill()
            other.wait()
    rates = [statistics.median(run["rate"] for run in runs) for runs in (quiet, busy)]
    same = len({run["sha"] for run in quiet + busy}) == 1
    peak, allowed = max(run["peak"] for run in quiet + busy), quiet[0]["allowed"]
    lines = [
        "# Training beside a busy process, and its memory",
        "",
        f"`python bench/busy.py {given.text.name} --threads {given.threads}`, {datetime.date.today()}, {given.machine}; "
        f"medians of {given.turns} turns.",
        "",
        f"- quiet {rates[0]:.2f} M words/s, with one core kept busy {rates[1]:.2f} M words/s: {rates[1] / rates[0]:.0%}",
        f"- the bits of all {len(quiet + busy)} runs are {'the same' if same else 'DIFFERENT'}",
        f"- peak memory {peak / 1e6:.0f} MB; two matrices + 8 bytes a token + 300 MB would be {allowed / 1e6:.0f} MB",
    ]
    print("\n".join(lines))
    RESULT.write_text("\n".join(lines) + "\n")


def trained(given: argparse.Namespace) -> dict[str, float]:
    """One training in a new process."""
    command = [sys.executable, "-c", TRAIN, str(given.text), str(given.threads)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(result.stdout)  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
