"""Phrases beside gensim's: seconds to find the pairs of a text and to join them, and whether both find the same.

    python bench/phrases.py TEXT --min-count 5 --threshold 10 --threads 2

TEXT is plain text. It is cut into lines of 1,000 words for both. gensim gets them as lists of words in memory, which is quicker
for it than a file, and joins with its frozen phrases, as its documentation advises; semap reads the file, which is timed too.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training import write_lines

import semap

ENGLISH = ("a", "an", "the", "for", "of", "with", "without", "at", "from", "to", "in", "on", "by", "and", "or")
SCORINGS = {
    "default": {},
    "npmi": {"scoring": "npmi", "threshold": 0.5},
    "default, English connectors": {"connectors": ENGLISH},
}


def main() -> None:
    """Find and join with both, compare, print and record."""
    given = arguments()
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        write_lines(given.text, lines)
        semap.Phrases().fit(semap.read_text(["a b a b"] * 3, min_count=1)).apply(
            semap.read_text(["a b"], min_count=1)
        )  # compiles
        whole_words = {"split": "whitespace", "lowercase": False, "normalize": None, "min_count": 1}
        reading, corpus = timed(lambda: semap.read_text(str(lines), threads=given.threads, **whole_words))
        print(f"semap reads the text in {reading:.2f} s: {corpus}", flush=True)
        texts = [line.split() for line in lines.read_text(encoding="utf8").splitlines()]
    rows = [row(given, name, settings, corpus, texts) for name, settings in SCORINGS.items() if name in given.scorings]
    report(given, corpus, reading, rows)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--threshold", type=float, default=10.0)
    parser.add_argument("--scorings", nargs="+", choices=list(SCORINGS), default=list(SCORINGS))
    parser.add_argument("--repeats", type=int, default=3, help="of semap; gensim runs once")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "phrases.md")
    return parser.parse_args()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by the clock, and the result."""
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def row(given: argparse.Namespace, name: str, settings: dict[str, Any], corpus: semap.Corpus, texts: list[list[str]]) -> str:
    """One line of the report."""
    from gensim.models.phrases import Phrases

    ours = {"min_count": given.min_count, "threshold": given.threshold, **settings}
    theirs = {"connector_words" if key == "connectors" else key: value for key, value in ours.items()}
    if "connectors" in ours:
        theirs["connector_words"] = frozenset(ours["connectors"])
    finder = semap.Phrases(threads=given.threads, **ours)
    finds = [timed(lambda: finder.fit(corpus)) for _ in range(given.repeats)]
    model = finds[0][1]
    joins = [timed(lambda: model.apply(corpus, threads=given.threads)) for _ in range(given.repeats)]
    find, join = (statistics.median(seconds for seconds, _ in runs) for runs in (finds, joins))
    print(f"{name}: semap finds {len(model):,} in {find:.2f} s, joins in {join:.2f} s", flush=True)
    peer_find, peer = timed(lambda: Phrases(texts, **theirs).freeze())
    peer_join, joined = timed(lambda: [peer[text] for text in texts])
    print(f"{name}: gensim finds {len(peer.phrasegrams):,} in {peer_find:.2f} s, joins in {peer_join:.2f} s", flush=True)
    result = joins[0][1]
    tokens = result.vocab.tokens[: len(result.vocab)]
    same = all(text == [tokens[token_id] for token_id in ids.tolist()] for text, ids in zip(joined, result.texts(), strict=True))
    far = max((abs(score - model.phrases.get(phrase, 9e9)) for phrase, score in peer.phrasegrams.items()), default=0.0)
    equal = "yes" if len(model) == len(peer.phrasegrams) and same else "NO"
    cells = [f"{len(model):,}", f"{peer_find:.1f}", f"{find:.2f}", f"{peer_find / find:.0f}", f"{peer_join:.1f}", f"{join:.2f}"]
    return f"| {name} | " + " | ".join([*cells, f"{peer_join / join:.0f}", equal, f"{far:.1e}"]) + " |"


def report(given: argparse.Namespace, corpus: semap.Corpus, reading: float, rows: list[str]) -> None:
    """Print and write what was measured."""
    flags = f"--min-count {given.min_count} --threshold {given.threshold:g} --threads {given.threads}"
    lines = [
        "# Phrases",
        "",
        f"`python bench/phrases.py {given.text.name} {flags}`, {datetime.date.today()}, {given.machine}.",
        f"{corpus.n_tokens:,} words, {len(corpus.vocab):,} different, in lines of 1,000. Seconds by the clock, on a",
        f"machine that does other work too; semap: median of {given.repeats} runs. Its reading of the text (once,",
        f"{reading:.2f} s) is not in them; gensim's words lie in memory as lists. Same: the same phrases, and the same",
        "texts once they are joined, to the last token;",
        "difference: the largest of their scores.",
        "",
        "| scoring | phrases | gensim finds | semap finds | x | gensim joins | semap joins | x | same | difference |",
        "|---" * 10 + "|",
        *rows,
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text)


if __name__ == "__main__":
    main()
