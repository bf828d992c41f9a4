from typing import Any

import numpy as np
import pytest

from protocol import (
    Error,
    Hello,
    Pose,
    ProtocolError,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Time,
    Unsubscribe,
)
from protocol.messages import Frame
from protocol.schema import from_map, to_map

WISH: dict[str, Any] = {"type": "subscribe", "id": 5}
FRAME: dict[str, Any] = {"type": "frame", "id": 5, "stream": "s", "seq": 1, "t_us": 2, "sent_us": 3, "size": [4, 5]}


def refusal(data: dict[str, Any], dtypes: Any = None) -> tuple[str, str, int | None]:
    with pytest.raises(ProtocolError) as error:
        from_map(data, dtypes or {})
    return error.value.code, error.value.message, error.value.id


def test_defaults_of_subscribe() -> None:
    expected = Subscribe(5, "*", ("image", "world"), None, None, "f32")
    assert from_map(WISH, {}) == expected
    assert from_map(WISH | dict.fromkeys(["stream", "fields", "landmarks", "max_fps", "dtype"]), {}) == expected


@pytest.mark.parametrize(
    ("keys", "code", "text"),
    [
        ({"stream": "s" * 65}, "bad_value", "subscribe: stream has 65 characters; at most 64"),
        (
            {"fields": []},
            "bad_value",
            "subscribe: fields is empty; any of image, world, bones, rest, angles, image_raw, world_raw",
        ),
        (
            {"fields": ["smell"]},
            "unknown_field",
            "subscribe: no field 'smell'; any of image, world, bones, rest, angles, image_raw, world_raw",
        ),
        ({"fields": ["world"] * 2}, "bad_value", "subscribe: fields names a field twice"),
        ({"fields": ["world"] * 17}, "bad_value", "subscribe: fields has 17 elements; at most 16"),
        ({"landmarks": [33]}, "unknown_landmark", "subscribe: no landmark 33; indices are 0 to 32"),
        ({"landmarks": [2**63]}, "unknown_landmark", "subscribe: no landmark 9223372036854775808; indices are 0 to 32"),
        ({"landmarks": ["tail"]}, "unknown_landmark", "subscribe: no landmark 'tail'"),
        (
            {"landmarks": "tail"},
            "unknown_landmark",
            "subscribe: no preset 'tail'; presets: all, face, no_face, upper_body, lower_body, coco17",
        ),
        ({"landmarks": []}, "bad_value", "subscribe: landmarks is empty; leave it out to get all 33"),
        ({"landmarks": [True]}, "bad_message", "subscribe: landmarks holds True; names and indices"),
        ({"landmarks": [[0]]}, "bad_message", "subscribe: landmarks holds an array; names and indices"),
        ({"max_fps": -1}, "bad_value", "subscribe: max_fps is -1; it has to be from 0.01 to 1000"),
        ({"dtype": "f64"}, "bad_value", "subscribe: dtype is 'f64'; one of f32, f16"),
    ],
)
def test_what_is_wrong_with_a_subscribe_is_said(keys: dict[str, Any], code: str, text: str) -> None:
    assert refusal(WISH | keys) == (code, text, 5)


def test_a_long_landmark_name_is_not_echoed_whole() -> None:
    _, text, _ = refusal(WISH | {"landmarks": ["x" * 60_000]})
    assert text == "subscribe: no landmark '" + "x" * 36 + "..."


@pytest.mark.parametrize(("id", "about"), [(7, 7), (-1, None), (2**31, None), (True, None), ("7", None), (None, None)])
def test_an_unknown_type_is_answered_with_the_id_where_it_is_one(id: object, about: int | None) -> None:
    assert refusal({"type": "dance", "id": id}) == ("unknown_type", "unknown message type 'dance'", about)


def test_unknown_keys_are_ignored() -> None:
    assert from_map({"type": "unsubscribe", "id": 1, "later": [{"x": None}]}, {}) == Unsubscribe(1)


def test_t1_and_t2_come_together() -> None:
    assert from_map({"type": "time", "t0_us": 1, "t1_us": None}, {}) == Time(1)
    text = "time: t1_us and t2_us have to come together"
    assert refusal({"type": "time", "t0_us": 1, "t1_us": 2}) == ("bad_message", text, None)
    assert refusal({"type": "time", "t0_us": 1, "t2_us": 2}) == ("bad_message", text, None)


