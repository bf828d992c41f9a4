from dataclasses import replace

import pytest

from protocol import Frame, Status, StreamInfo, Subscribe, Unsubscribe, decode
from streamer.hub.hub import Hub
from tests.pipes import connect, estimate, make_hub, say


@pytest.fixture
def hub() -> Hub:
    return make_hub()


class Kept:
    """Recordings of stream a."""

    def __init__(self) -> None:
        self.frames: list[tuple] = []
        self.statuses: list[Status] = []

    def want(self, stream: str) -> bool:
        return stream == "a"

    def frame(self, *head: object) -> None:
        self.frames.append(head)

    def status(self, status: Status) -> None:
        self.statuses.append(status)


def test_a_recording_gets_every_frame_after_the_clients_and_wants_all_that_can_be_solved(hub: Hub) -> None:
    recordings = Kept()
    hub = Hub(hub.catalog, recordings)
    _, pipe = connect(hub, Subscribe(1))
    pipe.paused = True
    assert hub.wanted("a") == {"bones", "rest", "angles"}
    assert hub.wanted("b") == set()
    for seq in (1, 2, 3):
        hub.publish(estimate(seq))
        hub.publish(estimate(seq, "b"))
    assert [head[:3] for head in recordings.frames] == [("a", seq, seq * 16_667) for seq in (1, 2, 3)]
    for _, _, t_us, data in recordings.frames:
        frame = decode(data)
        assert frame.sent_us >= t_us
        assert frame.poses[0].image_raw is not None
    lost = Status("a", "lost", "gone", 7)
    hub.announce(lost)
    assert recordings.statuses == [lost]


def test_all_who_take_a_stream_whole_get_the_same_bytes() -> None:
    recordings, uplink = Kept(), Kept()
    hub = make_hub(recordings=recordings, uplink=uplink)
    assert hub.wanted("a") == {"bones", "rest", "angles"}
    hub.publish(estimate(1))
    assert recordings.frames[0][3] is uplink.frames[0][3]
    hub.announce(Status("a", "lost", "gone", 7))
    assert recordings.statuses == uplink.statuses


def test_who_takes_a_stream_and_who_is_behind(hub: Hub) -> None:
    assert not hub.taken("a")
    client, pipe = connect(hub, Subscribe(1, "a"), Subscribe(2, "*"))
    assert hub.taken("a")
    pipe.paused = True
    for seq in (1, 2):
        hub.publish(estimate(seq))
        assert hub.counts("a").held == 2
    pipe.paused = False
    hub.drained(client)
    assert hub.counts("a").held == 0
    pipe.paused = True
    hub.publish(estimate(3))
    say(hub, client, Unsubscribe(1))
    assert hub.counts("a").held == 1
    hub.leave(client)
    assert hub.counts("a").held == 0
    assert not hub.taken("a")


def test_streams_that_come_and_go_are_told_to_everyone(hub: Hub) -> None:
    subscribed, pipe = connect(hub, Subscribe(1, "*"))
    _, other = connect(hub, Subscribe(1, "b"))
    info = StreamInfo("late", 640, 480, 30.0, "mediapipe", "full")
    hub.offer(info)
    for told in (pipe, other):
        [status] = told.messages()
        assert isinstance(status, Status)
        assert (status.stream, status.state, status.info) == ("late", "live", info)
    hub.publish(replace(estimate(1), stream="late"))
    assert (len(pipe.written), len(other.written)) == (2, 1)
    hub.withdraw("late", "it has left")
    for told in (pipe, other):
        status = told.messages()[-1]
        assert isinstance(status, Status)
        assert (status.stream, status.state, status.detail) == ("late", "ended", "it has left")
    assert "late" not in hub.catalog
    assert not any(stream == "late" for _, stream in subscribed.deliveries)
    hub.offer(info)  # back again: the subscription had stayed
    hub.publish(replace(estimate(2), stream="late"))
    assert [message.seq for message in pipe.messages() if isinstance(message, Frame)] == [1, 2]


def test_who_wants_to_knows_which_streams_are_of_interest(hub: Hub) -> None:
    calls: list[list[bool]] = []
    hub.on_interest = lambda: calls.append([hub.taken("a"), hub.taken("b")])
    client, _ = connect(hub, Subscribe(1, "a"))
    connect(hub, Subscribe(1, "a", fields=("world",)))
    assert calls == [[True, False]]
    other, _ = connect(hub, Subscribe(1, "*"))
    assert calls == [[True, False], [True, True]]
    hub.leave(other)
    hub.leave(client)
    assert calls[2:] == [[True, False]]
