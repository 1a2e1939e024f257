"""How long a person waits before anything happens, beside gensim: written to bench/results/startup.md.

    python bench/startup.py

Every measurement starts a new interpreter, whose own start counts; kernels and Python's bytecode are in the cache, as they
are from the second start on (PYTHONDONTWRITEBYTECODE, which would have every start compile semap's modules, is taken out of
the environment). Semap and gensim take turns.
"Up to the first round": from the start of `semap train` on four novels (1.5 MB) until the first round of training is
done; for gensim, until its first epoch begins (vocabulary scanned, nothing trained yet).
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOVELS = ROOT / "../shared/data/corpora/novels_public_domain.txt"

SEMAP_TRAIN = """
import os, sys
sys.argv = ["semap", "train", {text!r}, "-o", {out!r}, "-q", "--threads", "{threads}"]
from semap.cli import watched
original = watched.Watched.update
def update(self, done, **figures):
    if "loss" in figures:
        os._exit(0)
    original(self, done, **figures)
watched.Watched.update = update
from semap.cli.main import main
main()
"""
GENSIM_TRAIN = """
import os
from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
class Begin(CallbackAny2Vec):
    def on_epoch_begin(self, model):
        os._exit(0)
Word2Vec(corpus_file={text!r}, sg=1, negative=5, workers={threads}, callbacks=[Begin()])
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
COMMAND = "import sys; sys.argv = {argv!r}; from semap.cli.main import main; main()"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--turns", type=int, default=9)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/startup.md")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measurements(Path(folder), chosen.threads)
        table_of(rows, 1)  # fills the caches
        lines = table_of(rows, chosen.turns)
    head = [
        "# Starting",
        "",
        f"`python bench/startup.py --threads {chosen.threads} --turns {chosen.turns}`, {datetime.date.today()}, "
        f"{chosen.machine}, load {os.getloadavg()[0]:.1f} at the end.",
        "Seconds of wall time from the start of the interpreter, median of turns taken alternately; best in brackets. Caches of",
        "kernels and of Python's bytecode are filled.",
        "",
    ]
    text = "\n".join([*head, *lines]) + "\n"
    print(text)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(text)


def measurements(folder: Path, threads: int) -> list[tuple[str, str, str | None]]:
    """What is measured: its name, semap's code, gensim's code where it has such a thing."""
    table, words = folder / "novels.semap", folder / "novels.txt"
    for argv in (["train", str(NOVELS), "-o", str(table), "-q", "--epochs", "1"], ["convert", str(table), str(words), "-q"]):
        timed(COMMAND.format(argv=["semap", *argv]))
    novels = str(NOVELS.resolve())
    similar = COMMAND.format(argv=["semap", "similar", str(table), "holmes"])
    peer = f"from gensim.models import KeyedVectors as K; print(K.load_word2vec_format({str(words)!r}).most_similar('holmes'))"
    return [
        ("an empty Python program", "pass", "pass"),
        ("import numpy", "import numpy", "import numpy"),
        ("import", "import semap", "import gensim"),
        ("semap --help", COMMAND.format(argv=["semap", "--help"]), None),
        ("10 nearest of 4,079 x 100 in a file", similar, peer),
        (
            "train on 1.5 MB, up to the first round",
            SEMAP_TRAIN.format(text=novels, out=str(folder / "x.semap"), threads=threads),
            GENSIM_TRAIN.format(text=novels, threads=threads),
        ),
    ]


def table_of(rows: list[tuple[str, str, str | None]], turns: int) -> list[str]:
    """A Markdown table of medians, all measurements taking turns."""
    took: dict[tuple[str, str], list[float]] = {}
    for _ in range(turns):
        for name, ours, theirs in rows:
            took.setdefault((name, "semap"), []).append(timed(ours))
            if theirs is not None:
                took.setdefault((name, "gensim"), []).append(timed(theirs))
    lines = ["| what | semap | gensim 4.4 | gensim / semap |", "|---|---|---|---|"]
    for name, _, theirs in rows:
        ours = statistics.median(took[name, "semap"])
        other = statistics.median(took[name, "gensim"]) if theirs is not None else None
        best = min(took[name, "semap"])
        peer = "" if other is None else f"{other:.2f} ({min(took[name, 'gensim']):.2f})"
        lines.append(f"| {name} | {ours:.2f} ({best:.2f}) | {peer} | {'' if other is None else f'{other / ours:.1f}'} |")
    return lines


def timed(code: str) -> float:
    """Seconds that a new interpreter takes for some code."""
    began = time.perf_counter()
    command, quiet = [sys.executable, "-c", code], subprocess.DEVNULL
    subprocess.run(command, check=True, env=ENVIRONMENT, stdout=quiet, stderr=quiet)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
