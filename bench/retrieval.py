"""Retrieval on the Cranfield collection, written to bench/results/retrieval.md.

    python bench/retrieval.py

BM25, static vectors, and hybrids of both by reciprocal rank.
"""

from __future__ import annotations

import argparse
import datetime
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "../shared/data"
FILES = [DATA / "sentence/cranfield" / name for name in ("cran.all.1400.xml", "cran.qry.xml", "cranqrel.trec.txt")]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/retrieval.md")
    chosen = options.parse_args()
    text = "\n".join(
        [
            "# Retrieval: Cranfield",
            "",
            f"`python bench/retrieval.py`, {datetime.date.today()}, {chosen.machine}.",
            "Title and text of 1,400 documents, 225 queries.",
            "",
            *lines(),
        ]
    )
    print(text)
    chosen.out.write_text(text + "\n")


def lines() -> list[str]:
    """A line for each system."""
    import semap
    from semap.errors import SemapWarning
    from semap.evaluate import BM25, Hybrid, read_collection, retrieval

    warnings.simplefilter("ignore", SemapWarning)  # 8 documents are longer than model2vec's 512 tokens
    collection = read_collection(*FILES)
    static = semap.Pipeline.load(DATA / "formats/model2vec_int8")
    english = semap.Pipeline.from_table(semap.load("english"))
    own = semap.Pipeline.from_table(semap.load("english"), sif_a=1e-3).fit(
        list(collection.documents.values()), n_components="all"
    )
    systems = {
        "BM25 (k1 1.2, b 0.75)": BM25(),
        "formats/model2vec_int8": static,
        "english, SIF as shipped": english,
        "english, SIF fitted on the documents": own,
        "hybrid: BM25 + model2vec_int8": Hybrid([BM25(), static]),
        "hybrid: BM25 + english fitted on the documents": Hybrid([BM25(), own]),
    }
    rows = ["| | nDCG@10 | recall@10 | time |", "|---|---|---|---|"]
    for name, system in systems.items():
        began = time.perf_counter()
        scores = retrieval(system, collection)
        rows.append(f"| {name} | {scores.ndcg:.4f} | {scores.recall:.4f} | {time.perf_counter() - began:.2f} s |")
    return rows


if __name__ == "__main__":
    main()
