"""The receiver against the real server."""

import signal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from clients.blender.tests.feed.servers import free_port, until
from posewire.feed import Follower, Receiver, State, axes
from tests.harness import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    with running_server(tmp_path_factory.mktemp("real"), "--model", "lite", "--token", "secret") as server:
        yield server


def connect(server: ServerProcess, **options: object) -> Receiver:
    receiver = Receiver(server.url, **{"token": "secret"} | options)
    receiver.start()
    return receiver


def test_a_person_with_bones_comes_at_the_cameras_rate(server: ServerProcess) -> None:
    receiver = connect(server)
    follower = Follower()
    until(lambda: receiver.received > 60, receiver.reason)
    frame = receiver.latest()
    pose = follower.follow(frame.poses, frame.t_us)
    assert receiver.state is State.LIVE
    assert len(receiver.landmarks) == 33
    tree = receiver.hello.bones
    rotations, positions = tree.forward(pose.bones, pose.rest, pose.root)
    assert np.linalg.norm(rotations, axis=1) == pytest.approx(np.ones(19), abs=1e-3)
    head, foot = axes.position(positions[[tree.names.index("head"), tree.names.index("leftFoot")]])
    assert head[2] > foot[2], "up is +Z in Blender"
    assert receiver.rate_fps() > 1
    assert 0 < receiver.latency_ms() < 10_000
    shown = [receiver.sample() for _ in range(100)]
    assert all(a.t_us <= b.t_us for a, b in pairwise(shown))
    receiver.stop()


def test_max_fps(server: ServerProcess) -> None:
    receiver = connect(server, max_fps=5.0, fields=("world",))
    until(lambda: receiver.received > 12)
    assert receiver.rate_fps() < 10
    assert receiver.latest().poses[0].bones is None
    receiver.stop()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"token": "wrong"}, "HTTP 401: wrong token"),
        ({"token": ""}, "HTTP 401: a token is needed"),
        ({"stream": "nowhere"}, "unknown_stream: "),
    ],
)
def test_refused(server: ServerProcess, options: dict, words: str) -> None:
    receiver = connect(server, **options)
    until(lambda: receiver.state is State.REFUSED, receiver.reason)
    assert receiver.reason.startswith(words)
    receiver.stop()


def test_a_page_isnt_the_stream(server: ServerProcess) -> None:
    receiver = Receiver(f"{server.url}nothing/here", token="secret")
    receiver.start()
    until(lambda: receiver.state is State.REFUSED)
    assert "404" in receiver.reason
    receiver.stop()


def test_the_token_may_be_in_the_address(server: ServerProcess) -> None:
    receiver = Receiver(f"{server.url}?token=secret")
    receiver.start()
    until(lambda: receiver.received > 2, receiver.reason)
    receiver.stop()


def test_killed_and_started_again_on_the_same_port(tmp_path: Path) -> None:
    port = free_port()
    receiver = Receiver(f"localhost:{port}")
    with running_server(tmp_path, "--model", "lite", port=port) as server:
        receiver.start()
        receiver.start_take()
        until(lambda: receiver.received > 10, receiver.reason)
        server.stop(signal.SIGKILL)
    until(lambda: receiver.state is State.LOST)
    assert receiver.reason
    before = receiver.received
    with running_server(tmp_path, "--model", "lite", port=port):
        until(lambda: receiver.state is State.LIVE, receiver.reason)
        until(lambda: receiver.received > before + 10)
        take = receiver.stop_take()
        receiver.stop()
    assert len(take.frames) >= before + 10
    assert list(take.times_us) == sorted(set(take.times_us))
    (gap,) = take.gaps
    index = take.times_us.index(gap.end_us)
    for times_us, frames in (
        (take.times_us[:index], take.frames[:index]),
        (take.times_us[index:], take.frames[index:]),
    ):
        assert [b - a for a, b in pairwise(times_us)] == [b.t_us - a.t_us for a, b in pairwise(frames)]
