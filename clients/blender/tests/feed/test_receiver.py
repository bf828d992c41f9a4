"""The receiver against a server that does as it is told; the real one is in test_receiver_live."""

import threading
import time
from itertools import pairwise

import pytest

from clients.blender.tests.feed.servers import (
    FakeServer,
    a_pose,
    fake_server,
    free_port,
    raw_server,
    until,
    wait_for_end,
)
from posewire.feed import Receiver, RootMotion, Stage, State, now_us
from posewire.feed.receiver import STOP_LIMIT_S
from protocol import Error, Status, StreamInfo


@pytest.fixture
def receiver(fake: FakeServer):
    receiver = Receiver(f"ws://127.0.0.1:{fake.port}/", fields=("world", "bones", "rest"))
    receiver.start()
    fake.wait()
    until(lambda: receiver.state is State.LIVE)
    yield receiver
    receiver.stop()


def synced(receiver: Receiver) -> None:
    until(lambda: receiver.clock_error_us < 100_000, "no exchange of times")


def test_before_it_starts_it_is_off() -> None:
    receiver = Receiver("studio:1")
    assert (receiver.state, receiver.reason, receiver.hello, receiver.landmarks) == (State.OFF, "", None, ())
    assert (receiver.latest(), receiver.sample(), receiver.latency_ms(), receiver.rate_fps()) == (None, None, None, 0)
    assert (receiver.dropped, receiver.received, receiver.statuses) == (0, 0, {})
    receiver.stop()
    assert receiver.state is State.OFF


def test_live(fake: FakeServer, receiver: Receiver) -> None:
    assert receiver.hello.server == "fake"
    assert receiver.landmarks[0] == "nose"
    synced(receiver)
    fake.send(fake.frame(1, fake.now_us() - 20_000, a_pose(3, 0.5)))
    until(lambda: receiver.latest() is not None)
    frame = receiver.latest()
    assert (frame.seq, frame.poses[0].id) == (1, 3)
    assert receiver.latest("cam") is frame
    assert receiver.latest("other") is None
    assert receiver.sample() is frame
    assert 20 <= receiver.latency_ms() < 20_000
    assert 20_000 <= receiver.age_us(frame) <= receiver.age_us(frame) < 60_000_000
    assert receiver.age_us(frame, now_us() + 10**9) > 10**9
    place = Stage(RootMotion.FULL).place(3, frame.poses[0].root, frame.poses[0].floor, 0.9, 0.9)
    assert place[1] == pytest.approx(0.9)


def test_latency_is_on_the_servers_clock(fake: FakeServer, receiver: Receiver) -> None:
    synced(receiver)
    for seq in range(1, 40):
        fake.send(fake.frame(seq, fake.now_us() - 500_000))
    until(lambda: receiver.received == 39)
    assert 499 <= receiver.latency_ms() < 2000
    assert receiver.rate_fps() > 0


def test_between_two_frames(fake: FakeServer, receiver: Receiver) -> None:
    synced(receiver)
    base_us = fake.now_us()
    fake.send(fake.frame(1, base_us, a_pose(1, 0.0)))
    fake.send(fake.frame(2, base_us + 400_000, a_pose(1, 4.0)))
    until(lambda: receiver.received == 2)
    shown = receiver.sample(now_us=now_us() - 3_600_000_000)
    assert shown.seq == 1
    local_us = now_us() + (base_us - fake.now_us()) + 500_000
    between = receiver.sample(now_us=local_us)
    assert between.t_us - base_us == pytest.approx(
        min(400_000, 500_000 - receiver._inbox.channel("*").delay_ms * 1000), abs=20_000
    )


def test_what_the_server_tells_of_its_streams(fake: FakeServer, receiver: Receiver) -> None:
    fake.send(fake.status("lost", "camera unplugged"))
    fake.send(fake.dropped(4))
    until(lambda: receiver.dropped == 4)
    assert receiver.statuses["cam"].detail == "camera unplugged"
    assert receiver.state is State.LIVE


def test_a_stream_that_is_away_after_a_reconnection_is_waited_for() -> None:
    with fake_server() as fake:
        receiver = Receiver(f"127.0.0.1:{fake.port}", stream="cam")
        receiver.start()
        until(lambda: receiver.state is State.LIVE)
        fake.refusal = Error("unknown_stream", "no stream 'cam'; streams: ", 1)
        fake.cut()
        until(lambda: "unknown_stream" in receiver.reason)
        assert receiver.state is State.LIVE
        fake.refusal = None
        fake.send(Status("cam", "live", "", 2, StreamInfo("cam", 640, 480, 30, "e", "m")))
        until(lambda: not receiver.reason)
        fake.send(fake.frame(1, fake.now_us()))
        until(lambda: receiver.latest("cam") is not None)
        assert [stream.id for stream in receiver.hello.streams] == ["cam"]
        receiver.stop()


def test_a_fault_of_the_server_is_told_and_ends_nothing(fake: FakeServer, receiver: Receiver) -> None:
    fake.send(Error("internal", "oh dear"))
    until(lambda: receiver.reason == "internal: oh dear")
    assert receiver.state is State.LIVE


def test_it_comes_back_and_what_was_shown_holds(fake: FakeServer, receiver: Receiver) -> None:
    fake.send(fake.frame(7, 1_000_000))
    until(lambda: receiver.received == 1)
    fake.cut()
    until(lambda: receiver.state is State.LOST)
    assert receiver.latest().seq == 7
    assert receiver.reason
    until(lambda: receiver.state is State.LIVE)
    assert (receiver.latest().seq, receiver.reason) == (7, "")
    fake.send(fake.frame(1, 900))
    until(lambda: receiver.latest().seq == 1)


