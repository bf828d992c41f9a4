"""Writes the golden vectors: `python -m protocol.vectors.generate [FOLDER]`, by default this folder.

For each valid message NAME.msgpack and its JSON twin NAME.json; for each invalid one the bytes of one form. index.json
lists them all, so that a test in any language can walk through them.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from protocol import (
    EDGES,
    LANDMARKS,
    Dropped,
    Error,
    Frame,
    Hello,
    Message,
    Pose,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
    encode,
)
from protocol.codec import decode_map

HERE = Path(__file__).parent


def grid(rows: int, start: int, dtype: str = "f4") -> np.ndarray[Any, Any]:
    """An array whose values come through six decimals and half precision unharmed: multiples of 1/64, both signs."""
    values = (np.arange(start, start + rows * 4) % 129 - 64) / 64
    return values.reshape(rows, 4).astype(f"<{dtype}")


def valid() -> dict[str, tuple[Message, str, str]]:
    """Name -> (message, who sends it, dtype of its arrays)."""
    streams = (
        StreamInfo("demo", 720, 1280, 60.0, "mediapipe", "full", 1, "one-euro"),
        StreamInfo("cam", 640, 480, 0.0, "mediapipe", "lite", 4, "kalman", "lost"),
    )
    skeleton = Skeleton(LANDMARKS, EDGES)
    frame: dict[str, Any] = {"id": 1, "stream": "demo", "seq": 7, "t_us": 1_000_000, "sent_us": 1_020_000}
    size = (720, 1280)
    one = Pose(3, 0.9375, grid(33, 0), grid(33, 40))
    two = Pose(4, 0.5, grid(33, 17), grid(33, 90))
    half = Pose(1, 1.0, None, grid(3, 5, "f2"))
    large = {**frame, "id": 2**31 - 1, "seq": 2**40, "t_us": 2**53 - 1, "sent_us": 2**53 - 1}
    server, client = "server", "client"
    return {
        "hello": (Hello("posewire 0.1.0", 123_456_789, streams, skeleton), server, "f32"),
        "subscribe_defaults": (Subscribe(0), client, "f32"),
        "subscribe_all_options": (Subscribe(5, "demo", ("world",), "upper_body", 29.97, "f16"), client, "f32"),
        "subscribe_list": (Subscribe(6, "*", ("image",), ("nose", 32, "left_hip")), client, "f32"),
        "subscribed": (Subscribed(6, "*", ("image",), (0, 32, 23), "f16"), server, "f32"),
        "unsubscribe": (Unsubscribe(6), client, "f32"),
        "time_request": (Time(42), client, "f32"),
        "time_answer": (Time(42, 1_000_000, 1_000_010), server, "f32"),
        "error": (Error("malformed", "not msgpack: unexpected end"), server, "f32"),
        "error_of_a_subscription": (Error("unknown_stream", "no stream 'x'; streams: demo", 9), server, "f32"),
        "status_live": (Status("demo", "live", "", 5_000_000), server, "f32"),
        "status_lost": (Status("cam", "lost", "Kabel gezogen – 线断了", 5_000_001), server, "f32"),
        "dropped": (Dropped(1, "demo", 250), server, "f32"),
        "frame_nobody": (Frame(**frame, size=size, poses=()), server, "f32"),
        "frame_one": (Frame(**frame, size=size, poses=(one,)), server, "f32"),
        "frame_two": (Frame(**frame, size=size, poses=(one, two)), server, "f32"),
        "frame_f16_subset": (Frame(**frame, size=size, poses=(half,)), server, "f16"),
        "frame_image_only": (Frame(**frame, size=size, poses=(Pose(3, 0.5, grid(17, 1)),)), server, "f32"),
        "frame_large_numbers": (Frame(**large, size=(65_535, 1), poses=()), server, "f32"),
    }


def invalid() -> dict[str, tuple[bytes | str, str]]:
    """Name -> (bytes of a msgpack message or text of a JSON one, error code)."""
    wish: dict[str, Any] = {"type": "subscribe", "id": 1}
    frame: dict[str, Any] = {"type": "frame", "id": 1, "stream": "s", "seq": 1, "t_us": 1, "sent_us": 1}
    frame |= {"size": [1, 1], "poses": []}
    pose: dict[str, Any] = {"id": 1, "score": 0.5}
    deep: Any = 1
    for _ in range(20):
        deep = [deep]
    pack = msgpack.packb
    whole: bytes = pack(wish)
    return {
        "nothing": (b"", "malformed"),
        "truncated": (whole[:-3], "malformed"),
        "trailing_bytes": (whole + b"\x00", "malformed"),
        "not_a_map": (pack([1, 2]), "malformed"),
        "reserved_byte": (b"\xc1", "malformed"),
        "extension_type": (pack({"type": "time", "t0_us": msgpack.ExtType(5, b"x")}), "malformed"),
        "timestamp": (pack({"type": "time", "t0_us": 1, "x": msgpack.Timestamp(1)}), "malformed"),
        "key_twice": (b"\x82\xa4type\xa4time\xa4type\xa4time", "malformed"),
        "key_no_string": (b"\x81\x01\x02", "malformed"),
        "invalid_utf8": (b"\x81\xa4type\xa2\xff\xfe", "malformed"),
        "huge_declared_length": (b"\x81\xa4type\xdd\xff\xff\xff\xff", "malformed"),
        "json_cut": ('{"type":"time","t0_us":', "malformed"),
        "json_key_twice": ('{"type":"time","t0_us":1,"t0_us":2}', "malformed"),
        "json_array": ("[]", "malformed"),
        "json_half_surrogate": ('{"type":"subscribe","id":1,"stream":"\\ud800"}', "bad_value"),
        "json_nan": ('{"type":"subscribe","id":1,"max_fps":NaN}', "bad_value"),
        "too_deep": (pack({"type": "time", "t0_us": 1, "x": deep}), "too_deep"),
        "too_large": (pack({"type": "time", "t0_us": 1, "x": "y" * 65_536}), "too_large"),
        "no_type": (pack({"id": 1}), "bad_message"),
        "type_no_string": (pack({"type": 5}), "bad_message"),
        "unknown_type": (pack({"type": "dance"}), "unknown_type"),
        "no_id": (pack({"type": "subscribe"}), "bad_message"),
        "id_negative": (pack(wish | {"id": -1}), "bad_value"),
        "id_too_large": (pack(wish | {"id": 2**31}), "bad_value"),
        "id_true": (pack(wish | {"id": True}), "bad_message"),
        "id_float": (pack(wish | {"id": 1.0}), "bad_message"),
        "stream_too_long": (pack(wish | {"stream": "s" * 65}), "bad_value"),
        "max_fps_negative": (pack(wish | {"max_fps": -1}), "bad_value"),
        "max_fps_nan": (pack(wish | {"max_fps": float("nan")}), "bad_value"),
        "max_fps_too_large": (pack(wish | {"max_fps": 1000.5}), "bad_value"),
        "fields_empty": (pack(wish | {"fields": []}), "bad_value"),
        "field_unknown": (pack(wish | {"fields": ["smell"]}), "unknown_field"),
        "field_reserved": (pack(wish | {"fields": ["bones"]}), "unavailable_field"),
        "field_twice": (pack(wish | {"fields": ["world", "world"]}), "bad_value"),
        "landmark_33": (pack(wish | {"landmarks": [33]}), "unknown_landmark"),
        "landmark_unknown_name": (pack(wish | {"landmarks": ["tail"]}), "unknown_landmark"),
        "landmark_twice": (pack(wish | {"landmarks": [0, "nose"]}), "bad_value"),
        "landmarks_empty": (pack(wish | {"landmarks": []}), "bad_value"),
        "preset_unknown": (pack(wish | {"landmarks": "tail"}), "unknown_landmark"),
        "dtype_unknown": (pack(wish | {"dtype": "f64"}), "bad_value"),
        "array_cut": (pack(frame | {"poses": [pose | {"world": b"\0" * 15}]}), "bad_value"),
        "array_empty": (pack(frame | {"poses": [pose | {"world": b""}]}), "bad_value"),
        "array_too_long": (pack(frame | {"poses": [pose | {"world": b"\0" * 16 * 34}]}), "bad_value"),
        "array_not_finite": (pack(frame | {"poses": [pose | {"world": b"\0\0\xc0\x7f" * 4}]}), "bad_value"),
        "score_above_one": (pack(frame | {"poses": [pose | {"score": 1.5}]}), "bad_value"),
        "too_many_people": (pack(frame | {"poses": [pose] * 9}), "bad_value"),
        "size_one_number": (pack(frame | {"size": [1]}), "bad_value"),
    }


def write(folder: Path) -> None:
    """All vectors and their index, the same bytes every time."""
    index: list[dict[str, str]] = []
    for name, (message, sender, dtype) in valid().items():
        binary, text = encode(message), encode(message, "json")
        (folder / f"{name}.msgpack").write_bytes(binary)
        (folder / f"{name}.json").write_bytes(text)
        index.append({"name": name, "kind": "valid", "sender": sender, "dtype": dtype})
    extra = decode_map(encode(Time(42))) | {"later": {"version": [1, None, True, 2.5]}}
    (folder / "unknown_keys.msgpack").write_bytes(msgpack.packb(extra))
    (folder / "unknown_keys.json").write_text(json.dumps(extra, separators=(",", ":")), encoding="utf-8")
    index.append(
        {"name": "unknown_keys", "kind": "valid", "sender": "client", "dtype": "f32", "equals": "time_request"}
    )
    for name, (data, code) in invalid().items():
        suffix = "json" if isinstance(data, str) else "msgpack"
        (folder / f"invalid_{name}.{suffix}").write_bytes(data.encode() if isinstance(data, str) else data)
        index.append({"name": f"invalid_{name}", "kind": "invalid", "form": suffix, "error": code})
    lines = ",\n".join(f"  {json.dumps(entry)}" for entry in index)
    (folder / "index.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
