from dataclasses import replace

import msgpack
import numpy as np
import pytest

from protocol import ANGLES, BONES, Dropped, Frame, Status, StreamInfo, Subscribe, Unsubscribe, decode, encode
from protocol.messages import Format
from streamer import delivery as delivery_module
from streamer import hub as hub_module
from streamer import outgoing as outgoing_module
from streamer.body import Body, Person
from streamer.catalog import Catalog
from streamer.clock import now_us
from streamer.delivery import Client
from streamer.engine import Detection
from streamer.guard.share import MOST, Share
from streamer.hub import STALL_LIMIT_US, Hub
from streamer.outgoing import Estimate
from streamer.session import Session, View
from streamer.stages import STAGES, Stamps

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


@pytest.fixture
def hub() -> Hub:
    catalog = Catalog()
    for name in ("a", "b"):
        catalog.add(StreamInfo(name, 640, 480, 30.0, "mediapipe", "full"), 1)
    return Hub(catalog)


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


GREED = [Subscribe(id, "a", landmarks=(id % 33, (id + 1 + id // 33) % 33)) for id in range(64)]  # no two views alike


def frames_at(hub: Hub, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """So many frames, 60 a second of a clock that is ours; writing is dear, whatever the machine."""
    monkeypatch.setattr(delivery_module, "WRITE_US", 100.0)
    for client in hub.clients:
        client.note_costs()
    for seq in range(1, count + 1):
        monkeypatch.setattr(hub_module, "now_us", lambda seq=seq: seq * 16_667)
        hub.publish(estimate(seq))


def test_an_address_that_wants_too_much_sees_fewer_frames_and_its_neighbours_all(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Share()
    _, first = connect(hub, *GREED, share=share)
    _, second = connect(hub, Subscribe(0, "a"), share=share)
    _, modest = connect(hub, Subscribe(0, "a"))
    frames_at(hub, monkeypatch, 120)
    assert [frame.seq for frame in modest.messages()] == list(range(1, 121))
    seqs = {id: [frame.seq for frame in first.messages() if frame.id == id] for id in range(64)}
    assert all(seqs[id] == seqs[0] for id in seqs)  # none of them is favoured
    assert [frame.seq for frame in second.messages()] == seqs[0]  # nor another client there
    least = 63 * 100 / (MOST * 16_667)  # in frames, what one of them costs; encoding comes to that
    assert 120 / least / 4 < len(seqs[0]) < 120 / least + 2
    counts = hub.counts("a")
    assert counts.sent == 120 + 65 * len(seqs[0])
    assert counts.sent + counts.crowded + counts.held == 66 * 120
    assert counts.dropped == 0


def test_viewers_of_one_view_cost_their_address_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Share()
    pipes = [connect(hub, Subscribe(0), share=share)[1] for _ in range(1000)]
    connect(hub, Subscribe(0))
    frames_at(hub, monkeypatch, 5)
    assert [len(pipe.written) for pipe in pipes] == [5] * 1000


def test_who_is_alone_may_want_everything(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    share = Share()
    pipes = [connect(hub, *GREED, share=share)[1] for _ in range(2)]
    frames_at(hub, monkeypatch, 30)
    assert [len(pipe.written) for pipe in pipes] == [64 * 30] * 2


def test_the_newest_frame_comes_also_where_no_other_follows(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    _, greedy = connect(hub, *GREED)
    connect(hub, Subscribe(0, "a"))
    frames_at(hub, monkeypatch, 3)
    before = len(greedy.written)
    monkeypatch.setattr(hub_module, "now_us", lambda: 2_000_000)
    hub.tick(2_000_000)
    late = greedy.messages()[before:]
    assert [message.seq for message in late if isinstance(message, Frame)] == [3] * 64
    assert [message.total for message in late if isinstance(message, Dropped)] == [1] * 64
    assert hub.counts("a").held == 0


def test_the_rest_of_a_greedy_address_comes_last(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    for name, wishes in (("greedy", GREED), ("modest", [Subscribe(99, "a")])):
        _, pipe = connect(hub, *wishes)
        monkeypatch.setattr(pipe, "write", lambda payload, name=name: order.append(name))
    frames_at(hub, monkeypatch, 1)
    assert order.count("greedy") == 64
    assert 1 < order.index("modest") < 20


def body() -> Body:
    rng = np.random.default_rng(3)
    bones = rng.normal(size=(len(BONES), 4)).astype(np.float32)
    rest = rng.normal(size=(len(BONES), 3)).astype(np.float32)
    return Body(bones, np.array([0.5, -0.25, -3], np.float32), -1.23456, rest, (3, 7), (True, False))


def solved(*fields: str) -> Estimate:
    angles = np.arange(len(ANGLES), dtype=np.float32)
    angles[2] = np.nan
    with_body = body() if {"bones", "rest"} & set(fields) else None
    person = Person(1, DETECTION, with_body, angles if "angles" in fields else None)
    return Estimate("a", 1, 16_667, (640, 480), [person], frozenset(fields))


def test_bodies_and_angles_are_made_only_where_somebody_wants_them(hub: Hub) -> None:
    assert hub.wanted("a") == frozenset()
    client, _ = connect(hub, Subscribe(1, "a"))
    assert hub.wanted("a") == frozenset()
    say(hub, client, Subscribe(1, "a", ("bones", "world")))
    other, _ = connect(hub, Subscribe(1, "*", ("angles",)))
    assert (hub.wanted("a"), hub.wanted("b")) == ({"bones", "angles"}, {"angles"})
    say(hub, client, Unsubscribe(1))
    assert hub.wanted("a") == {"angles"}
    hub.leave(other)
    assert hub.wanted("a") == hub.wanted("b") == frozenset()


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_a_solved_body_reaches_its_subscribers(hub: Hub, format: Format) -> None:
    _, pipe = connect(hub, Subscribe(1, "a", ("bones", "rest", "angles")), format=format)
    hub.publish(solved("bones", "rest", "angles"))
    [frame] = pipe.messages()
    [pose] = frame.poses
    np.testing.assert_allclose(pose.bones, body().bones, atol=1e-6)
    np.testing.assert_allclose(pose.root, [0.5, -0.25, -3])
    np.testing.assert_allclose(pose.rest, body().rest, atol=1e-6)
    assert (pose.held, pose.contact, pose.floor) == ((3, 7), (True, False), -1.2346)
    assert np.isnan(pose.angles[2])
    assert pose.angles[3] == 3
    assert pose.image is None


def test_one_who_wants_bones_gets_no_frame_that_has_none(hub: Hub) -> None:
    """Frames estimated a moment before the first such subscription go to the others alone."""
    _, plain = connect(hub, Subscribe(1, "a", ("world",)))
    _, wants = connect(hub, Subscribe(1, "a", ("world", "bones")), Subscribe(2, "a", ("angles",)))
    hub.publish(estimate())
    hub.publish(solved("angles"))
    assert len(plain.written) == 2
    assert [frame.id for frame in wants.messages()] == [2]


def test_nobody_in_the_picture_is_told_to_those_who_want_bones_too(hub: Hub) -> None:
    _, pipe = connect(hub, Subscribe(1, "a", ("bones",)))
    hub.publish(Estimate("a", 1, 16_667, (640, 480), [], frozenset({"bones"})))
    assert [frame.poses for frame in pipe.messages()] == [()]


def test_raw_landmarks_are_those_before_smoothing_or_the_same() -> None:
    catalog = Catalog()
    catalog.add(StreamInfo("a", 640, 480, 30.0, "scripted", "none"), 0)
    hub = Hub(catalog)
    _, pipe = connect(hub, Subscribe(1, "a", ("image", "image_raw", "world_raw"), ("nose",)))
    raw = Detection(DETECTION.image + 1, DETECTION.world + 2, 0.9)
    for seq, person in enumerate((Person(1, DETECTION, raw=raw), Person(1, DETECTION)), 1):
        hub.publish(Estimate("a", seq, seq * 16_667, (640, 480), [person]))
    first, second = (frame.poses[0] for frame in pipe.messages())
    np.testing.assert_allclose(first.image_raw - first.image, np.ones((1, 4)), atol=1e-6)
    np.testing.assert_allclose(first.world_raw, raw.world[:1], atol=1e-6)
    np.testing.assert_array_equal(second.image_raw, second.image)


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
