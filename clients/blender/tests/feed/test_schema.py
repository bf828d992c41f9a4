"""The golden vectors, and what they leave to say."""

import json
from pathlib import Path
from typing import Any

import msgpack as reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import protocol
from posewire.feed.errors import WireError
from posewire.feed.messages import (
    Dropped,
    Frame,
    Hello,
    Pose,
    ServerError,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    TimeAnswer,
)
from posewire.feed.schema import decode, encode, encode_time

FOLDER = Path(protocol.__file__).parent / "vectors"
VECTORS = [v for v in json.loads((FOLDER / "index.json").read_text("utf-8")) if v["sender"] == "server"]
VALID = [v for v in VECTORS if v["kind"] == "valid"]
# What the add-on has no use for isn't read, so nothing can be wrong with it.
NOT_READ = {
    "invalid_hello_mirror_no_bool",
    "invalid_status_info_clock_error_negative",
    "invalid_raw_cut",
    "invalid_raw_differs",
    "invalid_raw_not_finite",
}
INVALID = [v for v in VECTORS if v["kind"] == "invalid" and v["form"] == "msgpack" and v["name"] not in NOT_READ]


def name(vector: dict) -> str:
    return vector["name"]


def read(vector: dict, form: str) -> bytes:
    return (FOLDER / vector["files"][form]).read_bytes()


def expected(twin: dict, dtype: str) -> Any:
    """The message that the JSON twin tells of, built from plain values, not by the code under test."""
    match twin["type"]:
        case "frame":
            poses = [expected_pose(pose, dtype) for pose in twin["poses"]]
            return [*(twin[key] for key in ("id", "stream", "seq", "t_us", "sent_us")), tuple(twin["size"]), poses]
        case "hello":
            streams = [expected_stream(stream) for stream in twin["streams"]]
            bones = twin.get("bones")
            if bones is not None and bones["names"]:
                bones = (tuple(bones["names"]), tuple(bones["parents"]), tuple(tuple(r) for r in bones["rest"]))
            else:
                bones = None
            skeleton = twin["skeleton"]
            head = [twin["version"], twin["server"], twin["now_us"], streams, tuple(skeleton["landmarks"])]
            return [*head, tuple(map(tuple, skeleton["edges"])), bones, tuple(twin.get("angles") or ())]
        case "subscribed":
            lists = tuple(twin["fields"]), tuple(twin["landmarks"])
            return Subscribed(twin["id"], twin["stream"], *lists, twin["dtype"])
        case "status":
            info = twin.get("info") and expected_stream(twin["info"])
            return [twin["stream"], twin["state"], twin.get("detail") or "", twin["t_us"], info, bool(twin.get("gone"))]
        case "dropped":
            return Dropped(twin["id"], twin["stream"], twin["total"])
        case "time":
            return TimeAnswer(twin["t0_us"], twin.get("t1_us"), twin.get("t2_us"))
        case "error":
            return ServerError(twin["code"], twin["message"], twin.get("id"))
    raise AssertionError(twin["type"])


STREAM = ("id", "width", "height", "fps", "engine", "model", "people", "smoothing", "state", "node")


def expected_stream(twin: dict) -> tuple:
    defaults = {"people": 1, "smoothing": "none", "state": "live", "node": ""}
    return tuple((defaults | twin)[key] for key in STREAM)


def plain_stream(stream: StreamInfo) -> tuple:
    return tuple(getattr(stream, key) for key in STREAM)


def expected_pose(twin: dict, dtype: str) -> dict:
    arrays = {
        key: np.array([np.nan if x is None else x for x in twin[key]] if key == "angles" else twin[key])
        .astype({"f32": "<f4", "f16": "<f2"}[dtype])
        .astype(np.float32)
        for key in ("image", "world", "bones", "root", "rest", "angles")
        if twin.get(key) is not None
    }
    plain = {"id": twin["id"], "score": twin["score"], "floor": twin.get("floor")}
    held, contact = tuple(twin.get("held") or ()), tuple(twin.get("contact") or (False, False))
    return {**plain, "held": held, "contact": contact, "arrays": arrays}


def plain(message: Any) -> Any:
    """A decoded message in the shape of `expected`."""
    if isinstance(message, Frame):
        m = message
        return [m.id, m.stream, m.seq, m.t_us, m.sent_us, m.size, [plain_pose(pose) for pose in m.poses]]
    if isinstance(message, Status):
        m = message
        return [m.stream, m.state, m.detail, m.t_us, m.info and plain_stream(m.info), m.gone]
    if isinstance(message, Hello):
        m = message
        streams = [plain_stream(stream) for stream in m.streams]
        bones = None if m.bones is None else (m.bones.names, m.bones.parents, m.bones.rest)
        head = [m.version, m.server, m.now_us, streams, m.skeleton.landmarks]
        return [*head, m.skeleton.edges, bones, m.angles]
    return message


def plain_pose(pose: Pose) -> dict:
    keys = ("image", "world", "bones", "root", "rest", "angles")
    arrays = {key: getattr(pose, key) for key in keys if getattr(pose, key) is not None}
    own = {key: getattr(pose, key) for key in ("id", "score", "floor", "held", "contact")}
    return {**own, "arrays": arrays}


