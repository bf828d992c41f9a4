"""What a real server can't be made to do: engines that fail or take long, requests that stand still."""

import asyncio
import json

import pytest
from starlette.requests import Request

from streamer.errors import EngineError
from streamer.rest import live
from streamer.rest import upload as uploading
from streamer.rest.live import LiveService
from streamer.rest.problem import Problem
from streamer.settings import Settings


class ScriptedStream:
    """Changes when the gate is open; there is no engine for the heavy model."""

    id = "cam"
    engine_smoothed = True
    preview = None

    def __init__(self) -> None:
        self.settings = Settings("lite")
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_work = self.most_at_work = 0

    async def change(self, settings: Settings) -> None:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        try:
            await self.gate.wait()
            if settings.model == "heavy":
                raise EngineError("no such network")
            self.settings = settings
        finally:
            self.at_work -= 1


def patch(body: bytes | None, stream: str = "cam") -> Request:
    """A request with this body; None: with one that never comes."""

    async def receive() -> dict:
        if body is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": body, "more_body": False}

    head = {"type": "http", "method": "PATCH", "headers": [(b"content-type", b"application/json; charset=utf-8")]}
    return Request({**head, "path_params": {"stream": stream}, "query_string": b""}, receive)


def wish(**settings: object) -> Request:
    return patch(json.dumps(settings).encode())


async def refusal(service: LiveService, request: Request) -> Problem:
    with pytest.raises(Problem) as caught:
        await asyncio.wait_for(service.change(request), 10)
    return caught.value


async def test_an_engine_that_cannot_be_made_is_told_and_the_settings_stay() -> None:
    stream = ScriptedStream()
    problem = await refusal(LiveService([stream], []), wish(model="heavy", mirror=True))
    assert (problem.status, problem.detail) == (503, "nothing was changed: no such network")
    assert stream.settings == Settings("lite")


async def test_one_change_at_a_time_each_on_top_of_the_one_before_and_not_too_many_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "MAX_CHANGES_WAITING", 3)
    stream = ScriptedStream()
    stream.gate.clear()
    service = LiveService([stream], [])
    wishes = [{"people": 2}, {"mirror": True}, {"model": "full"}]
    asking = [asyncio.create_task(service.change(wish(**settings))) for settings in wishes]
    while service._waiting["cam"] < 3:
        await asyncio.sleep(0)
    problem = await refusal(service, wish(people=8))
    assert (problem.status, problem.retry_after_s) == (503, 1)
    stream.gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*asking)] == [200] * 3
    assert stream.most_at_work == 1
    assert stream.settings == Settings("full", people=2, mirror=True)
    assert service._waiting["cam"] == 0


async def test_a_request_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "SILENCE_S", 0.05)
    assert (await refusal(LiveService([ScriptedStream()], []), patch(None))).status == 408


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"people": 1e999}', b"NaN", b'{"people": 1%s}' % (b"0" * 30)])
async def test_bad_bodies_are_the_clients_fault(body: bytes) -> None:
    stream = ScriptedStream()
    assert (await refusal(LiveService([stream], []), patch(body))).status in (400, 422)
    assert stream.settings == Settings("lite")


async def test_a_replayed_stream_has_no_settings() -> None:
    class Replayed:
        id = "take"
        preview = None

    service = LiveService([ScriptedStream()], [Replayed()])
    problem = await refusal(service, patch(b"{}", "take"))
    assert (problem.status, problem.detail) == (409, "take replays a recording, whose settings are what they were")
    assert (await refusal(service, patch(b"{}", "nope"))).detail == "no stream 'nope'; streams: cam, take"
