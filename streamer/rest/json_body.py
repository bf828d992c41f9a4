"""A request's body as JSON."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from streamer.rest.problem import Problem
from streamer.rest.upload import body_chunks

MAX_BODY_BYTES = 16_384


async def read_json(request: Request, what: str) -> Mapping[str, Any]:
    """An object; `what` it stands for, in the plural. Raises Problem.

    Other kinds of content are refused, as a form on a foreign page can send those.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{what} come as application/json")
    body = bytearray()
    async for chunk in body_chunks(request):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MAX_BODY_BYTES:,} bytes")
    try:
        wish = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"not JSON: {error}"[:200]) from None
    if not isinstance(wish, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{what} have to be a JSON object")
    return wish
