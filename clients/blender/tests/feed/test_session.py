from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import protocol
from clients.blender.tests.feed.servers import REST_ARRAY, a_pose
from posewire.feed.errors import Refused, WireError
from posewire.feed.limits import MAX_STREAMS
from posewire.feed.messages import Dropped, Frame, ServerError, Subscribe
from posewire.feed.session import ANSWER_LIMIT_US, Session
from protocol import BONES, EDGES, LANDMARKS, PARENTS, REST, Bones, Hello, Pose, Skeleton, StreamInfo, encode

FIELDS = ("world", "bones", "rest")
WISH = Subscribe(1, "cam", FIELDS)
INFO = StreamInfo("cam", 640, 480, 30, "e", "m")
HELLO = encode(
    Hello(
        "fake", 5_000_000, (INFO,), Skeleton(LANDMARKS, EDGES),
        Bones(BONES, PARENTS, REST), ("a", "b"),
    )
)  # fmt: skip
SUBSCRIBED = encode(protocol.Subscribed(1, "cam", FIELDS, tuple(range(33)), "f32"))


def frame(seq: int, t_us: int, *poses: Pose, id: int = 1, stream: str = "cam") -> bytes:
    return encode(protocol.Frame(id, stream, seq, t_us, t_us, (640, 480), poses))


def live(wish: Subscribe = WISH, subscribed: bytes = SUBSCRIBED) -> Session:
    session = Session(wish, 0)
    session.receive(HELLO, 0)
    session.receive(subscribed, 0)
    return session


def code_of(session: Session, data: "bytes | str") -> str:
    with pytest.raises(WireError) as caught:
        session.receive(data, 1000)
    return caught.value.code


def test_it_subscribes_once_and_asks_for_the_time_as_written() -> None:
    session = Session(WISH, 0)
    asked = []
    subscribed = 0
    for now_us in range(0, 7_000_000, 1000):
        for data in session.due(now_us):
            match protocol.decode(data):
                case protocol.Time(t0_us=t0_us):
                    asked.append(t0_us)
                case protocol.Subscribe(id=1, stream="cam", fields=("world", "bones", "rest")):
                    subscribed += 1
    assert subscribed == 1
    assert asked == [0, 50_000, 100_000, 150_000, 200_000, 2_200_000, 4_200_000, 6_200_000]


def test_it_says_when_it_wants_to_be_woken() -> None:
    session = Session(WISH, 0)
    session.due(0)
    assert session.due_at_us == 50_000
    for now_us in (50_000, 100_000, 150_000, 4_000_000):
        session.due(now_us)
    assert session.due_at_us == 5_000_000
    assert not session.is_overdue(4_999_999)
    assert session.is_overdue(5_000_000)
    session.receive(HELLO, 0)
    session.receive(SUBSCRIBED, 0)
    assert session.due_at_us == 6_000_000
    assert not session.is_overdue(9_000_000)


def test_from_hello_to_live() -> None:
    session = Session(WISH, 0)
    session.receive(HELLO, 1000)
    assert session.clock.to_server_us(1000) == 5_000_000
    assert (session.is_live, session.landmarks) == (False, ())
    session.receive(SUBSCRIBED, 2000)
    assert (session.is_live, session.landmarks) == (True, LANDMARKS)
    found = session.receive(frame(1, 10, a_pose()), 3000)
    assert isinstance(found, Frame)
    np.testing.assert_array_equal(found.poses[0].rest, REST_ARRAY)


def test_the_answer_to_the_time() -> None:
    session = live()
    session.receive(encode(protocol.Time(1000, 6_001_100, 6_001_200)), 1300)
    assert session.clock.offset_us == 6_000_000
    session.receive(encode(protocol.Time(10**12, 1, 1)), 1300)  # a question that we never asked
    assert session.clock.offset_us == 6_000_000


@pytest.mark.parametrize("first", [SUBSCRIBED, frame(1, 1), b"\x81\xa4type\xa6future", encode(protocol.Time(0, 1, 2))])
def test_hello_comes_first(first: bytes) -> None:
    assert code_of(Session(WISH, 0), first) == "bad_message"


def test_hello_and_subscribed_come_once() -> None:
    assert code_of(live(), HELLO) == "bad_message"
    assert code_of(live(), SUBSCRIBED) == "bad_message"


