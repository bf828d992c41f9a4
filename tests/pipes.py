"""Clients of a hub whose connections the test holds in its hands."""

import numpy as np

from protocol import StreamInfo, Subscribe, decode, encode
from protocol.messages import Format
from streamer.body import Person
from streamer.engine.base import Detection
from streamer.guard.share import Share
from streamer.hub.catalog import Catalog
from streamer.hub.delivery import Client
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.hub.session import Session

RNG = np.random.default_rng(1)
DETECTION = Detection(RNG.random((33, 4)).astype(np.float32), RNG.normal(size=(33, 4)).astype(np.float32), 0.87654321)


class Pipe:
    """An outlet that keeps what was written, and can be blocked as a full socket blocks."""

    def __init__(self) -> None:
        self.paused = False
        self.paused_since_us = 0
        self.written: list[bytes] = []
        self.aborted: str | None = None

    def write(self, payload: bytes) -> None:
        self.written.append(payload)

    def frame(self, payload: bytes, format: Format) -> bytes:
        return payload

    def abort(self, reason: str) -> None:
        self.aborted = reason

    def messages(self, **dtypes: str) -> list:
        return [decode(data if data[:1] != b"{" else data.decode()) for data in self.written]


def make_hub(**options: object) -> Hub:
    """With two streams, a and b."""
    catalog = Catalog()
    for name in ("a", "b"):
        catalog.add(StreamInfo(name, 640, 480, 30.0, "mediapipe", "full"), 1)
    return Hub(catalog, **options)


def connect(
    hub: Hub, *wishes: Subscribe, format: Format = "msgpack", share: Share | None = None
) -> tuple[Client, Pipe]:
    pipe = Pipe()
    client = Client(Session(format, hub.catalog), pipe, share)
    hub.join(client)
    for wish in wishes:
        say(hub, client, wish)
    return client, pipe


def say(hub: Hub, client: Client, message: object) -> None:
    data = encode(message, client.session.format)
    client.session.receive(data if client.session.format == "msgpack" else data.decode(), 0)
    hub.refresh(client)


def estimate(seq: int = 1, stream: str = "a", t_us: int | None = None, people: int = 1) -> Estimate:
    return Estimate(
        stream,
        seq,
        seq * 16_667 if t_us is None else t_us,
        (640, 480),
        [Person(i + 1, DETECTION) for i in range(people)],
    )
