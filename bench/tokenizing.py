"""Tokenizers beside the `tokenizers` library: ids of texts, and training; written to bench/results/tokenizing.md.

    python bench/tokenizing.py TEXT --model tokenizer.json

Ids: the paragraphs of TEXT, semap with an empty cache (a new tokenizer for each turn) and with a full one, the library by
`encode_batch_fast`, its quickest way; they take turns. The ids are compared, every one of them. Training: byte-level BPE on
TEXT, with the same settings; the merges are compared.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tokenizers

from semap.tokenize.tokenizer import Tokenizer

ROOT = Path(__file__).parents[1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("text", type=Path)
    options.add_argument("--model", type=Path, default=ROOT / "../shared/data/formats/model2vec_int8/tokenizer.json")
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--vocab-size", type=int, default=30_000)
    options.add_argument("--machine", default="2 cores, AVX-512", help="in words, for the record")
    options.add_argument("--out", type=Path, default=ROOT / "bench/results/tokenizing.md")
    chosen = options.parse_args()
    # The library's one pool of threads is sized when it is first used.
    os.environ["RAYON_NUM_THREADS"] = str(chosen.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    lines = chosen.text.read_text(encoding="utf-8").split("\n")
    ours = Tokenizer.train(chosen.text, vocab_size=chosen.vocab_size)  # compiles the kernels, or loads them
    ours.ids(lines[:10])
    sections = [ids_table("WordPiece (" + chosen.model.parent.name + ")", Tokenizer.load(chosen.model).to_json(), lines, chosen)]
    sections.append(ids_table(f"byte-level BPE, {ours.vocab_size:,} tokens, trained here", ours.to_json(), lines, chosen))
    sections.append(training_table(lines, chosen))
    command = f"python bench/tokenizing.py {chosen.text.name} --threads {chosen.threads} --turns {chosen.turns}"
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    head = f"# Tokenizers\n\n`{command}`, {datetime.date.today()}, {chosen.machine}, {load}.\n{len(lines):,} texts, tokenizers "
    chosen.out.write_text(head + f"{tokenizers.__version__}. Medians of turns taken alternately.\n\n" + "\n".join(sections))
    print(chosen.out.read_text())


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def ids_table(name: str, text: str, lines: list[str], chosen: argparse.Namespace) -> str:
    library = tokenizers.Tokenizer.from_str(text)
    cold, warm, theirs = [], [], []
    equal = True
    for _ in range(chosen.turns):
        fresh = Tokenizer.from_json(text)
        seconds, (ids, offsets) = timed(lambda fresh=fresh: fresh.ids(lines, threads=chosen.threads))
        cold.append(seconds)
        warm.append(timed(lambda fresh=fresh: fresh.ids(lines, threads=chosen.threads))[0])
        seconds, found = timed(lambda: [each.ids for each in library.encode_batch_fast(lines, add_special_tokens=False)])
        theirs.append(seconds)
        equal &= all(ids[offsets[row] : offsets[row + 1]].tolist() == expected for row, expected in enumerate(found))
    rates = [len(lines) / statistics.median(seconds) for seconds in (cold, warm, theirs)]
    ratios = [statistics.median(b / a for a, b in zip(seconds, theirs, strict=True)) for seconds in (cold, warm)]
    return (
        f"## Ids: {name}\n\n| texts a second | | times the library |\n|---|---|---|\n"
        f"| semap, empty cache | {rates[0]:,.0f} | {ratios[0]:.1f} |\n| semap, full cache | {rates[1]:,.0f} | {ratios[1]:.1f} |\n"
        f"| tokenizers | {rates[2]:,.0f} | |\n\nEvery id is {'equal' if equal else 'NOT equal'}.\n"
    )


def training_table(lines: list[str], chosen: argparse.Namespace) -> str:
    def library() -> Any:
        made = tokenizers.Tokenizer(tokenizers.models.BPE())
        made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=chosen.vocab_size, min_frequency=2, show_progress=False, special_tokens=["<pad>"],
            initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        )  # fmt: skip
        made.train_from_iterator(iter(lines), trainer)
        return made

    seconds: dict[str, list[float]] = {"semap": [], "tokenizers": []}
    for _ in range(chosen.turns):
        took, ours = timed(lambda: Tokenizer.train(lines, vocab_size=chosen.vocab_size))
        seconds["semap"].append(took)
        took, theirs = timed(library)
        seconds["tokenizers"].append(took)
    same = Tokenizer.from_json(theirs.to_str()).pipeline["model"]["merges"] == ours.pipeline["model"]["merges"]
    rows = "\n".join(f"| {name} | {statistics.median(took):.2f} |" for name, took in seconds.items())
    return (
        f"## Training byte-level BPE, {chosen.vocab_size:,} tokens\n\n| | seconds |\n|---|---|\n{rows}\n\n"
        f"The merges are {'equal, in the same order' if same else 'NOT equal'}.\n"
    )


if __name__ == "__main__":
    main()
