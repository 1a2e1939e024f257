"""Texts in, their vectors or their tokens out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from semap.arrays import FloatMatrix
from semap.serve import bodies
from semap.serve.encoding import Inputs, Vectors
from semap.serve.numbers import as_asked
from semap.serve.refusal import Refusal
from semap.serve.served import ServedTable
from semap.serve.settings import Limits
from semap.serve.tables import Tables
from semap.text.splitter import Splitter

__all__ = ["embeddings", "tokenize"]

_CHARACTERS = 64  # a token; a text with more for every token that it may have is refused before it is split
_NAMED = 5  # inputs in a message


async def embeddings(request: bodies.Embeddings, tables: Tables, limits: Limits) -> bodies.EmbeddingsAnswer:
    """Return one vector of length 1 for each input, as OpenAI's service does, or refuse the whole request.

    An input without a token that the table knows has no vector: Refusal (422), since zeros would look like one.
    """
    served = tables.of(request.model)
    dim = request.dimensions or served.table.dim
    if dim > served.table.dim:
        message = f"dimensions is {dim:,}; give a number from 1 to {served.table.dim:,}, what vectors of {served.name!r} have"
        raise Refusal(400, message, param="dimensions")
    inputs = _inputs(request.input, served, limits)
    found = await served.encodings.ask(inputs)
    _check_sizes(found, request.input, limits)
    _check_known(found, request.input, served)
    vectors = found.vectors if dim == served.table.dim else _truncated(found.vectors, dim)
    data = [bodies.Item(place, each) for place, each in enumerate(as_asked(vectors, request.encoding_format))]
    n_tokens = int(found.sizes.sum())
    return bodies.EmbeddingsAnswer(served.name, data, bodies.Usage(n_tokens, n_tokens))


async def tokenize(request: bodies.Tokenize, tables: Tables, limits: Limits) -> bodies.TokenizeAnswer:
    """Return the tokens of a text as `embeddings` finds them."""
    served = tables.of(request.model)
    _check_characters(request.text, "text", limits)
    pieces: list[bodies.Piece] = await served.asides.ask(partial(_pieces, served, request.text))
    if len(pieces) > limits.tokens:
        raise _too_long("text", len(pieces), limits)
    n_known = sum(piece.id is not None for piece in pieces)
    return bodies.TokenizeAnswer(served.name, pieces, n_known, len(pieces) - n_known)


def _inputs(given: Any, served: ServedTable, limits: Limits) -> Inputs:
    """The texts, or the lists of token ids, of a request; either may be given as one. Raises Refusal (400)."""
    asked = given
    if _single(given):
        if not isinstance(given, str) and not all(isinstance(each, int) for each in given):
            raise _mixed()
        given = [given]
    kind = type(given[0])
    if len(given) > limits.items:
        message = f"input has {len(given):,} items, one request may have {limits.items:,}; send several requests"
        raise Refusal(400, message, param="input", code="too_many_items")
    for place, each in enumerate(given):
        if type(each) is not kind:
            raise _mixed()
        param = _param(asked, place)
        if kind is str:
            _check_characters(each, param, limits)
        elif len(each) > limits.tokens:
            raise _too_long(param, len(each), limits)
        elif max(each) >= served.encoder.n_ids:
            message = f"token id {max(each):,} is not one of {served.name!r}, which has 0 to {served.encoder.n_ids - 1:,}"
            raise Refusal(400, message, param=param)
    inputs: Inputs = given
    return inputs


def _single(given: Any) -> bool:
    """Whether the input of a request is one text, or the token ids of one, instead of a list of such."""
    return isinstance(given, str) or isinstance(given[0], int)


def _param(given: Any, place: int) -> str:
    """What to call one of the inputs of a request."""
    return "input" if _single(given) else f"input[{place}]"


def _mixed() -> Refusal:
    return Refusal(400, "input mixes texts, token ids and lists of them; give items of one kind", param="input")


def _check_characters(text: str, param: str, limits: Limits) -> None:
    if len(text) > limits.tokens * _CHARACTERS:
        most = limits.tokens * _CHARACTERS
        message = f"{param} has {len(text):,} characters, a text may have {most:,}; split it"
        raise Refusal(400, message, param=param, code="text_too_long")


def _check_sizes(found: Vectors, given: Any, limits: Limits) -> None:
    longest = int(found.sizes.max())
    if longest > limits.tokens:
        raise _too_long(_param(given, int(found.sizes.argmax())), longest, limits)


def _too_long(param: str, n_tokens: int, limits: Limits) -> Refusal:
    message = f"{param} has {n_tokens:,} tokens, a text may have {limits.tokens:,}; split it"
    return Refusal(400, message, param=param, code="text_too_long")


def _check_known(found: Vectors, given: Any, served: ServedTable) -> None:
    lost = np.flatnonzero(~found.vectors.any(axis=1)).tolist()  # vectors that cancel out have no direction either
    if lost:
        named = ", ".join(_param(given, place) for place in lost[:_NAMED]) + (", ..." if len(lost) > _NAMED else "")
        message = (
            f"{len(lost):,} of {len(found.vectors):,} inputs have no vector, since {served.name!r} knows none of their tokens "
            f"or these cancel out; leave them out: {named}"
        )
        raise Refusal(422, message, param=_param(given, lost[0]), code="no_known_token")


def _truncated(vectors: FloatMatrix, dim: int) -> FloatMatrix:
    """The first numbers of each vector at length 1 again, reckoned in float64; a vector of zeros stays so."""
    first = vectors[:, :dim].astype(np.float64)
    lengths = np.sqrt(np.einsum("nd,nd->n", first, first))
    return np.asarray(first / np.where(lengths > 0, lengths, 1)[:, None], np.float32)


def _pieces(served: ServedTable, text: str) -> list[bodies.Piece]:
    """The tokens of a text with the ids that `embeddings` takes for them."""
    pipeline = served.pipeline
    if isinstance(pipeline.tokenizer, Splitter):
        rows = served.table.ids(pipeline.tokenizer(text)).tolist()
        places = _places(text, pipeline.tokenizer.pieces(text))
        return [_piece(text, row, row, *place) for row, place in zip(rows, places, strict=True)]
    found = pipeline.tokenizer.encode(text)
    ids = found.ids.tolist()
    known = pipeline.tokenizing.row_of[found.ids].tolist()  # type: ignore[attr-defined]
    return [_piece(text, *each, *place) for *each, place in zip(ids, known, found.offsets.tolist(), strict=True)]


def _piece(text: str, token_id: int, row: int, start: int, end: int) -> bodies.Piece:
    return bodies.Piece(text[start:end], token_id if row >= 0 else None, start, end)


def _places(text: str, pieces: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the pieces of a text stand: between two of them is nothing that begins one."""
    end = 0
    for piece in pieces:
        start = text.index(piece, end)
        end = start + len(piece)
        yield start, end
