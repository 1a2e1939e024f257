"""Text in, a corpus out: read once, beside 4 bytes a token in constant memory, on several threads."""

from __future__ import annotations

import operator
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from semap.corpus.corpus import Corpus
from semap.errors import EmptyCorpus, SemapWarning, SettingsError
from semap.parallel.crew import thread_count
from semap.progress import Progress, progress_for
from semap.text.source import Files, Source, Texts, TokenLists, find_source
from semap.text.splitter import Errors, Normalize, Split, Splitter
from semap.tokenize.subwords import SubWords
from semap.vocab.vocab import Vocab

if TYPE_CHECKING:  # loads the compiler of the kernels
    from semap.text.scanner import Scanned
    from semap.tokenize.tokenizer import Tokenizer

__all__ = ["read_text"]


def read_text(
    source: Source, *, min_count: int = 5, max_size: int | None = None, split: Split = "words", lowercase: bool = True,
    normalize: Normalize | None = "NFC", errors: Errors = "replace", vocab: Vocab | None = None,
    tokenizer: Tokenizer | None = None, threads: int = 0, progress: bool | Progress = False,
) -> Corpus:  # fmt: skip
    """Read texts once, find their vocabulary and return them as token ids.

    source: a str or PathLike is a file, a folder, a glob, or "-" for standard input (.gz, .bz2, .xz and .zst are
        unpacked), one text a line (a line ends with a line feed, or a carriage return and one; nothing else ends it); an
        iterable of PathLike names files, one of str holds texts, one of lists of str holds tokens, taken as they are.
    min_count: tokens that come less often are left out; max_size: and so are all but the most frequent, None keeps them.
        Tokens are ordered by falling count, ties by their UTF-8 bytes.
    split, lowercase, normalize, errors: see `semap.text.splitter.Splitter`.
    vocab: encode with this vocabulary and leave out what it does not have; `min_count` is not looked at then.
    tokenizer: split into its sub-words, as it normalises them; `split`, `lowercase` and `normalize` are for words and are not set
        then. The ids of the corpus are those of its own vocabulary, ordered by count; its tokens are the tokenizer's.
    threads: 0 for every CPU of this process; the result has the same bits for any. progress: True shows it.

    A line without a token, or that keeps none, is no text. `facts` of the result counts what was read, replaced and
    left out. Raises SettingsError, FileMissing, BadFile, MissingExtra, BadText (a file that is no text, or errors="strict")
    and EmptyCorpus (nothing is left). Warns once, with the number, of replaced bytes and of files in a folder that were not read.
    """
    splitter = Splitter(split, lowercase, normalize, errors)
    if tokenizer is not None:
        _check_tokenizer(tokenizer, splitter)
    min_count, max_size = _checked(min_count, max_size, vocab)
    threads = thread_count(threads)
    found = find_source(source, errors)
    from semap.corpus.encode import encode, encode_with

    scanned = _scan(found, splitter, tokenizer, threads, progress_for(progress))
    told = None if tokenizer is not None or isinstance(found, TokenLists) else splitter
    if vocab is not None:
        corpus = encode_with(scanned, told, vocab, threads)
    else:
        corpus = encode(scanned, told, min_count, max_size, threads)
    if tokenizer is not None:
        corpus = replace(corpus, splitter=SubWords.of(tokenizer))
    for message in _remarks(found, scanned):
        warnings.warn(message, SemapWarning, stacklevel=2)
    return corpus


def _scan(
    found: Files | Texts | TokenLists, splitter: Splitter, tokenizer: Tokenizer | None, threads: int, shown: Progress
) -> Scanned:
    from semap.text.scanner import scan_chunks
    from semap.text.tokenlists import number_token_lists

    shown.start("reading", found.n_bytes if isinstance(found, Files) else 0, "bytes")
    try:
        if tokenizer is not None:
            from semap.corpus.subwords import number_subwords

            told = (lambda n_bytes: shown.update(found.bytes_done)) if isinstance(found, Files) else shown.update
            scanned = number_subwords(found, tokenizer, splitter.errors, threads, told)
        elif isinstance(found, TokenLists):
            scanned = number_token_lists(found, splitter.errors)
        else:
            told = (lambda n_bytes: shown.update(found.bytes_done)) if isinstance(found, Files) else shown.update
            scanned = scan_chunks(found.chunks(), splitter, threads, told)
            scanned.files = len(found.paths) if isinstance(found, Files) else 0
    finally:
        shown.finish()
    if not scanned.numbered.n_tokens:
        raise EmptyCorpus(f"{_nothing(found)}: {scanned.bytes_read:,} bytes were read")
    return scanned


def _nothing(found: Files | Texts | TokenLists) -> str:
    if not isinstance(found, Files):
        return "the iterable holds no token"
    if len(found.paths) == 1:
        return f"{found.paths[0]} holds no token"
    return f"none of {len(found.paths):,} files holds a token"


def _remarks(found: Files | Texts | TokenLists, scanned: Scanned) -> list[str]:
    """What the caller should know although it is no error."""
    remarks = []
    if isinstance(found, Files) and found.left_out:
        remarks.append(f"not read: {', '.join(found.left_out)}")
    if scanned.replaced:
        first = "" if scanned.first_bad is None else f", first in {scanned.first_bad[0]} at byte {scanned.first_bad[1]:,}"
        remarks.append(
            f"{scanned.replaced:,} times bytes that are not UTF-8 were replaced by U+FFFD{first}; convert the text, or give "
            'errors="strict" to refuse it'
        )
    return remarks


def _check_tokenizer(tokenizer: object, splitter: Splitter) -> None:
    if not all(hasattr(tokenizer, name) for name in ("ids", "tokens", "fingerprint")):
        raise SettingsError(f"tokenizer is {tokenizer!r:.60}; give a semap.Tokenizer, as from semap.Tokenizer.load(path)")
    set_too = [name for name in ("split", "lowercase", "normalize") if getattr(splitter, name) != getattr(Splitter(), name)]
    if set_too:
        raise SettingsError(f"{', '.join(set_too)} and tokenizer were given; a tokenizer does that itself: give one of the two")


def _checked(min_count: int, max_size: int | None, vocab: Vocab | None) -> tuple[int, int | None]:
    if vocab is not None and max_size is not None:
        raise SettingsError(f"max_size is {max_size} and a vocab of {len(vocab):,} tokens was given; give one of the two")
    return _at_least_one("min_count", min_count), None if max_size is None else _at_least_one("max_size", max_size)


def _at_least_one(name: str, value: int) -> int:
    try:
        whole = operator.index(value)
    except TypeError:
        raise SettingsError(f"{name} is {value!r}; give a whole number from 1") from None
    if whole < 1 or isinstance(value, bool):
        raise SettingsError(f"{name} is {value!r}; give a whole number from 1 (1 keeps every token)")
    return whole
