"""`semap glove`: texts in, a table of their words out, learned from how often words stand near each other."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from semap.cli import train_options as options
from semap.cli.asked import Asked
from semap.cli.compiling import watch_compiling
from semap.cli.job import summary
from semap.cli.options import AsJson, Quantize, Quiet
from semap.cli.sheet import Sheet, show

__all__ = ["glove"]


def glove(
    files: options.Files,
    output: options.Output,
    dim: Annotated[int, typer.Option(help="Length of the vectors.")] = 100,
    window: Annotated[int, typer.Option(help="Words to each side that count as near.")] = 10,
    x_max: Annotated[float, typer.Option(help="Pairs that are found so often have their full weight.")] = 100.0,
    alpha: Annotated[float, typer.Option(help="Rarer ones have (count / x_max) to this power.")] = 0.75,
    learning_rate: Annotated[float, typer.Option(help="Of AdaGrad.")] = 0.05,
    epochs: Annotated[int, typer.Option(help="How often all counts are trained.")] = 25,
    symmetric: Annotated[bool, typer.Option("--symmetric/--left-only", help="Count words on both sides.")] = True,
    distance_weighting: Annotated[
        bool, typer.Option("--distance-weighting/--no-distance-weighting", help="Count a word d places away as 1 / d.")
    ] = True,
    vectors: Annotated[
        Literal["sum", "words"], typer.Option(help="Of a word as word and as context, summed, or as word only.")
    ] = "sum",
    memory: Annotated[
        int, typer.Option(metavar="BYTES", help="For the counts; what is more goes to temporary files.")
    ] = 2_000_000_000,
    threads: options.Threads = 0,
    seed: options.Seed = 1,
    min_count: options.MinCount = 5,
    max_size: options.MaxSize = None,
    split: options.Split = "words",
    lowercase: options.Lowercase = True,
    normalize: options.Normalize = "NFC",
    errors: options.Errors = "replace",
    tokenizer: options.Tokenizer = None,
    phrases: options.Phrases = None,
    checkpoint: options.Checkpoint = None,
    every: options.Every = None,
    resume: options.Resume = False,
    quantize: Quantize = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Learn a vector for every word of a text with GloVe.

    It counts once how often words stand near each other and makes the products of vectors the logarithms of that; semap train
    learns skip-gram and cbow from the text itself. The vectors never depend on --threads, --memory or interruptions.

    \b
    Examples:
      semap glove wiki.txt -o wiki.semap --dim 100 --epochs 25
      semap glove small.txt -o small.semap --x-max 10 --window 5
      semap glove big/*.gz -o big.semap --memory 8000000000 --checkpoint big.state
      semap glove big/*.gz -o big.semap --memory 8000000000 --checkpoint big.state --resume
    """
    asked = Asked({**locals(), "model": "glove", "init": None, "init_ids": None})
    asked.check_usage()
    job = asked.job()
    watch_compiling(quiet)
    facts = job.run()
    if as_json or not quiet:
        show(facts, [Sheet(("", ""), [*summary(facts), ("cells", f"{facts['training']['cells']:,}")])], as_json)
