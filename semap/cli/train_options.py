"""The options of `semap train`: one name for each setting of the learners, the text and the checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from semap.cli.options import n_gram_lengths, positive_minutes, whole_or_auto

__all__ = [
    "Block", "Buckets", "Checkpoint", "Compact", "Compat", "Dim", "Epochs", "Errors", "Every", "Files", "FixedWindow", "Hashes",
    "Init", "InitIds", "KeepOutput", "Lanes", "LearningRate", "Lowercase", "MaxSize", "MinCount", "Model", "Negatives",
    "Normalize", "NsExponent", "Objective", "Output", "Phrases", "Pool", "Resume", "Sample", "Seed", "Split", "Subwords",
    "Threads", "Tokenizer", "Window",
]  # fmt: skip

_AUTO = {"parser": whole_or_auto, "metavar": "N|auto"}

Files: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="FILES", help='Texts, one a line: files, folders, globs, "-" for standard input; .gz .bz2 .xz .zst too.'
    ),
]
Output: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="OUT",
        help="Where the table goes; its ending names the format, .semap keeps everything.",
    ),
]
Model: TypeAlias = Annotated[Literal["skipgram", "cbow"], typer.Option(help="Which learner; semap glove is a third.")]
Dim: TypeAlias = Annotated[int | None, typer.Option(help="Length of the vectors.", show_default="100, or that of --init")]
Window: TypeAlias = Annotated[int, typer.Option(help="Words to each side of the centre.")]
Negatives: TypeAlias = Annotated[int, typer.Option(help="Noise words a centre is told apart from.")]
Sample: TypeAlias = Annotated[
    float, typer.Option(help="Words with a larger share of the text are left out at random; 0 keeps all.")
]
NsExponent: TypeAlias = Annotated[float, typer.Option(help="Noise is drawn in proportion to count to this power.")]
LearningRate: TypeAlias = Annotated[
    float | None,
    typer.Option(help="First learning rate; it falls to 1e-4 of itself.", show_default="0.025; 0.1 for cbow"),
]
Epochs: TypeAlias = Annotated[int, typer.Option(help="How often the text is read.")]
Objective: TypeAlias = Annotated[
    Literal["negative", "hierarchical", "softmax"],
    typer.Option(help="Negative sampling, a tree of the words, or the exact softmax over all of them (slow; skipgram only)."),
]
FixedWindow: TypeAlias = Annotated[
    bool, typer.Option("--fixed-window", help="Always the whole window, not 1 .. window at random.")
]
Lanes: TypeAlias = Annotated[str, typer.Option(help="Blocks in a round: part of the model, like a batch size.", **_AUTO)]
Block: TypeAlias = Annotated[str, typer.Option(help="Words in a block.", **_AUTO)]
Pool: TypeAlias = Annotated[str, typer.Option(help="Noise words drawn for a block.", **_AUTO)]
Threads: TypeAlias = Annotated[int, typer.Option(help="0 for every CPU; never changes the result.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of everything that is drawn at random.")]
KeepOutput: TypeAlias = Annotated[
    bool, typer.Option("--keep-output", help="Keep the second matrix, for going on from this table.")
]
Compat: TypeAlias = Annotated[
    Literal["word2vec", "fasttext"] | None,
    typer.Option(help="The gradient as word2vec.c (cbow; use --learning-rate 0.05) or fastText (--subwords) has it, undivided."),
]
Subwords: TypeAlias = Annotated[
    str | None,
    typer.Option(
        parser=n_gram_lengths, metavar="MIN,MAX", help="Learn character n-grams of these lengths: words never seen get vectors."
    ),
]
Buckets: TypeAlias = Annotated[
    str, typer.Option(help="Rows that n-grams are hashed to.", show_default="2000000; 50000 with --compact", **_AUTO)
]
Compact: TypeAlias = Annotated[
    bool, typer.Option("--compact", help="Hash whole words into the same few rows as n-grams, as floret does.")
]
Hashes: TypeAlias = Annotated[str, typer.Option(help="Rows of each string.", show_default="1; 2 with --compact", **_AUTO)]
Init: TypeAlias = Annotated[
    str | None, typer.Option("--init", metavar="TABLE", help="Go on from this table; new words are added.")
]
InitIds: TypeAlias = Annotated[
    Path | None, typer.Option("--init-ids", metavar="FILE", help="The ids of --init where it is a .npy file.")
]
MinCount: TypeAlias = Annotated[int, typer.Option(help="Words that come less often are left out.")]
MaxSize: TypeAlias = Annotated[int | None, typer.Option(help="Keep only the so many most frequent words.")]
Split: TypeAlias = Annotated[
    Literal["words", "whitespace"], typer.Option(help="What separates words: all but letters and numbers, or blanks.")
]
Lowercase: TypeAlias = Annotated[bool, typer.Option("--lowercase/--no-lowercase", help="Whether The and the are one word.")]
Normalize: TypeAlias = Annotated[Literal["NFC", "NFKC", "NFD", "NFKD", "none"], typer.Option(help="Unicode form of the words.")]
Errors: TypeAlias = Annotated[
    Literal["replace", "strict"], typer.Option(help="Replace bytes that are not UTF-8, or refuse them.")
]
Tokenizer: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--tokenizer", metavar="FILE", help="Split with this tokenizer.json: for scripts without blanks, and sub-words."
    ),
]
Phrases: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--phrases", metavar="FILE", help="Join these phrases, of semap phrases; may be given again for longer ones."),
]
Checkpoint: TypeAlias = Annotated[
    Path | None, typer.Option("--checkpoint", metavar="DIR", help="Save the state here now and then, and at Ctrl-C.")
]
Every: TypeAlias = Annotated[
    float | None,
    typer.Option(parser=positive_minutes, metavar="MINUTES", help="How often (fractions are allowed).", show_default="10"),
]
Resume: TypeAlias = Annotated[
    bool, typer.Option("--resume", help="Go on from --checkpoint, to the same bits as an unbroken run.")
]
