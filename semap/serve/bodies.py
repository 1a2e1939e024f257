"""What the requests and answers of the service hold: one Struct each, which decodes, checks, encodes and documents it.

A field that a request does not know is refused, as OpenAI's service refuses it: a misspelled one would change nothing in silence.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from semap.serve.backend import msgspec

__all__ = [
    "Analogy",
    "CosineAnswer",
    "Embeddings",
    "EmbeddingsAnswer",
    "Hit",
    "HitsAnswer",
    "Item",
    "Lookup",
    "LookupAnswer",
    "Model",
    "ModelsAnswer",
    "NamedItem",
    "Piece",
    "Similar",
    "Similarity",
    "Tokenize",
    "TokenizeAnswer",
    "Usage",
    "Vector",
]

_Struct = msgspec.Struct
_Meta = msgspec.Meta
_Text: TypeAlias = Annotated[str, _Meta(min_length=1)]
_TokenId: TypeAlias = Annotated[int, _Meta(ge=0)]
_TokenIdList: TypeAlias = Annotated[list[_TokenId], _Meta(min_length=1)]
_Input: TypeAlias = Annotated[
    _Text | Annotated[list[_Text | _TokenId | _TokenIdList], _Meta(min_length=1)],
    _Meta(description="One text, texts, the token ids of one text, or those of several; not a mixture."),
]
_Encoding: TypeAlias = Annotated[
    Literal["float", "base64"], _Meta(description="Numbers, or the bytes of little-endian float32 numbers in base64.")
]
_ModelName: TypeAlias = Annotated[str, _Meta(description="The name of a table, as GET /v1/models lists it.")]
_AnyModel: TypeAlias = Annotated[
    str | None, _Meta(description="The name of a table, as GET /v1/models lists it; may be left out where there is one only.")
]
_Token: TypeAlias = Annotated[str, _Meta(description="A token of the table, spelled as it stands there.")]
_Count: TypeAlias = Annotated[int, _Meta(ge=1, description="How many to return; fewer come where the table has no more.")]

# What msgspec writes of a buffer is base64, straight into the answer: no copy is made of the numbers.
Vector: TypeAlias = list[float] | bytes


class Embeddings(_Struct, forbid_unknown_fields=True):
    """Texts to encode, as OpenAI's clients ask for them."""

    model: _ModelName
    input: _Input
    encoding_format: _Encoding = "float"
    dimensions: Annotated[int, _Meta(ge=1, description="Keep the first so many numbers, at length 1 again.")] | None = None
    user: Annotated[str | None, _Meta(description="Accepted, and not looked at.")] = None


class Item(_Struct, gc=False):
    """The vector of one input; `index` is its place in the request."""

    index: int
    embedding: Vector
    object: Literal["embedding"] = "embedding"


class Usage(_Struct, gc=False):
    """How many tokens the inputs had, those without a row in the table too."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsAnswer(_Struct):
    """One vector of length 1 for each input, in their order."""

    model: str
    data: list[Item]
    usage: Usage
    object: Literal["list"] = "list"


class Model(_Struct):
    """A table that is served. `created` is when its file last changed, in seconds since 1970."""

    id: str
    created: int
    tokens: Annotated[int, _Meta(description="Rows of the table.")]
    dimensions: Annotated[int, _Meta(description="Numbers of a vector.")]
    index: Annotated[Literal["exact", "approximate"], _Meta(description="How neighbours are found.")]
    object: Literal["model"] = "model"
    owned_by: Literal["semap"] = "semap"


class ModelsAnswer(_Struct):
    """Every table that is served."""

    data: list[Model]
    object: Literal["list"] = "list"


class Similar(_Struct, forbid_unknown_fields=True):
    """A token, or a vector, whose neighbours are sought: give exactly one of the two."""

    model: _AnyModel = None
    token: _Token | None = None
    vector: Annotated[list[float], _Meta(min_length=1, description="As many numbers as the table's vectors have.")] | None = None
    k: _Count = 10


class Analogy(_Struct, forbid_unknown_fields=True):
    """`a` is to `b` as `c` is to what? "add" is 3CosAdd, "mul" 3CosMul."""

    a: _Token
    b: _Token
    c: _Token
    model: _AnyModel = None
    k: _Count = 5
    method: Literal["add", "mul"] = "add"


class Hit(_Struct, gc=False):
    """A token and its score, which is a cosine unless the method is "mul"."""

    token: str
    score: float


class HitsAnswer(_Struct):
    """Tokens, best first."""

    model: str
    data: list[Hit]
    object: Literal["list"] = "list"


class Similarity(_Struct, forbid_unknown_fields=True):
    """Two tokens to compare."""

    a: _Token
    b: _Token
    model: _AnyModel = None


class CosineAnswer(_Struct):
    """The cosine of two tokens."""

    model: str
    score: float


class Lookup(_Struct, forbid_unknown_fields=True):
    """Tokens whose own vectors are wanted, as they stand in the table."""

    tokens: Annotated[list[_Token], _Meta(min_length=1)]
    model: _AnyModel = None
    encoding_format: _Encoding = "float"


class NamedItem(_Struct, gc=False):
    """The vector of one token."""

    index: int
    token: str
    embedding: Vector
    object: Literal["embedding"] = "embedding"


class LookupAnswer(_Struct):
    """One vector for each token, in their order, of the length that it has in the table."""

    model: str
    data: list[NamedItem]
    object: Literal["list"] = "list"


class Tokenize(_Struct, forbid_unknown_fields=True):
    """A text to split as `/v1/embeddings` splits it."""

    text: str
    model: _AnyModel = None


class Piece(_Struct, gc=False):
    """A token of a text: text[start:end], in characters (Unicode code points).

    `id` is what `/v1/embeddings` takes for it, null where the table has no row for it and it is left out of every vector.
    """

    text: str
    id: int | None
    start: int
    end: int


class TokenizeAnswer(_Struct):
    """The tokens of a text, in their order, and how many of them the table knows."""

    model: str
    data: list[Piece]
    n_known: int
    n_unknown: int
