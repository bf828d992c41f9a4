from dataclasses import replace

import msgpack
import numpy as np
import pytest

from protocol import Dropped, Frame, Status, StreamInfo, Subscribe, Unsubscribe
from protocol.messages import Format
from streamer.clock import now_us
from streamer.hub import outgoing as outgoing_module
from streamer.hub.hub import STALL_LIMIT_US, Hub
from streamer.hub.outgoing import Estimate
from streamer.hub.session import View
from streamer.vitals.stages import STAGES, Stamps
from tests.pipes import DETECTION, Pipe, connect, estimate, make_hub, say


@pytest.fixture
def hub() -> Hub:
    return make_hub()


def test_a_frame_reaches_its_subscribers_only(hub: Hub) -> None:
    _, pipe_a = connect(hub, Subscribe(1, "a"))
    _, pipe_b = connect(hub, Subscribe(2, "b"))
    _, pipe_all = connect(hub, Subscribe(3))
    _, idle = connect(hub)
    hub.publish(estimate(1, "a"))
    hub.publish(estimate(1, "b"))
    assert [(m.id, m.stream) for m in pipe_a.messages()] == [(1, "a")]
    assert [(m.id, m.stream) for m in pipe_b.messages()] == [(2, "b")]
    assert [(m.id, m.stream) for m in pipe_all.messages()] == [(3, "a"), (3, "b")]
    assert idle.written == []