def test_refused_is_refused_until_it_is_started_anew() -> None:
    with fake_server() as server:
        server.refusal = Error("unknown_stream", "no stream 'x'", 1)
        receiver = Receiver(f"127.0.0.1:{server.port}", stream="x")
        receiver.start()
        until(lambda: receiver.state is State.REFUSED)
        assert receiver.reason == "unknown_stream: no stream 'x'"
        assert not receiver._thread.is_alive() or not receiver._thread.join(STOP_LIMIT_S)
        assert len(server.wishes) == 1
        server.refusal = None
        receiver.start()
        receiver.stop()
        receiver.start()
        until(lambda: receiver.state is State.LIVE)
        receiver.stop()
        assert (receiver.state, receiver.reason) == (State.OFF, "")


def test_start_and_stop_may_be_called_often(fake: FakeServer) -> None:
    receiver = Receiver(f"127.0.0.1:{fake.port}")
    for _ in range(5):
        receiver.start()
        receiver.start()
        receiver.stop()
        receiver.stop()
    assert receiver.state is State.OFF
    assert not [thread for thread in threading.enumerate() if thread.name == "posewire"]


@pytest.mark.parametrize("where", ["backing off", "handshake", "name"])
def test_it_stops_whatever_the_network_does(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    if where == "name":
        real = threading.Event()

        def slow(*_: object, **__: object) -> list:
            real.set()
            release.wait(30)
            raise OSError("too late")

        monkeypatch.setattr("posewire.feed.transport.socket.getaddrinfo", slow)
        monkeypatch.setattr("posewire.feed.receiver.STOP_LIMIT_S", 0.1)
    with raw_server(wait_for_end) as server:
        port = free_port() if where == "backing off" else server.port
        receiver = Receiver(f"127.0.0.1:{port}")
        receiver.start()
        if where == "backing off":
            until(lambda: receiver.state is State.LOST)
        elif where == "handshake":
            until(lambda: server.accepted)
        else:
            assert real.wait(30)
        thread = receiver._thread
        receiver.stop()
        assert receiver.state is State.OFF
        if where == "name":
            assert thread.is_alive(), "only what can't be interrupted may outlive it"
            release.set()
            thread.join(30)
        assert not thread.is_alive()
        assert (receiver.state, receiver.reason) == (State.OFF, ""), "a thread that was stopped says nothing more"


def test_a_take_across_a_restart_with_another_clock() -> None:
    port = free_port()
    receiver = Receiver(f"127.0.0.1:{port}")
    with fake_server(port, clock_ahead_us=10**12) as first:
        receiver.start()
        first.wait()
        synced(receiver)
        receiver.start_take()
        base_us = first.now_us()
        for seq in range(10):
            first.send(first.frame(seq, base_us + seq * 33_333))
        until(lambda: receiver.take_progress.frames == 10)
        first.send(first.dropped(2))
        until(lambda: receiver.dropped == 2)
    until(lambda: receiver.state is State.LOST)
    lost_us = now_us()
    with fake_server(port, clock_ahead_us=-now_us() + 5_000_000) as second:
        second.wait()
        until(lambda: receiver.state is State.LIVE)
        synced(receiver)
        base_us = second.now_us()
        for seq in range(5):
            second.send(second.frame(seq, base_us + seq * 50_000))
        until(lambda: receiver.take_progress.frames == 15)
        take = receiver.stop_take()
        receiver.stop()
    times_us = take.times_us
    assert [b - a for a, b in pairwise(times_us[:10])] == [33_333] * 9
    assert [b - a for a, b in pairwise(times_us[10:])] == [50_000] * 4
    assert times_us[9] < times_us[10]
    assert times_us[0] < lost_us < times_us[10] + 100_000
    ((gap),) = take.gaps
    assert (gap.start_us, gap.end_us) == (times_us[9], times_us[10])
    assert gap.reason
    assert (take.dropped, take.is_full, take.stream) == (2, False, "cam")
    assert take.bones.names[0] == "hips"
    assert take.landmarks[0] == "nose"


def test_a_take_outlives_stop(fake: FakeServer, receiver: Receiver) -> None:
    receiver.start_take("cam")
    with pytest.raises(RuntimeError, match="runs already"):
        receiver.start_take()
    fake.send(fake.frame(1, 1000))
    until(lambda: receiver.received == 1)
    receiver.stop()
    assert receiver.take_progress.frames == 1
    assert len(receiver.stop_take().frames) == 1
    assert receiver.take_progress is None
    with pytest.raises(RuntimeError, match="no take"):
        receiver.stop_take()


def test_every_frame_is_taken_even_where_only_the_latest_is_shown(fake: FakeServer, receiver: Receiver) -> None:
    receiver.start_take()
    for seq in range(200):
        fake.send(fake.frame(seq, 1000 + seq * 10))
    until(lambda: receiver.received == 200)
    assert [frame.seq for frame in receiver.stop_take().frames] == list(range(200))


def test_reading_while_frames_pour_in(fake: FakeServer, receiver: Receiver) -> None:
    over = threading.Event()
    sent = []

    def pour() -> None:
        seq = 0
        while not over.is_set():
            fake.send(fake.frame(seq, fake.now_us()))
            seq += 1
            time.sleep(0.001)
        sent.append(seq)

    thread = threading.Thread(target=pour)
    thread.start()
    last_us = 0
    try:
        until(lambda: receiver.received > 20)
        while receiver.received < 300:
            shown = receiver.sample()
            assert shown.t_us >= last_us
            last_us = shown.t_us
            assert receiver.latest().t_us >= shown.t_us
    finally:
        over.set()
        thread.join()
    until(lambda: receiver.received == sent[0])
