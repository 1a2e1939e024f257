"""Guess the next item of a session with item2vec, beside gensim's word2vec with the same settings, and beside popularity.

Each user's last item is left out and asked for; the settings were chosen by asking for the one before it. gensim's vectors are
scored by the same function. Usage: python bench/sessions.py DATA/recsys/amazon_beauty_seq.txt --threads 2
"""

from __future__ import annotations

import argparse
import datetime
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared/data/recsys/amazon_beauty_seq.txt"
SETTINGS: dict[str, Any] = {
    "dim": 64, "window": 10, "epochs": 20, "sample": 0, "ns_exponent": 0.5, "learning_rate": 0.05, "negatives": 10,
}  # fmt: skip
SHAPE = {"lanes": 4, "block": 512, "pool": 1024}  # chosen like the settings; the other tool has no such thing
PEER = {
    "dim": "vector_size",
    "learning_rate": "alpha",
    "negatives": "negative",
}  # what gensim calls them; the others have the same names


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", nargs="?", type=Path, default=DATA, help="rows `user item`, in the order of time")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/sessions.md")
    chosen = options.parse_args()
    import semap
    from semap.evaluate import next_item, without_last

    began = time.perf_counter()
    whole = semap.read_sessions(chosen.rows, layout="pairs", threads=chosen.threads)
    reading = time.perf_counter() - began
    train = without_last(whole)
    semap.SkipGram(**SETTINGS | SHAPE | {"epochs": 1}, threads=chosen.threads).fit(train)  # compiles
    lines = [
        "# The next item of a session",
        "",
        f"`python bench/sessions.py {chosen.rows.name} --threads {chosen.threads}`, {datetime.date.today()}, {chosen.machine}. "
        f"{len(whole):,} users, {len(train.vocab):,} items, read in {reading:.1f} s. "
        f"Settings: `{SETTINGS}`, of semap also `{SHAPE}`.",
        "",
        "| what | asked by | HR@10 | MRR@10 | training, seconds |",
        "|---|---|---|---|---|",
    ]
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    for name, learn in (("semap", semap_table), ("gensim", gensim_table)):
        began = time.perf_counter()
        table = learn(train, chosen.threads)
        seconds = time.perf_counter() - began
        for by in ("output", "cosine"):
            scores = next_item(table, whole, by=by, threads=chosen.threads)
            lines.append(f"| {name} | {by} | {scores.hit_rate:.4f} | {scores.mrr:.4f} | {seconds:.1f} |")
            print(lines[-1], flush=True)
        if name == "semap":
            lines.append(f"| popularity | | {scores.popularity_hit_rate:.4f} | {scores.popularity_mrr:.4f} | |")
            print(lines[-1], flush=True)
        chosen.out.write_text("\n".join(lines) + "\n")  # now already: gensim takes minutes


def semap_table(train: Any, threads: int) -> Any:
    """Skip-gram of semap."""
    import semap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return semap.SkipGram(**SETTINGS, **SHAPE, keep_output=True, threads=threads).fit(train)


def gensim_table(train: Any, threads: int) -> Any:
    """Skip-gram of gensim, its vectors as a table."""
    from gensim.models import Word2Vec

    import semap

    tokens = list(train.vocab.tokens)
    texts = [[tokens[item] for item in text.tolist()] for text in train.texts()]
    settings = {PEER.get(name, name): value for name, value in SETTINGS.items()}
    model = Word2Vec(texts, sg=1, min_count=1, workers=threads, seed=1, **settings)
    counts = [model.wv.get_vecattr(token, "count") for token in model.wv.index_to_key]
    return semap.Table(model.wv.index_to_key, model.wv.vectors, counts=counts, output_vectors=model.syn1neg)


if __name__ == "__main__":
    main()
