"""`semap train`: texts in, a table of their words out."""

from __future__ import annotations

from semap.cli import train_options as options
from semap.cli.asked import Asked
from semap.cli.compiling import watch_compiling
from semap.cli.job import summary
from semap.cli.options import AsJson, Quantize, Quiet
from semap.cli.sheet import Sheet, show

__all__ = ["train"]


def train(
    files: options.Files,
    output: options.Output,
    model: options.Model = "skipgram",
    dim: options.Dim = None,
    window: options.Window = 5,
    negatives: options.Negatives = 5,
    sample: options.Sample = 1e-3,
    ns_exponent: options.NsExponent = 0.75,
    learning_rate: options.LearningRate = None,
    epochs: options.Epochs = 5,
    objective: options.Objective = "negative",
    fixed_window: options.FixedWindow = False,
    lanes: options.Lanes = "auto",
    block: options.Block = "auto",
    pool: options.Pool = "auto",
    threads: options.Threads = 0,
    seed: options.Seed = 1,
    keep_output: options.KeepOutput = False,
    compat: options.Compat = None,
    subwords: options.Subwords = None,
    buckets: options.Buckets = "auto",
    compact: options.Compact = False,
    hashes: options.Hashes = "auto",
    init: options.Init = None,
    init_ids: options.InitIds = None,
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
    """Learn a vector for every word of a text.

    The vectors are saved as a table. They depend on the text and the settings, never on --threads or on interruptions.

    \b
    Examples:
      semap train wiki.txt -o wiki.semap --dim 100 --epochs 5
      semap train corpus/*.txt.gz -o all.semap --model cbow --quantize int8
      semap train wiki.txt -o wiki.semap --subwords 3,6
      semap train big.txt -o big.semap --checkpoint big.state --every 5
      semap train big.txt -o big.semap --checkpoint big.state --resume
      semap train new.txt -o more.semap --init wiki.semap
      semap train zh.txt -o zh.semap --tokenizer tok.json
      semap train wiki.txt -o wiki.semap --phrases wiki.phrases
    """
    asked = Asked(locals())
    asked.check_usage()
    job = asked.job()
    watch_compiling(quiet)
    facts = job.run()
    if as_json or not quiet:
        show(facts, [Sheet(("", ""), summary(facts))], as_json)
