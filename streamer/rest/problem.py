"""What is wrong with a request, as RFC 9457 puts it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Ends a request with a status and one line for people; `retry_after_s` where it is worth to try again.

    reason: one word for programs, where the status alone doesn't tell.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, retry_after_s: int | None = None, reason: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.reason = reason

    def as_json(self) -> dict[str, Any]:
        """The problem object."""
        status, extra = self.status, {} if self.reason is None else {"reason": self.reason}
        return {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": self.detail, **extra}

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The problem as an answer."""
        extra = dict(headers or {})
        if self.retry_after_s is not None:
            extra["retry-after"] = str(self.retry_after_s)
        return Response(json.dumps(self.as_json()), self.status, extra, MEDIA_TYPE)


async def answer_problem(request: Request, error: Exception) -> Response:
    """For Starlette: the answer to a request that raised a Problem, or asked for a path or method that isn't there."""
    if isinstance(error, HTTPException):
        status = HTTPStatus(error.status_code)
        detail = error.detail
        if detail == status.phrase:  # Starlette's own
            detail = f"{request.method[:20]} {request.url.path[:100]}: {detail.lower()}"
        return Problem(status, detail).response(error.headers)
    if isinstance(error, ClientDisconnect):
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it
    assert isinstance(error, Problem)
    return error.response()


HANDLERS: dict[Any, Any] = dict.fromkeys((Problem, HTTPException, ClientDisconnect), answer_problem)
"""For Starlette's `exception_handlers`."""
