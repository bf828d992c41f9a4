import pytest

from streamer.rest.answer import PIECE_BYTES, PiecewiseResponse


async def test_it_comes_in_pieces_and_says_when_it_is_over() -> None:
    ended: list[bool] = []
    sent: list[dict] = []

    async def send(message: dict) -> None:
        assert not ended
        sent.append(message)

    body = bytes(range(256)) * 1000
    await PiecewiseResponse(body, {"x-a": "b"}, "image/png", lambda: ended.append(True))({}, None, send)
    headers = dict(sent[0]["headers"])
    assert (headers[b"content-length"], headers[b"content-type"], headers[b"x-a"]) == (b"256000", b"image/png", b"b")
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert max(len(message["body"]) for message in sent[1:]) == PIECE_BYTES
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert ended == [True]


async def test_it_is_over_too_when_the_client_goes() -> None:
    ended: list[bool] = []

    async def send(message: dict) -> None:
        if message["type"] == "http.response.body":
            raise OSError

    with pytest.raises(OSError):
        await PiecewiseResponse(b"x", {}, "image/png", lambda: ended.append(True))({}, None, send)
    assert ended == [True]
