"""The keys of a service and a request's headers in, a refusal of whoever has none of them out."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from semap.serve.backend import Scope
from semap.serve.body import header
from semap.serve.refusal import Refusal

__all__ = ["Keys"]

_BEARER = b"bearer "


class Keys:
    """Bearer keys (RFC 6750): none lets everybody in.

    Only their SHA-256 is kept. A given key is hashed and compared with every one, each time to the last byte, so that the time
    taken says neither how long a key is, nor how much of it was right, nor which.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = tuple(hashlib.sha256(key.encode()).digest() for key in dict.fromkeys(keys))

    def __bool__(self) -> bool:
        return bool(self._digests)

    def check(self, scope: Scope) -> None:
        """Raise Refusal 401 unless the request carries one of the keys, or there are none."""
        if not self._digests:
            return
        given = header(scope, b"authorization")
        if given is None or not given.lower().startswith(_BEARER):
            raise _refusal("this service asks for a key; send the header Authorization: Bearer KEY")
        digest = hashlib.sha256(given[len(_BEARER) :].strip()).digest()
        known = [hmac.compare_digest(digest, each) for each in self._digests]
        if not any(known):
            raise _refusal("the key is none of this service's; look it up where you got it")


def _refusal(message: str) -> Refusal:
    return Refusal(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