def test_no_frame_before_the_subscription_stands() -> None:
    session = Session(WISH, 0)
    session.receive(HELLO, 0)
    assert code_of(session, frame(1, 1)) == "bad_message"


def test_text_is_the_wrong_kind() -> None:
    assert code_of(live(), "{}") == "wrong_kind"


@pytest.mark.parametrize("id", [1, None])
def test_a_refused_subscription(id: "int | None") -> None:
    session = Session(WISH, 0)
    session.receive(HELLO, 0)
    with pytest.raises(Refused, match="unknown_stream: no stream 'cam'"):
        session.receive(encode(protocol.Error("unknown_stream", "no stream 'cam'", id)), 0)


def test_an_error_later_or_of_another_subscription_ends_nothing() -> None:
    session = Session(WISH, 0)
    session.receive(HELLO, 0)
    session.receive(encode(protocol.Error("internal", "oh", 77)), 0)
    session.receive(SUBSCRIBED, 0)
    assert session.receive(encode(protocol.Error("internal", "oh")), 0) == ServerError("internal", "oh")


@pytest.mark.parametrize(
    "answer",
    [
        protocol.Subscribed(2, "cam", FIELDS, (0,), "f32"),
        protocol.Subscribed(1, "other", FIELDS, (0,), "f32"),
        protocol.Subscribed(1, "cam", ("world",), (0,), "f32"),
        protocol.Subscribed(1, "cam", FIELDS, (0,), "f16"),
    ],
)
def test_the_answer_has_to_be_to_our_question(answer: protocol.Subscribed) -> None:
    session = Session(WISH, 0)
    session.receive(HELLO, 0)
    assert code_of(session, encode(answer)) == "bad_value"


@pytest.mark.parametrize(("seq", "t_us"), [(5, 200), (4, 200), (6, 100), (6, 50)])
def test_frames_dont_run_back(seq: int, t_us: int) -> None:
    session = live()
    session.receive(frame(5, 100), 0)
    session.receive(frame(1, 1, stream="other"), 0)
    assert code_of(session, frame(seq, t_us)) == "bad_value"


def test_a_stream_that_comes_back_counts_anew() -> None:
    session = live()
    session.receive(frame(900, 100), 0)
    session.receive(encode(protocol.Dropped(1, "cam", 5)), 0)
    session.receive(encode(protocol.Status("cam", "ended", "node hall has left", 1, gone=True)), 0)
    session.receive(encode(protocol.Status("cam", "live", "", 2, INFO)), 0)
    assert session.receive(frame(1, 200), 0).seq == 1
    assert session.dropped == {}
    assert asked(session) == 1


def test_streams_that_come_and_go_take_no_more_and_more_room() -> None:
    session = live()
    for i in range(200):
        session.receive(encode(protocol.Status(f"s{i}", "live", "", i)), 0)
        session.receive(encode(protocol.Status(f"s{i}", "ended", "", i, gone=True)), 0)
    for i in range(MAX_STREAMS):
        session.receive(encode(protocol.Status(f"s{i}", "live", "", i)), 0)
    assert code_of(session, encode(protocol.Status("more", "live", "", 1))) == "bad_value"


def asked(session: Session, now_us: int = 0) -> int:
    """How often it subscribes now."""
    return sum(isinstance(protocol.decode(data), protocol.Subscribe) for data in session.due(now_us))


def test_a_stream_that_was_there_before_is_waited_for() -> None:
    session = Session(WISH, 0, was_there=True)
    assert asked(session) == 1
    session.receive(HELLO, 0)
    session.receive(encode(protocol.Error("unknown_stream", "no stream 'cam'", 1)), 0)
    assert (session.is_away, session.is_live, session.is_overdue(10**9)) == (True, False, False)
    session.receive(encode(protocol.Status("other", "live", "", 1, replace(INFO, id="other"))), 10**9)
    assert asked(session, 10**9) == 0
    session.receive(encode(protocol.Status("cam", "live", "", 2, INFO)), 10**9)
    assert asked(session, 10**9) == 1
    assert (session.is_away, session.is_overdue(10**9)) == (False, False)
    assert session.is_overdue(10**9 + ANSWER_LIMIT_US)
    session.receive(SUBSCRIBED, 10**9)
    assert session.receive(frame(1, 1), 10**9).seq == 1
    again = Session(WISH, 0, was_there=True)
    again.receive(HELLO, 0)
    with pytest.raises(Refused, match="too_many"):
        again.receive(encode(protocol.Error("too_many_subscriptions", "64", 1)), 0)


