"""What the benchmarks over NATS run on: a recording of the demo clip, nodes that replay it, relays, brokers."""

import re
import time
import urllib.request
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgpack
import numpy as np

from benchmarks.pipeline import slow_clip
from streamer.recording.reader import Recording
from tests.e2e.test_record import ask
from tests.harness import ServerProcess, raw_client, receive_type, running_server
from tests.nats_server import NatsServer

LIMITS = 'max_pending: 4MB\nwrite_deadline: "1s"\n'
"""Of the brokers: what may wait for one that doesn't read, and how long it may keep a write waiting."""
RATE = 30.0
TAKE_S = 10.0
WARM_UP_FRAMES = 60
_CONNECTED = re.compile(r"NATS: connected to (nats://\S+)")
_SAMPLE = r"^{}(?:\{{(.*)\}})? (\S+)$"


def make_take(folder: Path) -> Path:
    """A recording of the demo clip at 30 frames a second, even and without gaps: take.mcap, where that isn't there."""
    take = folder / "take.mcap"
    if not take.exists():
        _record(folder)
    with Recording.open(take) as recording:
        times_us = [msgpack.unpackb(message.data)["t_us"] for message in recording.messages(kinds=("frame",))]
    longest_us = np.diff(times_us).max()
    assert longest_us < 2.5e6 / RATE, f"the recording has a gap of {longest_us} us; this machine has too much to do"
    return take


def _record(folder: Path) -> None:
    clip = slow_clip(folder, RATE)
    options = ("--source", f"demo={clip}", "--model", "lite", "--recordings", str(folder))
    with running_server(folder, *options) as server, raw_client(server, "?subscribe=*") as client:
        for _ in range(WARM_UP_FRAMES):
            receive_type(client, "frame")
        assert ask(server, "recordings", {"name": "take"})[0] == 201
        time.sleep(TAKE_S)
        assert ask(server, "recordings/take/stop", {})[0] == 200


def replays(take: Path, count: int) -> list[str]:
    """The options for so many streams."""
    return [word for index in range(count) for word in ("--source", f"s{index:02d}={take}")]


def node(
    folder: Path, brokers: Sequence[NatsServer], *arguments: str, name: str = "n", prefix: Sequence[str] = ()
) -> AbstractContextManager[ServerProcess]:
    """A server that brings its streams to NATS; without brokers one that doesn't."""
    words = [*_servers(brokers), "--node", name] if brokers else []
    return running_server(folder, *arguments, *words, prefix=prefix)


def relay(
    folder: Path, brokers: Sequence[NatsServer], prefix: Sequence[str] = ()
) -> AbstractContextManager[ServerProcess]:
    """A relay."""
    return running_server(folder, *_servers(brokers), command="relay", prefix=prefix)


def broker_of(server: ServerProcess, brokers: Sequence[NatsServer]) -> NatsServer:
    """To which it says it is connected."""
    url = _CONNECTED.findall(server.log)[-1]
    return next(broker for broker in brokers if broker.url == url)


def metric(server: ServerProcess, name: str, label: str = "") -> float:
    """The sum of a metric's samples, those with a label alone, as `fate="sent"`."""
    with urllib.request.urlopen(f"{server.url}metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(_SAMPLE.format(re.escape(name)), text, re.MULTILINE)
    return sum(float(value) for labels, value in found if label in labels)


def _servers(brokers: Sequence[NatsServer]) -> list[str]:
    return [word for broker in brokers for word in ("--nats", broker.url)]
