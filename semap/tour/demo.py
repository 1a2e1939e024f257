"""Nothing in, a table trained on four novels out, with every step shown: `semap demo`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from semap.corpus.corpus import Corpus
from semap.corpus.read import read_text
from semap.errors import CannotWrite, FileMissing, SemapWarning
from semap.formats.load import load
from semap.index.questions import analogy, similar
from semap.learn.skipgram import SkipGram
from semap.learn.start import starting_rows
from semap.table.table import Table

__all__ = ["run_demo"]

_WORDS = ("holmes", "king", "captain", "sea", "garden")
# The text is short: more epochs, larger steps and fewer frequent words than the defaults.
_LEARNER = SkipGram(dim=100, epochs=15, learning_rate=0.05, sample=1e-4, seed=2)


def run_demo(folder: Path, quiet: bool = False) -> None:
    """Train on the novels that come with semap and print loss, neighbours and timings to standard output.

    folder: where novels.semap is written; made where it does not exist. quiet: no progress bar.
    Ends with an analogy asked of the built-in table. Raises CannotWrite.
    """
    _make_folder(folder)
    with _timed("compiling the loops, once (they are kept on disk for the next time)"):
        _compile()
    with _timed("reading four novels") as figures:
        corpus = read_text(str(files("semap") / "data" / "novels.txt"))
        figures.append(f"{corpus.n_tokens:,} words, {len(corpus.vocab):,} different")
    with _timed(f"training {_LEARNER.dim} dimensions, {_LEARNER.epochs} epochs") as figures:
        began = time.perf_counter()
        table = _fit(_LEARNER, corpus, not quiet)
        speed = _LEARNER.epochs * corpus.n_tokens / (time.perf_counter() - began)
        figures.append(f"{speed:,.0f} words/s")
    _print_losses(table.metadata["training"]["losses"])
    _print_neighbours(corpus, table)
    path = folder / "novels.semap"
    table.save(path)
    print(f"\nsaved {path}; ask it more: semap similar {path} {_WORDS[0]}")
    _ask_english()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise CannotWrite(f"{folder}: cannot make this folder: {failure.strerror or failure}") from failure


@contextmanager
def _timed(task: str) -> Iterator[list[str]]:
    """Print a task, then how long it took and the figures that were put into the list."""
    print(task, flush=True)
    figures: list[str] = []
    began = time.perf_counter()
    yield figures
    print("  ".join([f"  {time.perf_counter() - began:.2f} s", *figures]), flush=True)


def _compile() -> None:
    """Run everything once on a few words, so that no later figure holds the time of the compiler."""
    corpus = read_text(["to be or not to be that is the question"], min_count=1)
    table = _fit(SkipGram(dim=_LEARNER.dim, epochs=1, sample=0), corpus, False)
    similar(table, "be", k=1)


def _fit(learner: SkipGram, corpus: Corpus, progress: bool) -> Table:
    with warnings.catch_warnings():
        # A text this short has one lane, and nobody chose the threads: there is nothing to warn of.
        warnings.filterwarnings("ignore", message=".* lanes in a round", category=SemapWarning)
        return learner.fit(corpus, progress=progress)


def _print_losses(losses: list[float]) -> None:
    print(f"\nloss of epoch 1 to {len(losses)}: {'  '.join(f'{loss:.3f}' for loss in losses)}")
    if losses[-1] > min(losses):
        # With the rows of finished runs frozen, the loss still falls from epoch to epoch: docs/training.md, The loss.
        print("(measured while learning: at the end the steps are too small to remember the last pages by heart)")


def _print_neighbours(corpus: Corpus, after: Table) -> None:
    rows = starting_rows(len(corpus.vocab), _LEARNER.dim, _LEARNER.seed)
    before = Table(corpus.vocab.tokens, rows)
    print("\nnearest words before and after")
    for word in _WORDS:
        lists = [", ".join(near for near, _ in similar(table, word, k=4)) for table in (before, after)]
        print(f"  {word:<8}{lists[0]:<44}{lists[1]}")


def _ask_english() -> None:
    """Ask the built-in table what is to woman as king is to man."""
    try:
        english = load("english")
    except FileMissing as failure:
        print(f"\nno analogy: {failure}")
        return
    answers = ", ".join(f"{word} {score:.2f}" for word, score in analogy(english, "man", "king", "woman", k=3))
    print(f"\nthe built-in table english ({len(english):,} words): man is to king as woman is to {answers}")
