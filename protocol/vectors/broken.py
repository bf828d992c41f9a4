"""The messages that every decoder has to refuse, each with the one thing that is wrong with it."""

import json
from typing import Any, Literal, NamedTuple, TypeAlias

import msgpack

from protocol.messages import Dtype

Sender: TypeAlias = Literal["server", "client"]


class Invalid(NamedTuple):
    """Bytes of a msgpack message or text of a JSON one, and the error code they get; arrays are read as `dtype`."""

    data: bytes | str
    error: str
    about: str
    sender: Sender = "client"
    dtype: Dtype = "f32"


def invalid() -> dict[str, Invalid]:
    """The invalid messages by name."""
    return {**_encoding(), **_requests(), **_answers(), **_frames()}


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def _encoding() -> dict[str, Invalid]:
    pack = msgpack.packb
    whole: bytes = pack({"type": "subscribe", "id": 1})
    time: dict[str, Any] = {"type": "time", "t0_us": 1}
    deep = time | {"x": _nested(1, 8)}
    bad = "malformed"
    return {
        "nothing": Invalid(b"", bad, "no byte at all"),
        "truncated": Invalid(whole[:-3], bad, "the end is missing"),
        "trailing_bytes": Invalid(whole + b"\x00", bad, "a byte after the message"),
        "not_a_map": Invalid(pack([1, 2]), bad, "an array"),
        "reserved_byte": Invalid(b"\xc1", bad, "the byte that msgpack never uses"),
        "extension_type": Invalid(pack(time | {"t0_us": msgpack.ExtType(5, b"x")}), bad, "msgpack ext type 5"),
        "timestamp": Invalid(pack(time | {"x": msgpack.Timestamp(1)}), bad, "a msgpack timestamp in an unknown key"),
        "key_twice": Invalid(b"\x82\xa4type\xa4time\xa4type\xa4time", bad, "a key twice"),
        "key_no_string": Invalid(b"\x81\x01\x02", bad, "an integer as key"),
        "key_bytes": Invalid(b"\x82\xa4type\xa4time\xc4\x05t0_us\x01", bad, "bin as key"),
        "key_array": Invalid(b"\x81\x90\x01", bad, "an array as key"),
        "invalid_utf8": Invalid(b"\x81\xa4type\xa2\xff\xfe", bad, "a string that isn't UTF-8"),
        "surrogate_utf8": Invalid(b"\x81\xa4type\xa3\xed\xa0\x80", bad, "half a surrogate pair in UTF-8's form"),
        "huge_declared_length": Invalid(
            b"\x81\xa4type\xdd\xff\xff\xff\xff", bad, "an array that claims 2**32 - 1 elements"
        ),
        "json_nothing": Invalid("", bad, "no character at all"),
        "json_cut": Invalid('{"type":"time","t0_us":', bad, "the end is missing"),
        "json_trailing": Invalid('{"type":"time","t0_us":1}{}', bad, "a second message"),
        "json_key_twice": Invalid('{"type":"time","t0_us":1,"t0_us":2}', bad, "a key twice"),
        "json_array": Invalid("[]", bad, "an array"),
        "json_control_character": Invalid('{"type":"ti\nme"}', bad, "a line break inside a string"),
        "json_comma": Invalid('{"type":"time","t0_us":1,}', bad, "a comma before the brace"),
        "json_half_surrogate": Invalid('{"type":"subscribe","id":1,"stream":"\\ud800"}', "bad_value", "half a pair"),
        "json_nan": Invalid('{"type":"subscribe","id":1,"max_fps":NaN}', "bad_value", "NaN, which isn't JSON"),
        "json_infinity": Invalid('{"type":"subscribe","id":1,"max_fps":1e400}', "bad_value", "beyond 64-bit floats"),
        "json_huge_integer": Invalid(
            '{"type":"time","t0_us":1' + "0" * 30 + "}", "bad_value", "beyond 64-bit integers"
        ),
        "json_integer_as_float": Invalid('{"type":"time","t0_us":1.0}', "bad_message", "1.0 is no integer"),
        "json_too_deep": Invalid(json.dumps(deep), "too_deep", "depth 9"),
        "too_deep": Invalid(pack(deep), "too_deep", "depth 9"),
        "too_large": Invalid(pack(time | {"x": "y" * 65_536}), "too_large", "over 65,536 bytes"),
        "too_many_values": Invalid(pack(time | {"x": [0] * 4094}), "too_large", "4097 values"),
        "json_too_many_values": Invalid(_json(time | {"x": [0] * 4094}), "too_large", "4097 values"),
    }


