"""A question about tokens in, what the table says out: models, neighbours, analogies, cosines, vectors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.errors import ShapeError, UnknownToken
from semap.index.distances import cosine
from semap.index.vectors import finite_matrix, unit_rows
from semap.serve import bodies
from semap.serve.names import spelled
from semap.serve.numbers import as_asked
from semap.serve.refusal import Refusal
from semap.serve.searching import Found, Search
from semap.serve.served import ServedTable
from semap.serve.settings import Limits
from semap.serve.tables import Tables

__all__ = ["analogy", "lookup", "models", "similar", "similarity"]

_SHOWN = 60  # characters of a token, in a message


async def models(request: None, tables: Tables, limits: Limits) -> bodies.ModelsAnswer:
    """Return every table."""
    return bodies.ModelsAnswer(
        [
            bodies.Model(
                served.name, served.created, len(served.table), served.table.dim,
                "exact" if served.approximate is None else "approximate",
            )
            for served in tables
        ]
    )  # fmt: skip


async def similar(request: bodies.Similar, tables: Tables, limits: Limits) -> bodies.HitsAnswer:
    """Return the tokens nearest to a token or a vector, with their cosines: what `semap.similar` returns."""
    served = tables.of(request.model)
    _check_k(request.k, limits)
    if (request.token is None) == (request.vector is None):
        raise Refusal(400, "give a token or a vector, and not both", param="token")
    if request.token is not None:
        row = served.names.row(request.token)
        if row >= 0 or not served.table.composes:
            row = await _row(served, request.token, "token")
            search = Search(served.vector(row), request.k, (row,))
        else:
            _, vectors = await _asked(served, {"token": request.token})
            search = Search(vectors[0], request.k, ())
    else:
        search = Search(_vector(request.vector, served), request.k, ())
    return _hits(served, await served.searches.ask(search))


async def analogy(request: bodies.Analogy, tables: Tables, limits: Limits) -> bodies.HitsAnswer:
    """Return the best answers to "a is to b as c is to ...": what `semap.analogy` returns."""
    served = tables.of(request.model)
    _check_k(request.k, limits)
    rows, vectors = await _asked(served, {name: getattr(request, name) for name in ("a", "b", "c")})
    if request.method == "add":
        a, b, c = unit_rows(vectors).astype(np.float64)
        vector = (b - a + c).astype(np.float32)
        return _hits(served, await served.searches.ask(Search(vector, request.k, tuple(rows))))

    def question() -> list[tuple[str, float]]:
        """Look at every row three times: this is no product that others can share."""
        from semap.index.questions import analogy as answer_analogy

        return answer_analogy(served.table, request.a, request.b, request.c, request.k, method="mul", index=served.exact)

    found = await served.asides.ask(question)
    return bodies.HitsAnswer(served.name, [bodies.Hit(spelled(token), score) for token, score in found])


async def similarity(request: bodies.Similarity, tables: Tables, limits: Limits) -> bodies.CosineAnswer:
    """Return the cosine of two tokens."""
    served = tables.of(request.model)
    _, (a, b) = await _asked(served, {"a": request.a, "b": request.b})
    return bodies.CosineAnswer(served.name, float(cosine(a, b)))


async def lookup(request: bodies.Lookup, tables: Tables, limits: Limits) -> bodies.LookupAnswer:
    """Return the vectors of tokens as they stand in the table."""
    served = tables.of(request.model)
    if len(request.tokens) > limits.items:
        message = f"tokens has {len(request.tokens):,} items, one request may have {limits.items:,}; send several requests"
        raise Refusal(400, message, param="tokens", code="too_many_items")
    rows = await served.asides.ask(lambda: list(map(served.names.row, request.tokens)))
    unknown = [place for place, row in enumerate(rows) if row < 0]
    if unknown and not served.table.composes:
        raise await _unknown(served, request.tokens[unknown[0]], f"tokens[{unknown[0]}]", len(unknown))
    found = served.table.rows(rows) if not unknown else await _composed(served, request.tokens, "tokens[{}]".format)
    vectors = as_asked(found, request.encoding_format)
    data = [bodies.NamedItem(place, *each) for place, each in enumerate(zip(request.tokens, vectors, strict=True))]
    return bodies.LookupAnswer(served.name, data)


async def _asked(served: ServedTable, tokens: dict[str, str]) -> tuple[list[int], FloatMatrix]:
    """The rows of those tokens that have one, and the vectors of all, by the fields that name them. Raises Refusal (404)."""
    rows = [served.names.row(token) for token in tokens.values()]
    if min(rows) >= 0 or not served.table.composes:
        found = [await _row(served, token, param) for param, token in tokens.items()]
        return found, served.table.rows(found)
    vectors = await _composed(served, list(tokens.values()), list(tokens).__getitem__)
    return [row for row in rows if row >= 0], vectors


async def _composed(served: ServedTable, tokens: list[str], param: Callable[[int], str]) -> FloatMatrix:
    """The vectors of tokens, some of them composed of their n-grams. Raises Refusal (404): a token without any."""
    try:
        vectors: FloatMatrix = await served.asides.ask(partial(served.table.lookup, tokens))
    except UnknownToken as failure:
        shown = failure.token if len(failure.token) <= _SHOWN else f"{failure.token[:_SHOWN]}..."
        message = f"{spelled(shown)!r} has no row in {served.name!r}, and no n-gram that a vector could be composed of"
        raise Refusal(404, message, param=param(tokens.index(failure.token)), code="token_not_found") from None
    return vectors


async def _row(served: ServedTable, token: str, param: str) -> int:
    """The row of a token. Raises Refusal (404)."""
    row = served.names.row(token)
    if row < 0:
        raise await _unknown(served, token, param)
    return row


async def _unknown(served: ServedTable, token: str, param: str, count: int = 1) -> Refusal:
    """What to say of a token without a row; comparing it with all spellings takes some milliseconds."""
    suggestions = await served.asides.ask(partial(served.table.tokens.nearest, token))
    shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}..."
    hint = f"; did you mean {', '.join(map(repr, map(spelled, suggestions)))}?" if suggestions else ""
    more = f"; {count:,} tokens of this request are unknown, this is the first" if count > 1 else ""
    message = f"{shown!r} is not among the {len(served.table):,} tokens of {served.name!r}{hint}{more}"
    return Refusal(404, message, param=param, code="token_not_found")


def _vector(given: list[float] | None, served: ServedTable) -> FloatVector:
    """The one vector that was given, float32 (D,). Raises Refusal (400): in a batch it would spoil the search of others."""
    given = given or []
    if len(given) != served.table.dim:  # before anything is done with millions of them
        message = f"vector has {len(given):,} numbers, those of {served.name!r} have {served.table.dim:,}"
        raise Refusal(400, message, param="vector")
    try:
        vector: FloatVector = finite_matrix("vector", np.array([given], np.float64))[0]
    except ShapeError as failure:
        raise Refusal(400, "vector has a number that is too large for float32", param="vector") from failure
    return vector


def _check_k(k: int, limits: Limits) -> None:
    if k > limits.neighbours:
        raise Refusal(400, f"k is {k:,}; one request may ask for {limits.neighbours:,} neighbours", param="k")


def _hits(served: ServedTable, found: Found) -> bodies.HitsAnswer:
    return bodies.HitsAnswer(served.name, list(map(bodies.Hit, served.names.of(found.rows), found.scores)))
