import json
from typing import Any

import pytest
from starlette.requests import Request

from streamer.errors import UsageError
from streamer.guard.access import Role
from streamer.replay.player import Change, Standing
from streamer.rest.problem import Problem
from streamer.rest.replay import ReplayService

STANDING = Standing(12.5, 3.25, 1.0, False, True, False)


class One:
    def __init__(self, id: str) -> None:
        self.id = id


class Scripted:
    streams = (One("cam"), One("side"))

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def standing(self) -> Standing:
        return STANDING

    def change(self, change: Change) -> None:
        if change.position_s == 99:
            raise UsageError("position_s is 99; from 0 to 12.5")
        self.changes.append(change)


def request(body: object = None, stream: str = "cam", role: Role = Role.CONTROL) -> Request:
    async def receive() -> dict[str, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return {"type": "http.request", "body": data, "more_body": False}

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "PATCH", "headers": headers, "path_params": {"stream": stream}}
    return Request({**scope, "state": {"role": role}}, receive)


async def test_all_streams_of_a_recording_tell_the_same() -> None:
    service = ReplayService([Scripted()])
    told = json.loads((await service.replays(request())).body)
    one = {
        **{"duration_s": 12.5, "position_s": 3.25, "speed": 1.0, "paused": False, "loop": True, "ended": False},
        "streams": ["cam", "side"],
    }
    assert told == {"replays": {"cam": one, "side": one}, "may_change": True}
    assert json.loads((await service.replay(request(stream="side"))).body) == one
    assert json.loads((await service.replays(request(role=Role.READ))).body)["may_change"] is False


async def test_what_is_asked_for_is_handed_on_at_once() -> None:
    replay = Scripted()
    answer = await ReplayService([replay]).change(request({"position_s": 2, "speed": 0.5, "paused": True}))
    assert json.loads(answer.body)["position_s"] == 3.25
    await ReplayService([replay]).change(request({"loop": False}, "side"))
    assert replay.changes == [Change(2, 0.5, True), Change(loop=False)]


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        ({"position_s": 99}, "position_s is 99; from 0 to 12.5"),
        ({"position_s": "2"}, "position_s has to be a number"),
        ({"position_s": None}, "position_s has to be a number"),
        (b'{"position_s": 1' + b"0" * 400 + b"}", "position_s has to be a number, 1e+12 at most"),
        ({"speed": True}, "speed has to be a number"),
        ({"paused": 1}, "paused has to be true or false"),
        ({"model": "lite"}, "no setting 'model'; position_s, speed, paused, loop"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(wish: object, text: str) -> None:
    replay = Scripted()
    with pytest.raises(Problem) as caught:
        await ReplayService([replay]).change(request(wish))
    assert caught.value.status == 422
    assert text in caught.value.detail
    assert not replay.changes


async def test_a_stream_that_replays_nothing() -> None:
    with pytest.raises(Problem) as caught:
        await ReplayService([Scripted()]).replay(request(stream="demo"))
    assert caught.value.status == 404
    assert caught.value.detail == "no stream 'demo' replays a recording; those that do: cam, side"