def test_frames_of_another_subscription_arent_ours() -> None:
    session = live()
    assert session.receive(frame(1, 1, id=2), 0) is None
    assert session.receive(encode(protocol.Dropped(2, "cam", 5)), 0) is None
    assert session.receive(encode(protocol.Dropped(1, "cam", 5)), 0) == Dropped(1, "cam", 5)
    assert session.dropped == {"cam": 5}


def test_every_field_is_there_with_its_rows() -> None:
    whole = a_pose()
    two = Pose(1, 0.5, None, whole.world[:2], whole.bones, whole.root, rest=whole.rest)
    assert code_of(live(), frame(1, 1, two)) == "bad_value"
    three = Pose(1, 0.5, None, whole.world, whole.bones[:3], whole.root, rest=whole.rest[:3])
    assert code_of(live(), frame(1, 1, three)) == "bad_value"
    assert code_of(live(), frame(1, 1, Pose(1, 0.5, None, whole.world))) == "bad_message"
    angles = Subscribe(1, "cam", ("angles",))
    answer = encode(protocol.Subscribed(1, "cam", ("angles",), (0,), "f32"))
    assert code_of(live(angles, answer), frame(1, 1, Pose(1, 0.5, angles=np.zeros(3, "<f4")))) == "bad_value"
    live(angles, answer).receive(frame(1, 1, Pose(1, 0.5, angles=np.zeros(2, "<f4"))), 0)


@pytest.mark.parametrize("scale", [0.0, 0.9, 1.1, 3e38])
def test_bones_are_rotations(scale: float) -> None:
    whole = a_pose()
    bones = whole.bones.copy()
    bones[7] *= scale
    wrong = Pose(1, 0.5, None, whole.world, bones, whole.root, rest=whole.rest)
    assert code_of(live(), frame(1, 1, wrong)) == "bad_value"
    bones[7] = whole.bones[7] * np.float32(1.01)
    live().receive(frame(1, 1, wrong), 0)


VECTORS = [
    path.read_bytes()
    for path in sorted((Path(protocol.__file__).parent / "vectors").glob("*.msgpack"))
    if not path.name.startswith("subscribe_")
]


@settings(max_examples=200)
@given(st.data())
def test_whatever_a_server_says_it_is_a_message_or_a_known_error(data: st.DataObject) -> None:
    session = live(Subscribe(1, "*", ("world",)), encode(protocol.Subscribed(1, "*", ("world",), (0, 1, 2), "f32")))
    for _ in range(data.draw(st.integers(1, 6))):
        packed = bytearray(data.draw(st.sampled_from(VECTORS)))
        for _ in range(data.draw(st.integers(0, 3)) if packed else 0):
            packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
        with suppress(WireError, Refused):
            session.receive(bytes(packed), 10**9)
    session.due(10**9)
    assert np.isfinite(session.clock.to_server_us(0))


def test_half_precision() -> None:
    wish = Subscribe(1, "cam", ("world",), dtype="f16")
    session = live(wish, encode(protocol.Subscribed(1, "cam", ("world",), (0, 1), "f16")))
    world = np.array([[0.1, 0.2, 0.3, 1]] * 2, "<f2")
    found = session.receive(frame(1, 1, Pose(1, 0.5, None, world)), 0)
    assert found.poses[0].world.dtype == np.float32
    np.testing.assert_array_equal(found.poses[0].world, world)


def test_streams_without_end_are_a_fault() -> None:
    session = live(Subscribe(1, "*", FIELDS), encode(protocol.Subscribed(1, "*", FIELDS, tuple(range(33)), "f32")))
    for i in range(64):
        session.receive(frame(1, 1, stream=f"s{i}"), 0)
    assert code_of(session, frame(1, 1, stream="one more")) == "bad_value"
    assert code_of(session, encode(protocol.Status("another", "lost", "", 1))) == "bad_value"
    session.receive(frame(2, 2, stream="s0"), 0)
