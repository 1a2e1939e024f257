"""Every path under /v1: what it takes, gives, and refuses, with the examples that documentation and tests share."""

from __future__ import annotations

from semap.serve import answers, answers_text, bodies
from semap.serve.route import Route

__all__ = ["ROUTES"]

_NO_MODEL = "The model is unknown (code model_not_found)."
_NO_TOKEN = "The model (code model_not_found) or a token (code token_not_found) is unknown; the message suggests spellings."

ROUTES = (
    Route(
        "POST", "/v1/embeddings", bodies.Embeddings, bodies.EmbeddingsAnswer, answers_text.embeddings,
        "Vectors of texts, as OpenAI's clients ask for them.",
        refusals={404: _NO_MODEL, 422: "An input has no token that the table knows (code no_known_token)."},
    ),
    Route("GET", "/v1/models", None, bodies.ModelsAnswer, answers.models, "The tables that are served."),
    Route(
        "POST", "/v1/similar", bodies.Similar, bodies.HitsAnswer, answers.similar,
        "The tokens nearest to a token or a vector, by cosine.", refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/analogy", bodies.Analogy, bodies.HitsAnswer, answers.analogy,
        "a is to b as c is to what?", refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/similarity", bodies.Similarity, bodies.CosineAnswer, answers.similarity,
        "The cosine of two tokens.", refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/lookup", bodies.Lookup, bodies.LookupAnswer, answers.lookup,
        "The vectors of tokens as they stand in the table.", refusals={404: _NO_TOKEN},
    ),
    Route(
        "POST", "/v1/tokenize", bodies.Tokenize, bodies.TokenizeAnswer, answers_text.tokenize,
        "How a text is split, and which of its tokens are known.", refusals={404: _NO_MODEL},
    ),
)  # fmt: skip