def assert_same(found: Any, wanted: Any) -> None:
    if isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
    elif isinstance(wanted, dict) and "arrays" in wanted:
        assert {**found, "arrays": None} == {**wanted, "arrays": None}
        assert found["arrays"].keys() == wanted["arrays"].keys()
        for key, array in wanted["arrays"].items():
            assert found["arrays"][key].dtype == np.float32
            np.testing.assert_array_equal(found["arrays"][key], array, key)
    else:
        assert found == wanted


@pytest.mark.parametrize("vector", VALID, ids=name)
def test_a_valid_vector_is_its_json_twin(vector: dict) -> None:
    twin = json.loads(read(vector, "json").decode())
    message = decode(read(vector, "msgpack"), vector["dtype"])
    assert_same(plain(message), expected(twin, vector["dtype"]))


@pytest.mark.parametrize("vector", [v for v in VALID if "equals" in v], ids=name)
def test_other_bytes_are_the_same_message(vector: dict) -> None:
    other = next(v for v in VALID if v["name"] == vector["equals"])
    found = plain(decode(read(vector, "msgpack"), vector["dtype"]))
    assert_same(found, plain(decode(read(other, "msgpack"), other["dtype"])))


@pytest.mark.parametrize("vector", INVALID, ids=name)
def test_an_invalid_vector_is_refused_with_its_code(vector: dict) -> None:
    with pytest.raises(WireError) as caught:
        decode(read(vector, "msgpack"), vector["dtype"])
    assert caught.value.code == vector["error"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["name"] in NOT_READ], ids=name)
def test_what_is_not_read_does_no_harm(vector: dict) -> None:
    assert decode(read(vector, "msgpack"), vector["dtype"]) is not None


def test_there_are_vectors_of_every_kind() -> None:
    assert (len(VALID), len(INVALID)) >= (36, 55)


def changed(vector: str, change: dict) -> bytes:
    """The bytes of a vector with other values: of the message, or of its first pose where that has the key."""
    data = reference.unpackb(read(next(v for v in VALID if v["name"] == vector), "msgpack"))
    poses = data.get("poses") or [{}]
    for key, value in change.items():
        (poses[0] if key in poses[0] else data)[key] = value
    return reference.packb(data)


@pytest.mark.parametrize(
    ("vector", "change", "code"),
    [
        ("frame_bones", {"root": "x" * 12}, "bad_message"),
        ("frame_bones", {"root": [0.0, 0.0, 0.0]}, "bad_message"),
        ("frame_bones", {"contact": [True, True, True]}, "bad_value"),
        ("frame_bones", {"floor": 1e7}, "bad_value"),
        ("frame_one", {"world": [[0.0] * 4]}, "bad_message"),
        ("frame_one", {"poses": None}, "bad_message"),
        ("subscribed", {"fields": ["skin"]}, "unknown_field"),
        ("subscribed", {"fields": []}, "bad_value"),
        ("subscribed", {"fields": ["world", "world"]}, "bad_value"),
        ("subscribed", {"landmarks": [33]}, "bad_value"),
        ("subscribed", {"dtype": "f64"}, "bad_value"),
        ("time_answer", {"t1_us": None}, "bad_message"),
        ("hello", {"bones": {"names": ["a", "b"], "parents": [-1, 64], "rest": [[0, 0, 0]] * 2}}, "bad_value"),
        ("hello", {"angles": [3]}, "bad_value"),
    ],
)
def test_what_the_vectors_leave_out(vector: str, change: dict, code: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(changed(vector, change))
    assert caught.value.code == code


def test_what_is_null_is_as_if_it_werent_there() -> None:
    pose = decode(changed("frame_bones", {"held": None, "contact": None, "floor": None, "rest": None})).poses[0]
    assert (pose.held, pose.contact, pose.floor, pose.rest) == ((), (False, False), None, None)
    assert decode(changed("hello", {"bones": None, "angles": None})).bones is None
    assert decode(changed("hello", {"bones": {"names": [], "parents": [], "rest": []}})).bones is None


@pytest.mark.parametrize("vector", [v for v in VALID if v["name"].startswith("frame")], ids=name)
def test_arrays_cant_be_written_to(vector: dict) -> None:
    for pose in decode(read(vector, "msgpack"), vector["dtype"]).poses:
        for key in ("image", "world", "bones", "root", "rest", "angles"):
            array = getattr(pose, key)
            assert array is None or not array.flags.writeable


def test_a_type_from_the_future_is_nothing() -> None:
    assert decode(b"\x81\xa4type\xa6future") is None


@settings(max_examples=500)
@given(st.sampled_from(VALID), st.data())
def test_a_changed_byte_is_a_message_or_a_wire_error(vector: dict, data: st.DataObject) -> None:
    packed = bytearray(read(vector, "msgpack"))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    message = ""
    try:
        decode(bytes(packed), vector["dtype"])
    except WireError as error:
        message = error.message
    assert message.isprintable()
    assert len(message) <= 200


def test_the_server_reads_what_we_send() -> None:
    wish = Subscribe(3, "cam", ("bones", "rest"), 30.0, "f16")
    read = protocol.decode(encode(wish))
    assert read == protocol.Subscribe(3, "cam", ("bones", "rest"), None, 30.0, "f16")
    assert protocol.decode(encode(Subscribe(0))).max_fps is None
    assert protocol.decode(encode_time(2**40)) == protocol.Time(2**40)