@pytest.mark.parametrize("edge", [[0, 2], [-1, 0], [0], [0, 1, 1], [0, True], [0, 1.0], "01", None])
def test_edges_join_landmarks_that_are_listed(edge: object) -> None:
    data = to_map(Hello("x", 1, (), Skeleton(("a", "b"), ((0, 1),))))
    assert from_map(data, {}) == Hello("x", 1, (), Skeleton(("a", "b"), ((0, 1),)))
    data["skeleton"]["edges"].append(edge)
    code, text, _ = refusal(data)
    assert code == "bad_value"
    assert text.endswith("pairs of indices below 2")


class TestArrays:
    def frame(self, dtypes: Any = None, **arrays: object) -> Pose:
        message = from_map(FRAME | {"poses": [{"id": 1, "score": 1, **arrays}]}, dtypes or {})
        assert isinstance(message, Frame)
        return message.poses[0]

    def test_the_subscription_tells_the_dtype(self) -> None:
        halves = np.arange(8, dtype="<f2")
        pose = self.frame({5: "f16"}, world=halves.tobytes())
        assert pose.image is None
        np.testing.assert_array_equal(pose.world, halves.reshape(2, 4))
        assert pose.world.dtype == np.dtype("<f2")
        assert self.frame({4: "f16"}, world=halves.tobytes()).world.shape == (1, 4)

    def test_lists_become_arrays(self) -> None:
        pose = self.frame(image=[[0, 0.5, -1, 1]])
        assert pose.image.dtype == np.dtype("<f4")
        assert pose.image.tolist() == [[0, 0.5, -1, 1]]

    @pytest.mark.parametrize(
        ("world", "text"),
        [
            (b"\0" * 15, "pose: world has 15 bytes; 1 to 33 rows of 16"),
            (b"", "pose: world has 0 bytes; 1 to 33 rows of 16"),
            (b"\0" * 544, "pose: world has 544 bytes; 1 to 33 rows of 16"),
            (b"\0\0\x80\x7f" * 4, "pose: world holds a number that isn't finite"),
            (b"\0" * 12 + b"\0\0\xc0\x7f", "pose: world holds a number that isn't finite"),
            ([], "pose: world has to hold 1 to 33 rows of 4 numbers"),
            ([[1, 2, 3]], "pose: world has to hold 1 to 33 rows of 4 numbers"),
            ([[1, 2, 3, True]], "pose: world has to hold 1 to 33 rows of 4 numbers"),
            ([[1, 2, 3, 1e39]], "pose: world holds a number that isn't finite"),
            ([[1, 2, 3, 10**400]], "pose: world holds a number out of range"),
            ([[0] * 4] * 34, "pose: world has 34 elements; at most 33"),
        ],
        ids=range(11),
    )
    def test_what_is_no_array(self, world: object, text: str) -> None:
        data = FRAME | {"poses": [{"id": 1, "score": 1, "world": world}]}
        assert refusal(data)[:2] == ("bad_value", text)

    def test_angles_may_be_unknown_but_not_infinite(self) -> None:
        assert np.isnan(self.frame(angles=b"\0" * 4 + b"\0\0\xc0\x7f").angles).tolist() == [False, True]
        data = FRAME | {"poses": [{"id": 1, "score": 1, "angles": b"\0\0\xc0\x7f" + b"\0\0\x80\x7f"}]}
        assert refusal(data)[:2] == ("bad_value", "pose: angles holds a number that isn't finite")

    def test_fields_of_a_pose_are_as_long_as_each_other(self) -> None:
        data = FRAME | {"poses": [{"id": 1, "score": 1, "image": b"\0" * 16, "world": b"\0" * 32}]}
        assert refusal(data)[:2] == ("bad_value", "pose: image has 1 rows, world 2; they have to be as many")


def test_absent_values_are_left_out_of_the_map() -> None:
    assert to_map(Time(1)) == {"type": "time", "t0_us": 1}
    assert to_map(Error("internal", "m")) == {"type": "error", "code": "internal", "message": "m"}


def test_a_frame_is_the_codecs_business() -> None:
    with pytest.raises(TypeError, match="codec"):
        to_map(Frame(1, "s", 1, 1, 1, (1, 1), ()))


def test_whose_a_stream_is_and_how_sure_its_times_are_go_each_for_itself() -> None:
    for changes in ({}, {"node": "hall"}, {"clock_error_us": 0}, {"node": "hall", "clock_error_us": 900}):
        info = StreamInfo("cam", 640, 480, 30.0, "none", "none", **changes)
        status = Status("cam", "live", "", 1, info)
        data = to_map(status)
        assert data["info"].keys() & {"node", "clock_error_us"} == changes.keys()
        assert from_map(data, {}) == status
