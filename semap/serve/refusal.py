"""A request that is not answered in, its status and `{"error": {message, type, param, code}}` out."""

from __future__ import annotations

from collections.abc import Mapping

from semap.errors import SemapError
from semap.serve.backend import msgspec

__all__ = ["ErrorBody", "ErrorDetail", "Refusal"]

_TYPES = {
    401: "authentication_error",
    408: "timeout_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}


class ErrorDetail(msgspec.Struct, frozen=True):
    """What is wrong, for people (`message`) and for programs (`type`, `param`, `code`), in the words of OpenAI's interface."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every answer from 400 on."""

    error: ErrorDetail


class Refusal(SemapError):
    """A request that is not answered.

    status: the HTTP status, 400 to 599.
    message: one sentence that names what is wrong and the next step.
    type: "invalid_request_error" unless the status says another (401, 408, 429, 5xx).
    param: the field of the request that is wrong, None where it is no field.
    code: a name for programs, such as "model_not_found".
    headers: sent beside it, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str | None = None,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = ErrorBody(ErrorDetail(message, type or _TYPES.get(status, "invalid_request_error"), param, code))

    def encoded(self) -> bytes:
        """Return the body as JSON."""
        return msgspec.json.encode(self.body)
