import asyncio

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from streamer.guard.access import Access
from streamer.hub.session import Session
from streamer.server.publish import Publisher
from tests.inprocess import local_server


async def receive(client: ClientConnection) -> dict:
    return msgpack.unpackb(await asyncio.wait_for(client.recv(), 5))


async def test_hello_then_answers_then_frames() -> None:
    async with local_server() as local, connect(local.ws) as client:
        assert (await receive(client))["type"] == "hello"
        await client.send(msgpack.packb({"type": "subscribe", "id": 3, "landmarks": [0]}))
        assert (await receive(client))["type"] == "subscribed"
        local.publish()
        frame = await receive(client)
        assert (frame["type"], frame["id"], frame["seq"]) == ("frame", 3, 1)


async def test_no_frame_comes_after_the_answer_that_follows_unsubscribe() -> None:
    async with local_server() as local, connect(local.ws + "?subscribe=*") as client:
        assert [(await receive(client))["type"] for _ in range(2)] == ["hello", "subscribed"]
        await client.send(msgpack.packb({"type": "unsubscribe", "id": 0}))
        await client.send(msgpack.packb({"type": "time", "t0_us": 1}))
        assert (await receive(client))["type"] == "time"
        local.publish()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.recv(), 0.2)


async def test_whoever_leaves_is_forgotten_however_it_leaves() -> None:
    async with local_server() as local:
        polite = await connect(local.ws + "?subscribe=*")
        rude = await connect(local.ws + "?subscribe=*")
        await receive(polite)
        await receive(rude)
        assert len(local.hub.clients) == 2
        await polite.close()
        rude.transport.abort()
        for _ in range(100):
            local.publish()
            if not local.hub.clients:
                break
            await asyncio.sleep(0.02)
        assert not local.hub.clients
        assert not local.gateway._connections


async def test_a_malformed_message_closes_after_its_error() -> None:
    async with local_server() as local, connect(local.ws) as client:
        await receive(client)
        await client.send(b"\xc1")
        assert (await receive(client))["code"] == "malformed"
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1007, "malformed message")


async def most_between_turns(client: ClientConnection, message: bytes | str, handled: list[object]) -> int:
    """Send it 500 times at once; how many are handled while everybody else waits, at the most."""
    opcode = Opcode.TEXT if isinstance(message, str) else Opcode.BINARY
    payload = message.encode() if isinstance(message, str) else message
    client.transport.write(b"".join(Frame(opcode, payload).serialize(mask=True) for _ in range(500)))

    async def count() -> int:
        most = before = 0
        while len(handled) < 500:
            await asyncio.sleep(0)
            most = max(most, len(handled) - before)
            before = len(handled)
        return most

    most = await asyncio.wait_for(count(), 10)
    client.transport.abort()  # its answers are not read, nor would be that of a farewell
    return most


async def test_a_flood_of_small_messages_leaves_others_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[object] = []
    receive_session, answer = Session.receive, Publisher._answer
    monkeypatch.setattr(Session, "receive", lambda self, *args: handled.append(args) or receive_session(self, *args))
    monkeypatch.setattr(Publisher, "_answer", lambda self, text: handled.append(text) or answer(self, text))
    async with local_server() as local:
        async with connect(local.ws) as client:
            assert await most_between_turns(client, msgpack.packb({"type": "time", "t0_us": 1}), handled) <= 2
        handled.clear()
        async with connect(local.ws.replace("/stream", "/publish/phone")) as camera:
            assert await most_between_turns(camera, '{"type":"time","t0_us":1}', handled) <= 2


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/stream", {}, 401),
        ("/stream?token=wrong", {}, 401),
        ("/nowhere?token=s3cret", {}, 404),
        ("/stream?token=s3cret", {"origin": "http://evil.example"}, 403),
        ("/stream?token=s3cret", {"subprotocols": ["graphql-ws"]}, 400),
    ],
)
async def test_refusals_come_before_the_upgrade(path: str, options: dict, status: int) -> None:
    async with local_server(Access("s3cret")) as local:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{local.port}{path}", **options)
        assert refused.value.response.status_code == status
        assert refused.value.response.body
        assert not local.hub.clients


async def test_who_may_only_watch_is_no_camera() -> None:
    async with local_server(Access("s3cret", "w4tch")) as local:
        async with connect(local.ws + "?token=w4tch") as client:
            assert (await receive(client))["type"] == "hello"
        publish = local.ws.replace("/stream", "/publish/phone")
        with pytest.raises(InvalidStatus) as refused:
            await connect(publish + "?token=w4tch")
        assert refused.value.response.status_code == 403
        assert b"watching only" in refused.value.response.body
        async with connect(publish + "?token=s3cret"):
            pass


async def test_guessing_is_told_when_to_come_again() -> None:
    async with local_server(Access("s3cret")) as local:
        for guess, status in enumerate([401] * 5 + [429]):
            with pytest.raises(InvalidStatus) as refused:
                await connect(f"{local.ws}?token=wrong{guess}")
            assert refused.value.response.status_code == status
        assert 0 < int(refused.value.response.headers["Retry-After"]) <= 60
        with pytest.raises(InvalidStatus) as refused:
            await connect(local.ws + "?token=s3cret")
        assert refused.value.response.status_code == 429


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, None),
        (["posewire.v1.json"], "posewire.v1.json"),
        (["x", "posewire.v1.json", "posewire.v1.msgpack"], "posewire.v1.json"),
    ],
)
async def test_the_first_subprotocol_we_speak_is_taken(offered: list[str] | None, chosen: str | None) -> None:
    async with local_server() as local, connect(local.ws, subprotocols=offered) as client:
        assert client.subprotocol == chosen
        assert isinstance(await client.recv(), str if chosen else bytes)


async def test_the_end_of_the_server_is_told_with_1001() -> None:
    async with local_server() as local:
        clients = [await connect(local.ws + "?subscribe=*") for _ in range(20)]
        await asyncio.wait_for(local.server.stop(), 3)
        for client in clients:
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    await client.recv()
            assert closed.value.rcvd.code == 1001
        with pytest.raises(OSError, match=str(local.port)):
            await connect(local.ws)
