"""Train the built-in table `english` and write it to semap/data/english.semap; `make english`.

The corpus is natural English text, one paragraph a line (a cleaned Wikipedia extract of 200 MB was used; CC BY-SA 3.0). The table
keeps the most frequent words, as int8, with its settings, the corpus' facts and its scores in the metadata.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import semap
from semap.learn.learner import Learner

TARGET = Path(__file__).parent.parent / "semap" / "data" / "english.semap"
N_WORDS = 50_000
# lanes, block and pool are spelled out so that a later "auto" does not change the table
LEARNER = semap.SkipGram(dim=200, window=10, sample=1e-4, epochs=10, seed=1, lanes=4, block=512, pool=128)


def main() -> None:
    """Read, train, cut, score, quantise, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--gold", type=Path, required=True, help="folder with analogy/ and similarity/")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args()
    began = time.monotonic()
    corpus = semap.read_text(given.corpus, progress=True)
    print(f"{corpus} read in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    table = most_frequent(LEARNER.fit(corpus, progress=True), N_WORDS).quantize("int8")
    print(f"trained in {time.monotonic() - began:.1f} s")
    scores = measured(table, given.gold)
    metadata = {**table.metadata, "about": about(corpus, LEARNER), "scores": scores}
    semap.Table.of_stored(table.tokens, table.stored[0], counts=table.counts, metadata=metadata).save(given.out)
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.2f} MB; {scores}")


def most_frequent(table: semap.Table, n_words: int) -> semap.Table:
    """The first rows, which are the most frequent words."""
    return semap.Table(table.tokens[:n_words], table.vectors[:n_words], counts=table.counts[:n_words], metadata=table.metadata)


def about(corpus: semap.Corpus, learner: Learner) -> str:
    """One sentence for `semap info`."""
    return (
        f"the {N_WORDS:,} most frequent of {len(corpus.vocab):,} English words, trained by semap on {corpus.n_tokens:,} words of "
        f"Wikipedia (CC BY-SA 3.0) in {learner.epochs} epochs; vectors CC BY-SA 3.0"
    )


def measured(table: semap.Table, gold: Path) -> dict[str, Any]:
    """Scores of the table as it is stored."""
    analogies = semap.evaluate.analogies(table, gold / "analogy" / "questions-words.txt", top=30_000)
    scores: dict[str, Any] = {"google analogies, top 30,000": round(analogies.total.accuracy, 4)}
    for name in ("WS-353-ALL", "SIMLEX-999", "MEN-TR-3k", "RW-STANFORD"):
        found = semap.evaluate.similarity(table, gold / "similarity" / f"EN-{name}.txt")
        scores[name] = round(found.spearman, 4)
    return scores


if __name__ == "__main__":
    main()
