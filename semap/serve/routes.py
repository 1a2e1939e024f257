"""Every path under /v1: what it takes, gives, and refuses, with the examples that documentation and tests share."""

from __future__ import annotations

from semap.serve import answers, answers_text, bodies, examples
from semap.serve.route import Route

__all__ = ["ROUTES"]

_NO_MODEL = "The model is unknown (code model_not_found)."
_NO_KNOWN = "An input has no token that the table knows, and so no vector (code no_known_token)."
_NO_TOKEN = "The model (code model_not_found) or a token (code token_not_found) is unknown; the message suggests spellings."

ROUTES = (
    Route(
        "POST", "/v1/embeddings", bodies.Embeddings, bodies.EmbeddingsAnswer, answers_text.embeddings,
        "Vectors of texts, as OpenAI's clients ask for them.",
        examples=examples.EMBEDDINGS, refusals={404: _NO_MODEL, 422: _NO_KNOWN},
    ),
    Route(
        "GET", "/v1/models", None, bodies.ModelsAnswer, answers.models, "The tables that are served.",
        examples=examples.MODELS,
    ),
    Route(
        "POST", "/v1/similar", bodies.Similar, bodies.HitsAnswer, answers.similar,
        "The tokens nearest to a token or a vector, by cosine.", examples=examples.SIMILAR, refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/analogy", bodies.Analogy, bodies.HitsAnswer, answers.analogy,
        "a is to b as c is to what?", examples=examples.ANALOGY, refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/similarity", bodies.Similarity, bodies.CosineAnswer, answers.similarity,
        "The cosine of two tokens.", examples=examples.SIMILARITY, refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/lookup", bodies.Lookup, bodies.LookupAnswer, answers.lookup,
        "The vectors of tokens as they stand in the table.", examples=examples.LOOKUP, refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/tokenize", bodies.Tokenize, bodies.TokenizeAnswer, answers_text.tokenize,
        "How a text is split, and which of its tokens are known.", examples=examples.TOKENIZE, refusals={404: _NO_MODEL},
    ),
)  # fmt: skip