def _requests() -> dict[str, Invalid]:
    base: dict[str, Any] = {"type": "subscribe", "id": 1}

    def wish(error: str, about: str, **keys: object) -> Invalid:
        return Invalid(msgpack.packb(base | keys), error, about)

    def other(error: str, about: str, **keys: object) -> Invalid:
        return Invalid(msgpack.packb(keys), error, about)

    return {
        "no_type": other("bad_message", "type is missing", id=1),
        "type_no_string": other("bad_message", "type is an integer", type=5),
        "type_too_long": other("bad_value", "a type of 65 characters", type="t" * 65),
        "unknown_type": other("unknown_type", "no such type", type="dance"),
        "no_id": other("bad_message", "id is missing", type="subscribe"),
        "id_null": wish("bad_message", "null where there is no default", id=None),
        "id_negative": wish("bad_value", "below the range", id=-1),
        "id_too_large": wish("bad_value", "above the range", id=2**31),
        "id_true": wish("bad_message", "true is no integer", id=True),
        "id_float": wish("bad_message", "1.0 is no integer", id=1.0),
        "id_string": wish("bad_message", "a string", id="1"),
        "stream_too_long": wish("bad_value", "65 characters", stream="s" * 65),
        "stream_bytes": wish("bad_message", "bin where a string has to be", stream=b"demo"),
        "max_fps_negative": wish("bad_value", "below the range", max_fps=-1),
        "max_fps_zero": wish("bad_value", "below the range", max_fps=0),
        "max_fps_nan": wish("bad_value", "no number", max_fps=float("nan")),
        "max_fps_too_large": wish("bad_value", "above the range", max_fps=1000.5),
        "max_fps_true": wish("bad_message", "true is no number", max_fps=True),
        "fields_empty": wish("bad_value", "no field at all", fields=[]),
        "fields_string": wish("bad_message", "a string where an array has to be", fields="world"),
        "field_unknown": wish("unknown_field", "no such field", fields=["smell"]),
        "field_root": wish("unknown_field", "root comes with bones, it is no field", fields=["bones", "root"]),
        "field_twice": wish("bad_value", "a field twice", fields=["world", "world"]),
        "landmark_33": wish("unknown_landmark", "indices end at 32", landmarks=[33]),
        "landmark_negative": wish("unknown_landmark", "indices begin at 0", landmarks=[-1]),
        "landmark_float": wish("bad_message", "1.0 is no index", landmarks=[1.0]),
        "landmark_unknown_name": wish("unknown_landmark", "no such name", landmarks=["tail"]),
        "landmark_twice": wish("bad_value", "one landmark by index and by name", landmarks=[0, "nose"]),
        "landmarks_empty": wish("bad_value", "no landmark at all", landmarks=[]),
        "landmarks_too_many": wish("bad_value", "34 of them", landmarks=[*range(33), 0]),
        "preset_unknown": wish("unknown_landmark", "no such preset", landmarks="tail"),
        "dtype_unknown": wish("bad_value", "no such dtype", dtype="f64"),
        "unsubscribe_no_id": other("bad_message", "id is missing", type="unsubscribe"),
        "time_negative": other("bad_value", "below the range", type="time", t0_us=-1),
        "time_too_large": other("bad_value", "2**63", type="time", t0_us=2**63),
        "time_without_t2": other("bad_message", "t1_us without t2_us", type="time", t0_us=1, t1_us=2),
    }


