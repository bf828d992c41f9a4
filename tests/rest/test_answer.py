import asyncio

import pytest

from streamer.rest import answer as answers
from streamer.rest.answer import PIECE_BYTES, PatientResponse, Stalled


async def test_it_comes_in_pieces_and_says_when_it_is_over() -> None:
    ended: list[bool] = []
    sent: list[dict] = []

    async def send(message: dict) -> None:
        assert not ended
        sent.append(message)

    body = bytes(range(256)) * 1000
    await PatientResponse(body, {"x-a": "b"}, "image/png", lambda: ended.append(True))({}, None, send)
    headers = dict(sent[0]["headers"])
    assert (headers[b"content-length"], headers[b"content-type"], headers[b"x-a"]) == (b"256000", b"image/png", b"b")
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert max(len(message["body"]) for message in sent[1:]) == PIECE_BYTES
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert ended == [True]


async def test_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "STALL_S", 0.05)
    ended: list[bool] = []

    async def send(message: dict) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    with pytest.raises(Stalled):
        await PatientResponse(b"x", {}, "image/png", lambda: ended.append(True))({}, None, send)
    assert ended == [True]
