import msgpack
import pytest

from protocol import (
    SUBPROTOCOL_JSON,
    Error,
    Hello,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
    decode,
    encode,
)
from protocol.limits import MAX_SUBSCRIPTIONS
from streamer.hub.catalog import Catalog
from streamer.hub.session import Session, View


@pytest.fixture
def catalog() -> Catalog:
    catalog = Catalog()
    for name in ("left", "right"):
        catalog.add(StreamInfo(name, 640, 480, 30.0, "mediapipe", "full"), 1)
    return catalog


@pytest.fixture
def session(catalog: Catalog) -> Session:
    return Session("msgpack", catalog)


def code(messages: list) -> str:
    (message,) = messages
    assert isinstance(message, Error)
    return message.code


def test_greets_with_hello_that_lists_the_streams(session: Session) -> None:
    (hello,) = session.greet({}, 123)
    assert isinstance(hello, Hello)
    assert [stream.id for stream in hello.streams] == ["left", "right"]
    assert hello.now_us == 123
    assert len(hello.skeleton.landmarks) == 33
    assert len(hello.bones.names) == len(hello.bones.parents) == len(hello.bones.rest) == 19
    assert "left_knee_flexion" in hello.angles


def test_subscribe_is_answered_with_what_it_resolved_to(session: Session) -> None:
    wish = Subscribe(5, "left", ("world",), ("nose", 11), 30.0, "f16")
    assert session.receive(encode(wish), 0) == [Subscribed(5, "left", ("world",), (0, 11), "f16")]
    subscription = session.subscriptions[5]
    assert subscription.view == View(("world",), (0, 11), "f16")
    assert subscription.interval_us == 33_333


def test_subscribe_with_an_id_in_use_replaces(session: Session) -> None:
    session.receive(encode(Subscribe(5, "left")), 0)
    session.receive(encode(Subscribe(5, "right")), 0)
    assert [s.stream for s in session.subscriptions.values()] == ["right"]


def test_a_lost_stream_is_told_right_after_subscribed(session: Session, catalog: Catalog) -> None:
    catalog.set_state("right", "lost", "unplugged", 9)
    answers = session.receive(encode(Subscribe(1)), 10)
    assert answers[1:] == [Status("right", "lost", "unplugged", 9)]


def test_unsubscribe_is_silent_and_final(session: Session) -> None:
    session.receive(encode(Subscribe(5)), 0)
    assert session.receive(encode(Unsubscribe(5)), 0) == []
    assert session.subscriptions == {}
    assert code(session.receive(encode(Unsubscribe(5)), 0)) == "unknown_subscription"


def test_time_carries_the_clients_time_back(session: Session) -> None:
    assert session.receive(encode(Time(77)), 1000) == [Time(77, 1000, 1000)]


def test_unknown_stream_names_those_there_are(session: Session) -> None:
    (error,) = session.receive(encode(Subscribe(3, "middle")), 0)
    assert error == Error("unknown_stream", "no stream 'middle'; streams: left, right", 3)
    assert session.close_code is None


def test_subscriptions_are_limited(session: Session) -> None:
    for id in range(MAX_SUBSCRIPTIONS):
        assert isinstance(session.receive(encode(Subscribe(id)), 0)[0], Subscribed)
    for id in range(MAX_SUBSCRIPTIONS, 10_000):
        assert code(session.receive(encode(Subscribe(id)), 0)) == "too_many_subscriptions"
    assert len(session.subscriptions) == MAX_SUBSCRIPTIONS
    assert isinstance(session.receive(encode(Subscribe(0, "left")), 0)[0], Subscribed)


@pytest.mark.parametrize("value", [-1, 0, float("nan"), float("inf"), "30", True, 1e9])
def test_bad_max_fps_is_refused_and_the_connection_lives(session: Session, value: object) -> None:
    data = msgpack.packb({"type": "subscribe", "id": 4, "max_fps": value})
    (error,) = session.receive(data, 0)
    assert error.code in ("bad_value", "bad_message")
    assert "max_fps" in error.message
    assert error.id == 4
    assert session.close_code is None