def _answers() -> dict[str, Invalid]:
    skeleton: dict[str, Any] = {"landmarks": ["a", "b"], "edges": [[0, 1]]}
    hello: dict[str, Any] = {"type": "hello", "version": 1, "server": "x", "now_us": 1, "streams": []}
    subscribed: dict[str, Any] = {"type": "subscribed", "id": 1, "stream": "s", "fields": ["world"], "dtype": "f32"}
    status: dict[str, Any] = {"type": "status", "stream": "s", "state": "live", "t_us": 1}
    stream: dict[str, Any] = {"id": "s", "width": 1, "height": 1, "fps": 1, "engine": "e", "model": "m"}

    def sent(error: str, about: str, data: dict[str, Any]) -> Invalid:
        return Invalid(msgpack.packb(data), error, about, "server")

    def humanoid(about: str, **keys: object) -> Invalid:
        bones: dict[str, Any] = {"names": ["hips", "spine"], "parents": [-1, 0], "rest": [[0, 1, 0], [0, 0.1, 0]]}
        return sent("bad_value", about, hello | {"skeleton": skeleton, "bones": bones | keys})

    return {
        "hello_no_skeleton": sent("bad_message", "skeleton is missing", hello),
        "hello_edge_outside": sent(
            "bad_value", "an edge to a landmark that isn't listed", hello | {"skeleton": skeleton | {"edges": [[0, 2]]}}
        ),
        "hello_stream_no_map": sent(
            "bad_message", "a stream is a string", hello | {"skeleton": skeleton, "streams": ["s"]}
        ),
        "hello_bones_uneven": humanoid("two names, one parent", parents=[-1]),
        "hello_bones_child_first": humanoid("a parent after its child", parents=[1, -1]),
        "hello_bones_parent_below_minus_one": humanoid("a parent of -2", parents=[-2, 0]),
        "hello_bones_rest_of_two": humanoid("an offset of two numbers", rest=[[0, 1, 0], [0, 1]]),
        "hello_bones_rest_not_finite": humanoid("an offset of infinity", rest=[[0, 1, 0], [0, 1, float("inf")]]),
        "hello_too_many_bones": humanoid("65 bones", names=["b"] * 65, parents=[-1] * 65, rest=[[0, 0, 0]] * 65),
        "hello_too_many_angles": sent("bad_value", "65 angles", hello | {"skeleton": skeleton, "angles": ["a"] * 65}),
        "hello_mirror_no_bool": sent(
            "bad_message",
            "mirror is 1",
            hello | {"skeleton": skeleton, "streams": [stream | {"mirror": 1}]},
        ),
        "hello_node_no_string": sent(
            "bad_message", "node is 7", hello | {"skeleton": skeleton, "streams": [stream | {"node": 7}]}
        ),
        "subscribed_twice": sent("bad_value", "a landmark twice", subscribed | {"landmarks": [1, 1]}),
        "subscribed_no_landmarks": sent("bad_value", "no landmark at all", subscribed | {"landmarks": []}),
        "status_unknown_state": sent("bad_value", "no such state", status | {"state": "asleep"}),
        "status_detail_too_long": sent("bad_value", "1025 characters", status | {"detail": "d" * 1025}),
        "status_info_no_map": sent("bad_message", "info is a string", status | {"info": "s"}),
        "status_info_too_wide": sent("bad_value", "above the range", status | {"info": stream | {"width": 65_536}}),
        "status_info_clock_error_negative": sent(
            "bad_value", "below the range", status | {"info": stream | {"node": "n", "clock_error_us": -1}}
        ),
        "status_gone_no_bool": sent("bad_message", "gone is 1", status | {"state": "ended", "gone": 1}),
        "error_no_code": sent("bad_message", "code is missing", {"type": "error", "message": "m"}),
        "dropped_negative": sent(
            "bad_value", "total below 0", {"type": "dropped", "id": 1, "stream": "s", "total": -1}
        ),
    }


