"""Writes the golden vectors: `python -m protocol.vectors.generate [FOLDER]`, by default this folder.

For each valid message NAME.msgpack and its JSON twin NAME.json; for each invalid one the bytes of one form. index.json
lists them all, so that a test in any language can walk through them.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import msgpack
import numpy as np

from protocol import (
    ANGLES,
    BONES,
    EDGES,
    LANDMARKS,
    PARENTS,
    REST,
    Bones,
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
from protocol.messages import Dtype
from protocol.vectors.broken import Sender, invalid

HERE = Path(__file__).parent
SERVER: Final = "server"
CLIENT: Final = "client"


class Valid(NamedTuple):
    """A message and who sends it; `dtype` is that of its arrays."""

    message: Message
    sender: Sender
    about: str
    dtype: Dtype = "f32"


class Variant(NamedTuple):
    """Other bytes that have to decode to the message of the vector `equals`."""

    equals: str
    msgpack: bytes
    json: str
    about: str


def grid(rows: int, start: int, dtype: str = "f4") -> np.ndarray[Any, Any]:
    """An array whose values come through six decimals and half precision unharmed: multiples of 1/64, both signs."""
    values = (np.arange(start, start + rows * 4) % 129 - 64) / 64
    return values.reshape(rows, 4).astype(f"<{dtype}")


def body(dtype: str = "f4") -> Pose:
    """A pose with `bones` and what comes with it: all 19 bones, three of them held, the left foot on the floor."""
    root = np.array([0.25, -0.125, -2.5], f"<{dtype}")
    bones = grid(len(BONES), 3, dtype)
    return Pose(3, 0.75, bones=bones, root=root, held=(5, 6, 18), contact=(True, False), floor=-1.0625)


def valid() -> dict[str, Valid]:
    """The valid messages by name."""
    streams = (
        StreamInfo("demo", 720, 1280, 60.0, "mediapipe", "full", 1, "one-euro"),
        StreamInfo("cam", 640, 480, 0.0, "mediapipe", "lite", 4, "kalman", "lost", True, True),
    )
    plain = (StreamInfo("cam", 640, 480, 30.0, "mediapipe", "lite"),)
    nodes = (
        StreamInfo("hall-1.cam", 640, 480, 30.0, "mediapipe", "lite", node="hall-1", clock_error_us=1850),
        StreamInfo("studio.cam", 1280, 720, 0.0, "mediapipe", "full", 2, "kalman", "lost", node="studio"),
    )
    skeleton = Skeleton(LANDMARKS, EDGES)
    humanoid = Bones(BONES, PARENTS, REST)
    head: dict[str, Any] = {"id": 1, "stream": "demo", "seq": 7, "t_us": 1_000_000, "sent_us": 1_020_000}
    frame: dict[str, Any] = head | {"size": (720, 1280)}
    large = head | {"id": 2**31 - 1, "seq": 2**40, "t_us": 2**53 - 1, "sent_us": 2**53 - 1, "size": (65_535, 1)}
    one = Pose(3, 0.9375, grid(33, 0), grid(33, 40))
    two = Pose(4, 0.5, grid(33, 17), grid(33, 90))
    halves = [Pose(p.id, p.score, _half(p.image), _half(p.world)) for p in (one, two)]
    subset = Pose(1, 1.0, None, grid(3, 5, "f2"))
    decimals = np.array([[0.123456, -0.000001, 0.999999, 1.0], [-1.25, 2.5, -0.654321, 0.0]], "<f4")
    row = np.array([[0.5, 0.25, -0.125, 1.0]], "<f4")
    one_bone = np.array([[0.5, -0.5, 0.5, -0.5]], "<f4")
    rest = np.array([[round(x * 64) / 64 for x in offset] for offset in REST], "<f4")
    angles = np.array([np.nan if i in (1, 12) else 7.5 * i - 60 for i in range(len(ANGLES))], "<f4")
    everything = replace(body(), image=grid(33, 0), world=grid(33, 40), rest=rest, angles=angles)
    raw = replace(one, image_raw=grid(33, 60), world_raw=grid(33, 71))
    vectors = {
        "hello": Valid(
            Hello("posewire 0.1.0", 123_456_789, streams, skeleton, humanoid, ANGLES), SERVER, "two streams, one lost"
        ),
        "hello_plain": Valid(
            Hello("x", 0, plain, skeleton), SERVER, "one stream, its options at their defaults, no bones"
        ),
        "hello_no_streams": Valid(Hello("x", 2**53 - 1, (), skeleton), SERVER, "a server without streams"),
        "hello_nodes": Valid(
            Hello("x", 9, nodes, skeleton), SERVER, "streams of two nodes; of one the clock's error isn't known"
        ),
        "subscribe_defaults": Valid(Subscribe(0), CLIENT, "every default written out"),
        "subscribe_all_options": Valid(
            Subscribe(5, "demo", ("world",), "upper_body", 29.97, "f16"), CLIENT, "every option, a preset"
        ),
        "subscribe_list": Valid(
            Subscribe(6, "*", ("image",), ("nose", 32, "left_hip")), CLIENT, "names and indices mixed"
        ),
        "subscribe_indices": Valid(Subscribe(7, "*", ("world",), (32, 0, 15)), CLIENT, "indices, in no order"),
        "subscribe_names": Valid(Subscribe(8, "*", ("world",), ("left_wrist", "nose")), CLIENT, "names"),
        "subscribe_preset": Valid(
            Subscribe(2**31 - 1, "cam", ("image",), "coco17", 0.01), CLIENT, "the ends of ranges"
        ),
        "subscribe_body": Valid(
            Subscribe(9, "*", ("bones", "rest", "angles"), None, 60.0, "f16"), CLIENT, "what the solver makes"
        ),
        "subscribed": Valid(Subscribed(6, "*", ("image",), (0, 32, 23), "f16"), SERVER, "three landmarks, f16"),
        "subscribed_all": Valid(
            Subscribed(0, "*", ("image", "world"), tuple(range(33)), "f32"), SERVER, "all 33 landmarks"
        ),
        "unsubscribe": Valid(Unsubscribe(6), CLIENT, ""),
        "time_request": Valid(Time(42), CLIENT, "t0_us alone"),
        "time_answer": Valid(Time(42, 1_000_000, 1_000_010), SERVER, "all three times"),
        "error": Valid(Error("malformed", "not msgpack: unexpected end"), SERVER, "of no subscription"),
        "error_of_a_subscription": Valid(
            Error("unknown_stream", "no stream 'x'; streams: demo", 9), SERVER, "of a subscription"
        ),
        "error_new_code": Valid(Error("of_a_later_version", "?"), SERVER, "a code unknown today is to be accepted"),
        "status_live": Valid(Status("demo", "live", "", 5_000_000), SERVER, "empty detail"),
        "status_lost": Valid(
            Status("cam", "lost", "Kabel gezogen – 线断了 🔌", 5_000_001), SERVER, "text beyond ASCII"
        ),
        "status_ended": Valid(Status("demo", "ended", "end of file", 2**40), SERVER, "time above 2**32"),
        "status_info": Valid(
            Status("cam", "live", "", 5_000_002, replace(streams[1], state="live", model="heavy")),
            SERVER,
            "a stream described anew",
        ),
        "status_new": Valid(Status("hall-1.cam", "live", "", 5_000_003, nodes[0]), SERVER, "a stream that is new"),
        "status_gone": Valid(
            Status("hall-1.cam", "ended", "node hall-1 has left", 5_000_004, gone=True),
            SERVER,
            "a stream that has gone",
        ),
        "dropped": Valid(Dropped(1, "demo", 250), SERVER, ""),
        "dropped_large": Valid(Dropped(0, "demo", 2**32 + 1), SERVER, "total above 2**32"),
        "frame_nobody": Valid(Frame(**frame, poses=()), SERVER, "nobody in the picture"),
        "frame_one": Valid(Frame(**frame, poses=(one,)), SERVER, "one person, both fields"),
        "frame_two": Valid(Frame(**frame, poses=(one, two)), SERVER, "two people, both fields"),
        "frame_f16_nobody": Valid(Frame(**frame, poses=()), SERVER, "nobody, f16", "f16"),
        "frame_f16_one": Valid(Frame(**frame, poses=(halves[0],)), SERVER, "one person, both fields, f16", "f16"),
        "frame_f16_two": Valid(Frame(**frame, poses=tuple(halves)), SERVER, "two people, both fields, f16", "f16"),
        "frame_f16_subset": Valid(Frame(**frame, poses=(subset,)), SERVER, "three landmarks of world, f16", "f16"),
        "frame_image_only": Valid(Frame(**frame, poses=(Pose(3, 0.5, grid(17, 1)),)), SERVER, "17 landmarks of image"),
        "frame_one_landmark": Valid(Frame(**frame, poses=(Pose(0, 0.0, None, row),)), SERVER, "one landmark, score 0"),
        "frame_decimals": Valid(
            Frame(**frame, poses=(Pose(1, 0.8765, decimals),)), SERVER, "six decimals, outside the picture, negative"
        ),
        "frame_most_people": Valid(
            Frame(**frame, poses=tuple(Pose(2**53 - 1 - i, 0.5, row, row) for i in range(8))), SERVER, "8, largest ids"
        ),
        "frame_bones": Valid(Frame(**frame, poses=(body(),)), SERVER, "bones with root, held, contact and floor"),
        "frame_f16_bones": Valid(Frame(**frame, poses=(body("f2"),)), SERVER, "the same in f16", "f16"),
        "frame_bones_only": Valid(
            Frame(**frame, poses=(Pose(1, 0.5, bones=one_bone, root=one_bone[0, :3]),)),
            SERVER,
            "one bone, nothing held, no contact, no floor",
        ),
        "frame_rest": Valid(Frame(**frame, poses=(Pose(1, 0.5, rest=rest),)), SERVER, "a person's own rest offsets"),
        "frame_angles": Valid(Frame(**frame, poses=(Pose(1, 0.5, angles=angles),)), SERVER, "angles, two of them NaN"),
        "frame_f16_angles": Valid(
            Frame(**frame, poses=(Pose(1, 0.5, angles=angles.astype("<f2")),)), SERVER, "the same in f16", "f16"
        ),
        "frame_raw": Valid(Frame(**frame, poses=(raw,)), SERVER, "smoothed and raw landmarks"),
        "frame_f16_raw": Valid(
            Frame(**frame, poses=(Pose(1, 0.5, image_raw=grid(2, 9, "f2")),)), SERVER, "raw landmarks alone, f16", "f16"
        ),
        "frame_everything": Valid(
            Frame(**frame, poses=(everything, replace(everything, id=4))), SERVER, "every field, two people"
        ),
        "frame_large_numbers": Valid(
            Frame(**large, poses=()), SERVER, "seq and times above 2**32, largest id and size"
        ),
    }
    return vectors


def _half(array: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    assert array is not None
    return array.astype("<f2")


def variants() -> dict[str, Variant]:
    """Other spellings of some valid messages, by name."""
    messages = {name: entry.message for name, entry in valid().items()}

    def twin(equals: str, data: dict[str, Any], about: str) -> Variant:
        return Variant(equals, msgpack.packb(data), _compact(data), about)

    later: dict[str, Any] = {"later": {"version": [1, None, True, 2.5]}}
    minimal = {"type": "subscribe", "id": 0}
    nulls = dict.fromkeys(["stream", "fields", "landmarks", "max_fps", "dtype"])
    hello = decode_map(encode(messages["hello"]))
    plain = decode_map(encode(messages["hello_plain"]))
    for key in ("people", "smoothing", "state", "mirror", "preview"):
        del plain["streams"][0][key]
    del plain["bones"], plain["angles"]
    new_hello = hello | later | {"streams": [stream | later for stream in hello["streams"]]}
    new_hello |= {"skeleton": hello["skeleton"] | later, "bones": hello["bones"] | later}
    ended = decode_map(encode(messages["status_ended"]))
    frame = decode_map(encode(messages["frame_one"]))
    frame_text = json.loads(encode(messages["frame_one"], "json"))
    bones_only = decode_map(encode(messages["frame_bones_only"]))
    bones_text = json.loads(encode(messages["frame_bones_only"], "json"))
    for pose in (*bones_only["poses"], *bones_text["poses"]):
        for key in ("held", "contact", "floor"):
            del pose[key]
    subset = decode_map(encode(messages["frame_f16_subset"]))
    bin32 = b"\xc6" + (24).to_bytes(4, "big") + subset["poses"][0]["world"]
    subset_text = encode(messages["frame_f16_subset"], "json").decode()
    return {
        "unknown_keys": twin("time_request", decode_map(encode(messages["time_request"])) | later, "unknown keys"),
        "subscribe_minimal": twin("subscribe_defaults", minimal, "every default left out"),
        "subscribe_nulls": twin("subscribe_defaults", minimal | nulls, "null is the same as absent"),
        "hello_stream_defaults": twin("hello_plain", plain, "a stream's options left out"),
        "hello_unknown_keys": twin("hello", new_hello, "unknown keys at every level"),
        "status_not_gone": twin("status_ended", ended | {"gone": False, "info": None}, "gone is false, info is null"),
        "frame_unknown_keys": Variant(
            "frame_one",
            msgpack.packb(frame | later | {"poses": [pose | later for pose in frame["poses"]]}),
            _compact(frame_text | later | {"poses": [pose | later for pose in frame_text["poses"]]}),
            "unknown keys in the frame and the pose",
        ),
        "frame_bones_defaults": Variant(
            "frame_bones_only",
            msgpack.packb(bones_only),
            _compact(bones_text),
            "held, contact and floor left out",
        ),
        "frame_integer_score": Variant(
            "frame_f16_subset",
            msgpack.packb(subset | {"poses": []})[:-1] + b"\x91\x83\xa2id\x01\xa5score\x01\xa5world" + bin32,
            subset_text.replace('"score":1.0', '"score":1'),
            "a whole number as an integer; bin 32 where bin 8 would do",
        ),
        "time_other_spelling": Variant(
            "time_request",
            b"\xdf\x00\x00\x00\x02\xd9\x05t0_us\xcf"
            + (42).to_bytes(8, "big")
            + b"\xda\x00\x04type\xdb\x00\x00\x00\x04time",
            ' {\n\t"t0_us" : 42 ,\r\n "\\u0074ype" : "t\\u0069me" } ',
            "keys in another order, lengths and integers in their widest form; white space and escapes",
        ),
    }


def _compact(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def write(folder: Path) -> None:
    """All vectors and their index, the same bytes every time."""
    index: list[dict[str, Any]] = []
    messages = valid()

    def put(name: str, form: Literal["msgpack", "json"], data: bytes) -> dict[str, str]:
        (folder / f"{name}.{form}").write_bytes(data)
        return {form: f"{name}.{form}"}

    for name, (message, sender, about, dtype) in messages.items():
        files = put(name, "msgpack", encode(message)) | put(name, "json", encode(message, "json"))
        index.append({"name": name, "kind": "valid", "sender": sender, "dtype": dtype, "files": files, "about": about})
    for name, (equals, binary, text, about) in variants().items():
        like = messages[equals]
        files = put(name, "msgpack", binary) | put(name, "json", text.encode())
        entry = {"name": name, "kind": "valid", "sender": like.sender, "dtype": like.dtype, "equals": equals}
        index.append(entry | {"files": files, "about": about})
    for bare, (data, error, about, sender, dtype) in invalid().items():
        name = f"invalid_{bare}"
        is_text = isinstance(data, str)
        files = put(name, "json" if is_text else "msgpack", data.encode() if isinstance(data, str) else data)
        entry = {
            "name": name,
            "kind": "invalid",
            "sender": sender,
            "dtype": dtype,
            "form": "json" if is_text else "msgpack",
        }
        index.append(entry | {"error": error, "files": files, "about": about})
    lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in index)
    (folder / "index.json").write_bytes(f"[\n{lines}\n]\n".encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
