import pytest
from starlette.requests import Request

from streamer.rest.json_body import MAX_BODY_BYTES, read_json
from streamer.rest.problem import Problem


def request(body: bytes, kind: str = "application/json") -> Request:
    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


async def test_an_object_is_read() -> None:
    assert await read_json(request(b'{"a": [1]}', "Application/JSON; charset=utf-8"), "wishes") == {"a": [1]}


@pytest.mark.parametrize(
    ("body", "kind", "status", "text"),
    [
        (b"{}", "text/plain", 415, "wishes come as application/json"),
        (b" " * (MAX_BODY_BYTES + 1), "application/json", 413, "more than 16,384 bytes"),
        (b"{", "application/json", 400, "not JSON: "),
        (b"[" * 16_000, "application/json", 400, "not JSON: "),
        (b"[]", "application/json", 422, "wishes have to be a JSON object"),
    ],
)
async def test_anything_else_is_refused_in_words(body: bytes, kind: str, status: int, text: str) -> None:
    with pytest.raises(Problem) as caught:
        await read_json(request(body, kind), "wishes")
    assert caught.value.status == status
    assert text in caught.value.detail