def _frames() -> dict[str, Invalid]:
    frame: dict[str, Any] = {"type": "frame", "id": 1, "stream": "s", "seq": 1, "t_us": 1, "sent_us": 1}
    frame |= {"size": [1, 1], "poses": []}
    person: dict[str, Any] = {"id": 1, "score": 0.5}
    body: dict[str, Any] = {"bones": b"\0" * 16, "root": b"\0" * 12}
    halves: dict[str, Any] = {"bones": b"\0" * 8, "root": b"\0" * 6}
    bad = "bad_value"

    def of(keys: dict[str, Any], about: str, error: str = bad, dtype: Dtype = "f32") -> Invalid:
        return Invalid(msgpack.packb(frame | keys), error, about, "server", dtype)

    def pose(keys: dict[str, Any], about: str, error: str = bad, dtype: Dtype = "f32") -> Invalid:
        return of({"poses": [person | keys]}, about, error, dtype)

    def text(world: str, about: str) -> Invalid:
        data = json.dumps(frame | {"poses": [person | {"world": "?"}]}).replace('"?"', world)
        return Invalid(data, bad, about, "server")

    return {
        "array_cut": pose({"world": b"\0" * 15}, "a byte short of a row"),
        "array_empty": pose({"world": b""}, "no row"),
        "array_too_long": pose({"world": b"\0" * 16 * 34}, "34 rows"),
        "array_of_other_dtype": pose({"world": b"\0" * 8 * 33}, "33 rows of f16 where f32 was subscribed"),
        "array_f16_too_long": pose({"world": b"\0" * 16 * 33}, "33 rows of f32 where f16 was subscribed", bad, "f16"),
        "array_not_finite": pose({"world": b"\0\0\xc0\x7f" * 4}, "NaN"),
        "array_f16_infinite": pose({"world": b"\0\x7c" * 4}, "infinity", bad, "f16"),
        "array_string": pose({"world": "0" * 16}, "a string where bin has to be", "bad_message"),
        "arrays_differ": pose({"image": b"\0" * 16, "world": b"\0" * 32}, "one row of image, two of world"),
        "raw_cut": pose({"image_raw": b"\0" * 15}, "a byte short of a row"),
        "raw_not_finite": pose({"world_raw": b"\0\0\xc0\x7f" * 4}, "NaN"),
        "raw_differs": pose({"image": b"\0" * 16, "image_raw": b"\0" * 32}, "one row of image, two of image_raw"),
        "json_array_short_row": text("[[0,0,0]]", "a row of three"),
        "json_array_empty": text("[]", "no row"),
        "json_array_string": text('[[0,0,0,"1"]]', "a string in a row"),
        "json_array_overflow": text("[[0,0,0,1e39]]", "beyond f32"),
        "bones_row_of_three": pose(body | {"bones": b"\0" * 12}, "three numbers where a quaternion has four"),
        "bones_too_many": pose(body | {"bones": b"\0" * 16 * 65}, "65 bones"),
        "bones_not_finite": pose(body | {"bones": b"\0\0\xc0\x7f" * 4}, "NaN"),
        "bones_without_root": pose({"bones": b"\0" * 16}, "root is missing", "bad_message"),
        "root_of_two": pose(body | {"root": b"\0" * 8}, "two numbers"),
        "root_of_four": pose(body | {"root": b"\0" * 16}, "four numbers"),
        "root_f16_infinite": pose(halves | {"root": b"\0\x7c" * 3}, "infinity", bad, "f16"),
        "held_outside": pose(body | {"held": [1]}, "the index of a bone that isn't there"),
        "held_negative": pose(body | {"held": [-1]}, "an index below 0"),
        "held_bool": pose(body | {"held": [False]}, "false is no index"),
        "contact_of_one": pose(body | {"contact": [True]}, "one foot", "bad_message"),
        "contact_of_ints": pose(body | {"contact": [0, 1]}, "integers are no booleans", "bad_message"),
        "floor_not_finite": pose(body | {"floor": float("nan")}, "NaN"),
        "floor_string": pose(body | {"floor": "0"}, "a string", "bad_message"),
        "rest_row_of_four": pose({"rest": b"\0" * 16}, "four numbers where an offset has three"),
        "rest_differs": pose(body | {"rest": b"\0" * 24}, "one row of bones, two of rest"),
        "angles_empty": pose({"angles": b""}, "no angle"),
        "angles_too_many": pose({"angles": b"\0" * 260}, "65 angles"),
        "angles_infinite": pose({"angles": b"\0\0\x80\x7f"}, "infinity; only NaN stands for no angle"),
        "angles_cut": pose({"angles": b"\0" * 5}, "a byte over one angle"),
        "json_angles_string": Invalid(
            json.dumps(frame | {"poses": [person | {"angles": ["90"]}]}), bad, "a string", "server"
        ),
        "json_root_null": Invalid(
            json.dumps(frame | {"poses": [person | {"bones": [[0, 0, 0, 1]], "root": [0, None, 0]}]}),
            bad,
            "null stands for NaN in angles only",
            "server",
        ),
        "score_above_one": pose({"score": 1.5}, "above the range"),
        "pose_id_too_large": pose({"id": 2**53}, "above the range"),
        "pose_no_map": of({"poses": [1]}, "a pose that is an integer", "bad_message"),
        "too_many_people": of({"poses": [person] * 9}, "nine"),
        "size_one_number": of({"size": [1]}, "the height is missing"),
        "size_too_large": of({"size": [65_536, 1]}, "above the range"),
        "seq_float": of({"seq": 1.0}, "1.0 is no integer", "bad_message"),
        "seq_negative": of({"seq": -1}, "below the range"),
    }
