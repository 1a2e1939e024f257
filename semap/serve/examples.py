"""Requests of each path and what the service answers with the table `english`: shown in `/openapi.json`, sent by tests."""

from __future__ import annotations

from typing import Any

from semap.serve.route import Example

__all__ = ["ANALOGY", "EMBEDDINGS", "LOOKUP", "MODELS", "SIMILAR", "SIMILARITY", "TOKENIZE"]

_CAT = (
    "JGZZPGpBHD7okvQ9ws/LvWA5Pj0kZtm96JL0PcfTuj4kZtm7mwyjvr3L3D4kZtk9lgi0vgotBj8kZtm7OXaVPv2iMD74nsG+akEcvvOaUr6bDCM9JGbZ"
    "vKUUAb6bDKO8AqefvpsMozwkZtm9pRQBvrfHbb7okvS9JGZZPLfHbT45dhU+akGcvv2isD39ojA+AAAAAAirDj7W34e9H2LqPgKnnz6bDKO8JGbZvZEE"
    "xb6lFIG+mwwjPQirDr45dhU+JGZZvZsMozzzmlK+mwyjPAAAAACLANY+CKsOviRm2TzW3wc+/aIwPszXKT4kZlk8zNcpPgAAAACbDKO+pRSBPtbfB74k"
    "Ztm7Gl57Pv2iMD74nsE+hvzmvSRmWb4Iqw4+6JJ0vob85j2bDCM+akGcviRm2T3W3wc9JGZZvJsMIz1vRYs+JGbZPdbfBz2lFAE+CKsOvmpBHL7W34e9"
    "kQTFviRm2TskZlk8JGZZvVUxYL7Cz0u+JGbZO4sA1r4kZtm8JGbZO/2iML45dhW+JGbZu/2isD4Iq46+Lm43PpYItL7oknQ+hvzmPZEERT4+eoS+WjXP"
    "vi5uN745dpU+OXaVvdbfB74kZtm71t+HvqUUgb4kZtk91t+HvpsMI73Cz0s+1t8HPiRm2b3oknQ9+J7BPviewb7oknQ+YDm+vWpBHD63x20+JGZZPpsM"
    "oz2G/Oa9Lm63PqAQkj6bDCM+zNcpPtbfB723x22+mwyjPFo1zz4Iqw4+AAAAAKUUAb6G/Ga+1t8HvsLPSz4Iqw6+1t8HPQKnn75vRYs+AAAAACRm2btg"
    "OT6+Gl57vrfHbb45dpU9JGZZPcLPyz23x22+mwyjPC5ut779orA+mwwjvsLPyz1Ys1e/mwwjPSRm2bybDKO9mwwjPZsMI76bDKM8hvxmPpsMI74Iqw6+"
    "hvzmPbfHbT5qQZw+PnoEPyRmWTzokvQ9mwwjvZsMo7xqQRy+YDk+PaUUAT5gOb496JJ0Pv2iMD4+eoQ+JGZZvJsMo7wkZlm+hvzmvZEERb4kZtm9YDm+"
    "PrfHbb7W34e9x9O6PszXKT4="
)


def _list(data: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"object": "list", "model": "english", "data": data, **more}


def _item(index: int, embedding: Any) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": embedding}


def _usage(n_tokens: int) -> dict[str, int]:
    return {"prompt_tokens": n_tokens, "total_tokens": n_tokens}


def _piece(text: str, token_id: int | None, start: int) -> dict[str, Any]:
    return {"text": text, "id": token_id, "start": start, "end": start + len(text)}


EMBEDDINGS = (
    Example(
        {"model": "english", "input": "A dog bites the man.", "dimensions": 3},
        _list([_item(0, [-0.14944, 0.98452, 0.09162])], usage=_usage(5)),
    ),
    Example(
        {"model": "english", "input": ["kings and queens", "rivers"], "dimensions": 2, "encoding_format": "base64"},
        _list([_item(0, "ChM7vhKxe78="), _item(1, "xSAlP72fQz8=")], usage=_usage(4)),
    ),
    Example(
        {"model": "english", "input": [[214], [0, 214]], "dimensions": 2},
        _list([_item(0, [-0.89584, -0.44438]), _item(1, [-0.81359, -0.58144])], usage=_usage(3)),
    ),
)

MODELS = (
    Example(
        None,
        {
            "object": "list",
            "data": [
                {
                    "id": "english",
                    "object": "model",
                    "created": 1735689600,
                    "owned_by": "semap",
                    "tokens": 50000,
                    "dimensions": 200,
                    "index": "exact",
                }
            ],
        },
    ),
)

SIMILAR = (
    Example(
        {"model": "english", "token": "king", "k": 3},
        _list(
            [{"token": "kings", "score": 0.65318}, {"token": "throne", "score": 0.64539}, {"token": "ruler", "score": 0.61265}]
        ),
    ),
)

ANALOGY = (
    Example(
        {"model": "english", "a": "man", "b": "king", "c": "woman", "k": 2},
        _list([{"token": "queen", "score": 0.54988}, {"token": "consort", "score": 0.54598}]),
    ),
    Example(
        {"model": "english", "a": "france", "b": "paris", "c": "italy", "k": 2, "method": "mul"},
        _list([{"token": "milan", "score": 0.87655}, {"token": "bologna", "score": 0.85572}]),
    ),
)

SIMILARITY = (Example({"model": "english", "a": "cat", "b": "dog"}, {"model": "english", "score": 0.5391}),)

LOOKUP = (
    Example(
        {"model": "english", "tokens": ["cat"], "encoding_format": "base64"},
        _list([{"object": "embedding", "index": 0, "token": "cat", "embedding": _CAT}]),
    ),
)

TOKENIZE = (
    Example(
        {"model": "english", "text": "The King's xyzzyx"},
        {
            "model": "english",
            "data": [_piece("The", 0, 0), _piece("King", 214, 4), _piece("s", 13, 9), _piece("xyzzyx", None, 11)],
            "n_known": 3,
            "n_unknown": 1,
        },
    ),
)
