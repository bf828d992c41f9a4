"""Both ends of NATS in the test's own event loop: a node fed by hand, a relay, and clients of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import numpy as np
from nats.aio.msg import Msg

from protocol import Message, Status, StreamInfo, Subscribe, Time, decode
from protocol.codec import encode
from streamer.clock import now_us
from streamer.config import NatsConfig
from streamer.hub.catalog import Catalog
from streamer.hub.delivery import Client
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.hub.session import Session, describe
from streamer.nats import announcement, subjects
from streamer.nats.announcement import Announcement
from streamer.nats.link import Link
from streamer.nats.relay import Relay
from streamer.nats.uplink import Uplink
from streamer.stream.people import people_of
from tests.recording.made import frame, pose

INFO = StreamInfo("cam", 640, 480, 30.0, "scripted", "none")


class Pipe:
    """A client's connection that keeps what is written to it."""

    paused = False
    paused_since_us = 0

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def write(self, payload: bytes) -> None:
        self.messages.append(decode(payload, max_bytes=1 << 20))

    def frame(self, payload: bytes, format: str) -> bytes:
        return payload

    def abort(self, reason: str) -> None:
        raise AssertionError(reason)

    def of(self, kind: type) -> list:
        return [message for message in self.messages if type(message) is kind]


class Node:
    """A node with its hub; `publish` stands for its cameras."""

    def __init__(self, config: NatsConfig, name: str = "studio", *streams: StreamInfo) -> None:
        self.catalog = Catalog()
        self.uplink = Uplink(config, name, self.catalog)
        self.hub = Hub(self.catalog, uplink=self.uplink)
        for info in streams or (INFO,):
            self.hub.offer(info)
        self.seq = 0

    def publish(self, age_us: int = 0, stream: str = "cam") -> Estimate:
        self.seq += 1
        people = people_of(frame(self.seq, pose(1, self.seq)))
        fields = frozenset({"bones", "rest", "angles"})
        estimate = Estimate(stream, self.seq, now_us() - age_us, (640, 480), people, fields)
        self.hub.publish(estimate)
        return estimate


class Viewers:
    """A relay with its hub."""

    def __init__(self, config: NatsConfig) -> None:
        self.hub = Hub(Catalog())
        self.relay = Relay(config, self.hub, asyncio.get_running_loop())

    def connect(self, *wishes: Subscribe) -> Pipe:
        pipe = Pipe()
        session = Session("msgpack", self.hub.catalog)
        client = Client(session, pipe)
        self.hub.join(client)
        for wish in wishes:
            for answer in session.receive(encode(wish), now_us()):
                client.send(answer)
        self.hub.refresh(client)
        return pipe


@contextlib.asynccontextmanager
async def node(config: NatsConfig, name: str = "studio", *streams: StreamInfo) -> AsyncIterator[Node]:
    end = Node(config, name, *streams)
    await end.uplink.start()
    try:
        yield end
    finally:
        await end.uplink.close()


@contextlib.asynccontextmanager
async def viewers(config: NatsConfig) -> AsyncIterator[Viewers]:
    end = Viewers(config)
    await end.relay.start()
    try:
        yield end
    finally:
        await end.relay.close()


async def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Wait for something that has to come."""

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    try:
        await asyncio.wait_for(wait(), timeout_s)
    except asyncio.TimeoutError:
        raise AssertionError("it didn't come") from None


def named(id: str, **changes: object) -> StreamInfo:
    return replace(INFO, id=id, **changes)


def same_numbers(one: Estimate, other) -> bool:  # type: ignore[no-untyped-def]
    return bool(np.array_equal(one.people[0].detection.world, other.poses[0].world))


def states(pipe: Pipe, stream: str) -> list[tuple[str, str]]:
    """What a client was told of a stream."""
    return [(status.state, status.detail) for status in pipe.of(Status) if status.stream == stream]


class Stranger:
    """Something on NATS that says what it likes, and answers for every node's clock."""

    def __init__(self, link: Link) -> None:
        self.link = link

    async def hello(self, name: str, *streams: StreamInfo, run: str = "r") -> None:
        catalog = Catalog()
        for info in streams:
            catalog.add(info, 0)
        announced = Announcement(name, run, describe(catalog, now_us()))
        await self.link.publish(subjects.hello(name), announcement.encode(announced))

    async def answer(self, message: Msg) -> None:
        asked = decode(message.data)
        assert isinstance(asked, Time)
        await self.link.publish(message.reply, encode(Time(asked.t0_us, now_us(), now_us())))