@pytest.mark.parametrize(
    ("data", "expected", "close_code"),
    [
        (b"\xc1", "malformed", 1007),
        (b"\x93\x01\x02\x03", "malformed", 1007),
        ("{}", "wrong_kind", 1003),
        (msgpack.packb({"type": "dance"}), "unknown_type", None),
        (msgpack.packb({"id": 1}), "bad_message", None),
        (encode(Status("left", "live", "", 0)), "unknown_type", None),
        (msgpack.packb({"type": "subscribe", "id": 1, "landmarks": [33]}), "unknown_landmark", None),
    ],
)
def test_what_is_wrong_is_answered(session: Session, data: bytes | str, expected: str, close_code: int | None) -> None:
    assert code(session.receive(data, 0)) == expected
    assert session.close_code == close_code


def test_a_fault_of_the_server_is_told_and_the_connection_lives(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(session, "_subscribe", broken)
    assert code(session.receive(encode(Subscribe(1)), 0)) == "internal"
    assert session.close_code is None
    assert "bug" in caplog.text


def test_json_sessions_take_text_and_refuse_bytes(catalog: Catalog) -> None:
    assert SUBPROTOCOL_JSON.endswith("json")
    session = Session("json", catalog)
    assert isinstance(session.receive('{"type":"subscribe","id":1}', 0)[0], Subscribed)
    assert isinstance(decode(session.encode(Time(1)).decode()), Time)
    assert code(session.receive(b"\x80", 0)) == "wrong_kind"
    assert session.close_code == 1003


class TestQuery:
    def test_subscribes_without_a_message(self, session: Session) -> None:
        query = {
            "subscribe": "*",
            "fields": "world",
            "landmarks": "upper_body",
            "max_fps": "30",
            "dtype": "f16",
            "id": "7",
        }
        hello, subscribed = session.greet(query, 0)
        assert isinstance(hello, Hello)
        assert subscribed == Subscribed(7, "*", ("world",), tuple(range(25)), "f16")

    @pytest.mark.parametrize(
        ("landmarks", "expected"), [("nose", (0,)), ("3,nose", (3, 0)), ("32", (32,)), ("face", tuple(range(11)))]
    )
    def test_landmarks_are_a_preset_or_a_list(self, session: Session, landmarks: str, expected: tuple) -> None:
        assert session.greet({"subscribe": "left", "landmarks": landmarks}, 0)[1].landmarks == expected

    def test_an_empty_stream_means_all(self, session: Session) -> None:
        assert session.greet({"subscribe": ""}, 0)[1].stream == "*"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"subscribe": "nowhere"},
            {"max_fps": "fast"},
            {"max_fps": "nan"},
            {"max_fps": "-1"},
            {"landmarks": "33"},
            {"landmarks": ""},
            {"landmarks": "²"},
            {"landmarks": "9" * 5000},
            {"landmarks": "0," + "9" * 5000},
            {"fields": "smell"},
            {"fields": ""},
            {"dtype": "f64"},
            {"id": "x"},
            {"id": "-1"},
            {"id": "9" * 5000},
        ],
    )
    def test_a_wrong_value_is_an_error_message(self, session: Session, wrong: dict) -> None:
        hello, error = session.greet({"subscribe": "*"} | wrong, 0)
        assert isinstance(hello, Hello)
        assert isinstance(error, Error)
        assert len(error.message) <= 250
        assert session.subscriptions == {}
        assert session.close_code is None


def test_who_subscribes_learns_what_there_is_to_tell_of_a_stream_that_is_live() -> None:
    catalog = Catalog()
    catalog.add(StreamInfo("take", 640, 480, 30.0, "mediapipe", "full"), 1)
    told = catalog.set_state("take", "live", "paused", 2)
    answers = Session("msgpack", catalog).receive(encode(Subscribe(1)), 0)
    assert answers[1:] == [told]