def test_the_frame_holds_what_was_subscribed_to(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a", ("world",), (11, 0)))
    hub.publish(estimate(people=2))
    (frame,) = pipe.messages()
    assert isinstance(frame, Frame)
    assert frame.size == (640, 480)
    assert [pose.id for pose in frame.poses] == [1, 2]
    assert frame.poses[0].image is None
    np.testing.assert_array_equal(frame.poses[0].world, DETECTION.world[[11, 0]])
    assert frame.poses[0].score == pytest.approx(0.8765, abs=1e-4)


def test_nobody_there_is_a_frame_too(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a"))
    hub.publish(estimate(people=0))
    assert pipe.messages()[0].poses == ()


def test_equal_views_are_encoded_once(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = outgoing_module.encode_view
    monkeypatch.setattr(outgoing_module, "encode_view", lambda *args: made.append(args[1:]) or original(*args))
    pipes = [connect(hub, Subscribe(id, "a"))[1] for id in (1, 1, 1, 2)]
    pipes.append(connect(hub, Subscribe(1, "a", dtype="f16"))[1])
    pipes.append(connect(hub, Subscribe(1, "a"), format="json")[1])
    hub.publish(estimate())
    assert len(made) == 3
    assert pipes[0].written[0] is pipes[1].written[0] is pipes[2].written[0]
    assert [pipe.messages()[0].id for pipe in pipes if pipe is not pipes[4]] == [1, 1, 1, 2, 1]


def test_a_slow_client_gets_the_latest_frame_and_delays_nobody(hub: Hub) -> None:
    slow_client, slow = connect(hub, Subscribe(1, "a"))
    _, quick = connect(hub, Subscribe(1, "a"))
    slow.paused = True
    for seq in range(1, 6):
        hub.publish(estimate(seq))
    assert slow.written == []
    assert len(quick.written) == 5
    slow.paused = False
    hub.drained(slow_client)
    assert [frame.seq for frame in slow.messages()] == [5]
    hub.tick()
    assert slow.messages()[1:] == [Dropped(1, "a", 4)]
    hub.tick()
    assert len(slow.written) == 2
    counts = hub.counts("a")
    assert (counts.published, counts.sent, counts.dropped, counts.thinned) == (5, 6, 4, 0)


def test_drained_stops_when_the_buffer_fills_again(hub: Hub) -> None:
    client, pipe = connect(hub, Subscribe(1, "a"), Subscribe(2, "a"))
    pipe.paused = True
    hub.publish(estimate(1))

    def write_and_block(payload: bytes) -> None:
        pipe.written.append(payload)
        pipe.paused = True

    pipe.paused = False
    pipe.write = write_and_block
    hub.drained(client)
    assert len(pipe.written) == 1
    pipe.paused = False
    hub.drained(client)
    assert sorted(frame.id for frame in pipe.messages()) == [1, 2]


def test_status_goes_to_subscribers_and_waits_for_the_slow(hub: Hub) -> None:
    _, pipe_a = connect(hub, Subscribe(1, "a"))
    _, pipe_b = connect(hub, Subscribe(1, "b"))
    slow_client, slow = connect(hub, Subscribe(1))
    slow.paused = True
    hub.announce(hub.catalog.set_state("a", "lost", "unplugged", 5))
    hub.announce(hub.catalog.set_state("a", "live", "", 6))
    assert [m.state for m in pipe_a.messages()] == ["lost", "live"]
    assert pipe_b.written == []
    slow.paused = False
    hub.drained(slow_client)
    assert slow.messages() == [Status("a", "live", "", 6)]


def test_a_client_that_takes_nothing_is_cut_off(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a"))
    pipe.paused, pipe.paused_since_us = True, 1000
    hub.tick(1000 + STALL_LIMIT_US - 1)
    assert pipe.aborted is None
    hub.tick(1000 + STALL_LIMIT_US)
    assert pipe.aborted == "took no data for 10 s"


def test_unsubscribing_and_leaving_at_any_moment(hub: Hub) -> None:
    client, pipe = connect(hub, Subscribe(1, "a"), Subscribe(2))
    pipe.paused = True
    hub.publish(estimate(1))
    say(hub, client, Unsubscribe(2))
    pipe.paused = False
    hub.drained(client)
    assert [frame.id for frame in pipe.messages()] == [1]
    hub.leave(client)
    hub.leave(client)
    hub.publish(estimate(2))
    assert len(pipe.written) == 1
    assert all(not groups for groups in hub._groups.values())


def test_replacing_a_subscription_changes_the_view_at_once(hub: Hub) -> None:
    client, pipe = connect(hub, Subscribe(1, "a"))
    say(hub, client, Subscribe(1, "a", ("image",), (0,)))
    hub.publish(estimate())
    assert len(pipe.written) == 1
    assert set(msgpack.unpackb(pipe.written[0])["poses"][0]) == {"id", "score", "image"}


def test_a_slow_client_learns_the_last_state_and_the_last_description(hub: Hub) -> None:
    client, pipe = connect(hub, Subscribe(1, "a"))
    pipe.written.clear()
    pipe.paused = True
    hub.announce(hub.catalog.describe(StreamInfo("a", 640, 480, 30.0, "mediapipe", "heavy"), 5))
    hub.announce(hub.catalog.set_state("a", "lost", "gone", 6))
    pipe.paused = False
    hub.drained(client)
    [status] = pipe.messages()
    assert (status.state, status.detail, status.info.model) == ("lost", "gone", "heavy")


def test_everyone_learns_of_streams_that_come_and_go(hub: Hub) -> None:
    new = StreamInfo("hall.cam", 640, 480, 30.0, "mediapipe", "full", node="hall", clock_error_us=900)
    _, idle = connect(hub)
    _, by_name = connect(hub, Subscribe(1, "a"))
    client, all_streams = connect(hub, Subscribe(1))
    hub.offer(new)
    hub.publish(estimate(1, "hall.cam"))
    hub.withdraw("hall.cam", "node hall has left")
    for pipe in (idle, by_name):
        come, gone = pipe.messages()
        assert (come.state, come.info, come.gone) == ("live", new, False)
        assert (gone.stream, gone.state, gone.detail) == ("hall.cam", "ended", "node hall has left")
        assert gone.gone
        assert gone.info is None
    assert [type(message) for message in all_streams.messages()] == [Status, Frame, Status]
    assert sorted(stream for _, stream in client.deliveries) == ["a", "b"]


def test_a_subscription_by_name_outlives_its_stream(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a"))
    info = hub.catalog.info("a")
    hub.withdraw("a", "")
    hub.offer(info)
    hub.publish(estimate(1, "a"))
    gone, back, frame = pipe.messages()
    assert (gone.gone, back.info, frame.seq) == (True, info, 1)


def test_a_slow_client_is_told_nothing_of_a_stream_that_has_gone_but_that(hub: Hub) -> None:
    client, pipe = connect(hub, Subscribe(1, "a"))
    info = StreamInfo("new", 640, 480, 30.0, "mediapipe", "full")
    pipe.paused = True
    hub.offer(info)
    hub.withdraw("new", "")
    pipe.paused = False
    hub.drained(client)
    (gone,) = pipe.messages()
    assert (gone.gone, gone.info) == (True, None)
    pipe.paused = True
    hub.withdraw("a", "")
    hub.offer(info)
    pipe.paused = False
    hub.drained(client)
    assert [(m.stream, m.gone, m.info) for m in pipe.messages()[1:]] == [("a", True, None), ("new", False, info)]


def test_what_waits_for_a_stalled_client_is_not_even_encoded(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it costs nothing, however many views it asked for."""
    encoded: list[int] = []
    real = outgoing_module.encode_view

    def counted(estimate: Estimate, view: View, format: Format) -> bytes:
        encoded.append(estimate.seq)
        return real(estimate, view, format)

    monkeypatch.setattr(outgoing_module, "encode_view", counted)
    wishes = [Subscribe(id, "a", fields=("image",), landmarks=(id,)) for id in range(1, 9)]
    (stalled, pipe), (_, same) = connect(hub, *wishes), connect(hub, wishes[0])
    pipe.paused = same.paused = True
    for seq in range(1, 6):
        hub.publish(estimate(seq))
    assert encoded == []
    assert len({id(delivery.held) for delivery in stalled.deliveries.values()}) == 1
    for client, outlet in ((client, client.outlet) for client in hub.clients):
        assert isinstance(outlet, Pipe)
        outlet.paused = False
        hub.drained(client)
    assert encoded == [5] * 8  # once a view, for both clients
    assert sorted(message.id for message in pipe.messages()) == list(range(1, 9))
    assert [(message.id, message.seq) for message in same.messages()] == [(1, 5)]


def test_what_becomes_of_frames_is_counted_by_stream(hub: Hub) -> None:
    connect(hub, Subscribe(1, "a"), Subscribe(2, "*", max_fps=20))
    connect(hub, Subscribe(1, "b"))
    assert (hub.subscriptions("a"), hub.subscriptions("b"), hub.subscriptions("c")) == (2, 2, 0)
    for seq in (1, 2, 4, 8):  # at 60 frames a second, four of them replaced before they came here
        hub.publish(estimate(seq))
    counts = hub.counts("a")
    assert (counts.published, counts.sent, counts.thinned) == (4, 7, 1)
    assert hub.counts("b").sent == 0


def test_stages_are_noted_once_a_frame_however_many_there_are(hub: Hub) -> None:
    for _ in range(5):
        connect(hub, Subscribe(1, "a"))
    t_us = now_us() - 30_000
    stamped = replace(estimate(1, t_us=t_us), stamps=Stamps(t_us + 4_000, t_us + 24_000, t_us + 25_000))
    hub.publish(stamped)
    hub.publish(estimate(2))  # without stamps there is nothing to note
    stages = hub.counts("a").stages
    assert {name: sum(histogram.buckets) for name, histogram in stages.by_name.items()} == dict.fromkeys(STAGES, 1)
    sums = {name: histogram.sum_us for name, histogram in stages.by_name.items()}
    assert (sums["waiting"], sums["engine"], sums["solve"]) == (4_000, 20_000, 1_000)
    assert sums["deliver"] > 0
    assert sum(sums.values()) == stages.whole.sum_us >= 30_000
