import json
import tracemalloc
from copy import deepcopy

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol import (
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
    ProtocolError,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
    codec,
    decode,
    encode,
)
from protocol.codec import decode_map, encode_frame_body, join_frame
from protocol.errors import CODES
from protocol.limits import (
    MAX_CLIENT_MESSAGE_BYTES,
    MAX_DEPTH,
    MAX_FPS,
    MAX_ID,
    MAX_POSE_ID,
    MAX_SERVER_MESSAGE_BYTES,
    MIN_FPS,
)
from protocol.messages import FIELDS, STATES
from protocol.skeleton import PRESETS
from protocol.vectors import generate
from tests.fuzz.invariants import check_decode

IDS = st.integers(0, MAX_ID)
TIMES = st.integers(0, 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=64)
FIELD_SETS = st.lists(st.sampled_from(FIELDS), min_size=1, unique=True).map(tuple)
INDICES = st.lists(st.integers(0, 32), min_size=1, unique=True).map(tuple)
STREAM_INFOS = st.builds(
    StreamInfo,
    TEXTS,
    st.integers(0, 65_535),
    st.integers(0, 65_535),
    st.floats(0, 1e6),
    TEXTS,
    TEXTS,
    st.integers(1, 8),
    TEXTS,
    st.sampled_from(STATES),
    st.booleans(),
    st.booleans(),
)
DTYPES = st.sampled_from(["f32", "f16"])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    dtype = np.dtype("<f4") if draw(DTYPES) == "f32" else np.dtype("<f2")
    if dtype.itemsize == 2:  # multiples of 1/64 come through six decimals and half precision as they are
        integers, unit, kind = st.integers(-640, 640), 64, np.int16
    else:  # below 8 a single-precision number tells neighbours on the grid of 1e-6 apart
        integers, unit, kind = st.integers(-7_999_999, 7_999_999), 1e6, np.int32

    def numbers(*shape: int) -> st.SearchStrategy[np.ndarray]:
        return arrays(kind, shape, elements=integers).map(lambda array: (array / unit).astype(dtype))

    rows, bones = draw(st.integers(1, 33)), draw(st.integers(1, 64))
    shapes = dict.fromkeys(("image", "world", "image_raw", "world_raw"), (rows, 4))
    shapes |= {"bones": (bones, 4), "rest": (bones, 3), "angles": (bones,)}
    fields = draw(FIELD_SETS)
    poses = []
    for id, score in draw(st.lists(st.tuples(st.integers(0, MAX_POSE_ID), st.floats(0, 1)), max_size=8)):
        keys: dict = {field: draw(numbers(*shapes[field])) for field in fields}
        if "angles" in fields and draw(st.booleans()):
            keys["angles"][0] = np.nan
        if "bones" in fields:
            keys["root"] = draw(numbers(3))
            keys["held"] = tuple(draw(st.lists(st.integers(0, bones - 1), max_size=bones)))
            keys["contact"] = draw(st.tuples(st.booleans(), st.booleans()))
            keys["floor"] = draw(st.none() | st.floats(-10, 10))
        poses.append(Pose(id, score, **keys))
    size = draw(st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)))
    return Frame(draw(IDS), draw(TEXTS), draw(TIMES), draw(TIMES), draw(TIMES), size, tuple(poses))


MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Hello,
        TEXTS,
        TIMES,
        st.lists(STREAM_INFOS, max_size=4).map(tuple),
        st.just(Skeleton(LANDMARKS, EDGES)),
        st.sampled_from([Bones(), Bones(BONES, PARENTS, REST)]),
        st.lists(TEXTS, max_size=64).map(tuple),
        st.integers(1, 10),
    ),
    st.builds(
        Subscribe,
        IDS,
        TEXTS,
        FIELD_SETS,
        st.none()
        | st.sampled_from(list(PRESETS))
        | INDICES
        | INDICES.map(lambda ids: tuple(LANDMARKS[i] for i in ids)),
        st.none() | st.floats(MIN_FPS, MAX_FPS),
        DTYPES,
    ),
    st.builds(Subscribed, IDS, TEXTS, FIELD_SETS, INDICES, DTYPES),
    st.builds(Unsubscribe, IDS),
    st.builds(Error, st.sampled_from(sorted(CODES)), TEXTS, st.none() | IDS),
    st.builds(Time, TIMES) | st.builds(Time, TIMES, TIMES, TIMES),
    st.builds(Status, TEXTS, st.sampled_from(STATES), TEXTS, TIMES, st.none() | STREAM_INFOS),
    st.builds(Dropped, IDS, TEXTS, TIMES),
    frames(),
)


def dtypes_of(message: Message) -> dict:
    if not isinstance(message, Frame):
        return {}
    arrays = [getattr(pose, field) for pose in message.poses for field in FIELDS]
    found = [array.dtype for array in arrays if array is not None]
    return {message.id: "f16"} if found and found[0].itemsize == 2 else {}


@given(MESSAGES, st.sampled_from(["msgpack", "json"]))
@settings(max_examples=600)
def test_what_was_encoded_decodes_to_the_same(message: Message, format: str) -> None:
    data = encode(message, format)
    limits = {"dtypes": dtypes_of(message), "max_bytes": MAX_SERVER_MESSAGE_BYTES}
    assert decode(data.decode() if format == "json" else data, **limits) == message


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.text(min_size=100, max_size=300)
    | st.binary(max_size=40)
    | st.sampled_from([b"\0" * 16, b"\0" * 264, -0.0, 5e-324, 1.0, 0, 1, 2**31 - 1, 2**63 - 1, 2**64 - 1])
    | st.sampled_from(["subscribe", "frame", "time", "image", "world", "demo", "live", "f16", "*", *LANDMARKS]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
MESSAGES_OF_VECTORS = [entry.message for entry in generate.valid().values()]
MAPS_OF_VECTORS = [decode_map(encode(message)) for message in MESSAGES_OF_VECTORS]
KEYS = sorted({key for data in MAPS_OF_VECTORS for key in data})
TYPES = ["hello", "subscribe", "subscribed", "unsubscribe", "frame", "time", "error", "status", "dropped"]
LIKELY = st.builds(
    lambda kind, rest: {"type": kind} | rest,
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), TREES | st.integers(0, 40), max_size=9),
)


@st.composite
def mutated(draw: st.DrawFn) -> object:
    """A valid message's map with one value, at whatever depth, replaced, removed or doubled."""
    root = deepcopy(draw(st.sampled_from(MAPS_OF_VECTORS)))
    parent: dict | list = root
    while True:
        key = draw(st.sampled_from(sorted(parent) if isinstance(parent, dict) else range(len(parent))))
        below = parent[key]
        if not isinstance(below, dict | list) or not below or draw(st.booleans()):
            break
        parent = below
    match draw(st.sampled_from(["replace", "replace", "remove", "double"])):
        case "replace":
            parent[key] = draw(TREES)
        case "remove":
            del parent[key]
        case "double":
            parent[key] = [parent[key]] * 2 if draw(st.booleans()) else {"id": parent[key]}
    return root


def as_json(tree: object) -> str:
    return json.dumps(
        tree, default=lambda data: np.frombuffer(data[: len(data) // 16 * 16], "<f4").reshape(-1, 4).tolist()
    )


FRAME = '{"type":"frame","id":1,"stream":"s","seq":1,"t_us":1,"sent_us":1,"size":[1,1],"poses":[{"id":1,"score":%s}]}'
BREAKERS: dict[str, bytes | str] = {
    "arrays nested 60,000 deep, JSON": "[" * 60_000,
    "arrays nested and closed, JSON": "[" * 30_000 + "]" * 30_000,
    "maps nested 10,000 deep, JSON": '{"a":' * 12_000,
    "a number of 60,000 digits": "9" * 60_000,
    "a key's number of 4,000 digits": '{"type":"time","t0_us":' + "9" * 4000 + "}",
    "a key's number of 5,000 digits": '{"type":"time","t0_us":' + "9" * 5000 + "}",
    "an exponent of 400": '{"type":"time","t0_us":1e400}',
    "an exponent of 60,000 digits": '{"type":"subscribe","id":1,"max_fps":1e' + "9" * 60_000 + "}",
    "minus zero as a time": '{"type":"time","t0_us":-0.0}',
    "minus zero as an id": '{"type":"subscribe","id":-0}',
    "minus zero as a score": FRAME % "-0.0",
    "a denormal score": FRAME % "5e-324",
    "denormals and minus zero in an array": FRAME % '0,"world":[[5e-324,1e-45,-0.0,-1e-8]]',
    "an integer of 71 bits in an array": FRAME % f'0,"world":[[{2**70},0,0,0]]',
    "an integer of 4,000 digits in an array": FRAME % ('0,"world":[[' + "9" * 4000 + ",0,0,0]]"),
    "true in an array": FRAME % '0,"world":[[true,0,0,0]]',
    "rows of arrays": FRAME % '0,"world":[[[0],[0],[0],[0]]]',
    "half a surrogate pair as type": '{"type":"\\ud800"}',
    "half a surrogate pair as stream": '{"type":"status","stream":"\\ud800","state":"live","t_us":1}',
    "half a surrogate pair as detail": '{"type":"status","stream":"s","state":"live","detail":"\\udfff","t_us":1}',
    "half a surrogate pair as landmark": '{"type":"subscribe","id":1,"landmarks":["\\ud800"]}',
    "half a surrogate pair as key": '{"type":"time","t0_us":1,"\\ud800":1}',
    "half a surrogate pair, unescaped": '{"type":"subscribe","id":1,"stream":"\ud800"}',
    "half a surrogate pair, unescaped, beside the JSON": "\udc80{}",
    "control characters in a type": '{"type":"dance\\u001b[31m\\n"}',
    "control characters in a stream": '{"type":"subscribe","id":1,"stream":"a\\nb"}',
    "a right-to-left override": '{"type":"dance\\u202e"}',
    "a landmark of 60,000 characters": json.dumps({"type": "subscribe", "id": 1, "landmarks": ["x" * 60_000]}),
    "a field of 60,000 characters": json.dumps({"type": "subscribe", "id": 1, "fields": ["x" * 60_000]}),
    "a preset that is long once escaped": json.dumps({"type": "subscribe", "id": 1, "landmarks": "\U000e0001" * 64}),
    "a byte of zero": "\x00",
    "a byte order mark": "\ufeff{}",
    "only white space": " \n" * 100,
    "arrays nested 60,000 deep": b"\x91" * 60_000,
    "maps nested 20,000 deep": b"\x81\xa1a" * 20_000,
    "a map that claims 2**32 - 1 pairs": b"\xdf\xff\xff\xff\xff",
    "an array that claims 2**32 - 1 elements": b"\xdd\xff\xff\xff\xff",
    "bytes that claim 2**32 - 1": b"\xc6\xff\xff\xff\xff",
    "a string that claims 2**32 - 1 bytes": b"\xdb\xff\xff\xff\xff",
    "an extension that claims 2**32 - 1 bytes": b"\xc9\xff\xff\xff\xff\x05",
    "an array as key": b"\x81\x90\x01",
    "a map as key": b"\x81\x80\x01",
    "null as key": b"\x81\xc0\x01",
    "NaN as key": b"\x81\xca\x7f\xc0\x00\x00\x01",
    "a timestamp as key": b"\x81\xd6\xff\x00\x00\x00\x00\x01",
    "bytes as key": b"\x81\xc4\x01a\x01",
    "two keys that differ in type only": b"\x82\xa1a\x01\xc4\x01a\x01",
    "a timestamp as the message": b"\xd6\xff\x00\x00\x00\x00",
    "a timestamp of too many nanoseconds": b"\x82\xa4type\xa4time\xa1x\xc7\x0c\xff" + b"\xff" * 12,
    "a timestamp of three bytes": b"\x82\xa4type\xa4time\xa1x\xc7\x03\xff" + b"\xff" * 3,
    "an integer of 64 bits": b"\x82\xa4type\xa4time\xa5t0_us\xcf" + b"\xff" * 8,
    "the least integer": b"\x82\xa4type\xa4time\xa5t0_us\xd3\x80" + b"\x00" * 7,
    "a map cut before its value": b"\x81\xa4type",
}


class TestFuzz:
    @given(st.binary(max_size=300) | st.text(max_size=300))
    @settings(max_examples=500)
    def test_anything(self, data: bytes | str) -> None:
        check_decode(data)

    @given(TREES | LIKELY)
    @settings(max_examples=500)
    def test_any_tree(self, tree: object) -> None:
        check_decode(msgpack.packb(tree, unicode_errors="surrogatepass"))

    @given(LIKELY)
    @settings(max_examples=300)
    def test_any_json_tree(self, tree: object) -> None:
        check_decode(json.dumps(tree, default=lambda data: data.hex()))
        check_decode(as_json(tree))

    @given(mutated())
    @settings(max_examples=600)
    def test_valid_messages_with_one_value_changed(self, tree: object) -> None:
        check_decode(msgpack.packb(tree, unicode_errors="surrogatepass"))
        check_decode(as_json(tree))

    @given(st.data())
    @settings(max_examples=500)
    def test_valid_messages_with_a_few_bytes_changed(self, data: st.DataObject) -> None:
        format = data.draw(st.sampled_from(["msgpack", "json"]))
        changed = bytearray(encode(data.draw(st.sampled_from(MESSAGES_OF_VECTORS)), format))
        for _ in range(data.draw(st.integers(1, 4))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        start, end = sorted((data.draw(st.integers(0, len(changed))), data.draw(st.integers(0, len(changed)))))
        for piece in (changed, changed[start:], changed[:end], changed[:start] + changed[end:]):
            check_decode(bytes(piece) if format == "msgpack" else piece.decode("latin-1"))

    @pytest.mark.parametrize(("name", "data"), BREAKERS.items(), ids=list(BREAKERS))
    def test_what_breaks_parsers(self, name: str, data: bytes | str) -> None:
        check_decode(data)

    def test_a_declared_length_costs_no_memory(self) -> None:
        tracemalloc.start()
        for head in (b"\xdd\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff", b"\xc6\xff\xff\xff\xff"):
            with pytest.raises(ProtocolError):
                decode(b"\x81\xa4type" + head + b"\x00" * 60_000)
        with pytest.raises(ProtocolError):  # a tower of such claims, each of which a parser could reserve room for
            decode(b"\xdd\x00\x00\xff\xff" * 13_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4_000_000


def test_size_is_limited_and_named() -> None:
    with pytest.raises(
        ProtocolError, match=f"{MAX_CLIENT_MESSAGE_BYTES + 1} bytes; at most {MAX_CLIENT_MESSAGE_BYTES}"
    ):
        decode(b"\x00" * (MAX_CLIENT_MESSAGE_BYTES + 1))


def test_json_is_measured_in_bytes() -> None:
    text = '{"type":"time","t0_us":1,"x":"%s"}'
    room = MAX_CLIENT_MESSAGE_BYTES - len(text % "")
    assert decode(text % ("x" * room)) == Time(1)
    assert decode(text % ("\u20ac" * (room // 3))) == Time(1)
    for filling in ("x" * (room + 1), "\u20ac" * (room // 3 + 1), "\ud800" * (room // 3 + 1)):
        with pytest.raises(ProtocolError, match=f"bytes; at most {MAX_CLIENT_MESSAGE_BYTES}$"):
            decode(text % filling)


def test_depth_is_limited_and_named() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert decode(msgpack.packb({"type": "time", "t0_us": 1, "x": value})) == Time(1)
    with pytest.raises(ProtocolError, match=f"deeper than {MAX_DEPTH}"):
        decode(msgpack.packb({"type": "time", "t0_us": 1, "x": [value]}))


JSON_TEXTS = st.text(st.sampled_from('[]{},:"\\ a\n\u20ac'))
JSON_TREES = st.recursive(
    st.none() | st.integers() | JSON_TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(JSON_TEXTS, inner),
    max_leaves=10,
)


def count(tree: object) -> int:
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return sum(1 + count(item) for item in below)


@given(st.dictionaries(JSON_TEXTS, JSON_TREES), st.sampled_from([None, 1]), st.booleans())
def test_values_of_json_are_counted_exactly(tree: dict[str, object], indent: int | None, ascii: bool) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii)
    values = count(tree)
    codec._read_json(text, values)
    if values:
        with pytest.raises(ProtocolError, match=f"^{values} values in arrays and maps; at most {values - 1} in a m"):
            codec._read_json(text, values - 1)


def test_a_client_may_say_less_than_a_server() -> None:
    message = {"type": "time", "t0_us": 1, "x": [0] * 4093}
    for data in (msgpack.packb(message), json.dumps(message)):
        assert decode(data) == Time(1)
    message["x"].append(0)
    for data in (msgpack.packb(message), json.dumps(message)):
        with pytest.raises(ProtocolError, match="4097 values in arrays and maps; at most 4096 in a message") as caught:
            decode(data)
        assert caught.value.code == "too_large"
        assert decode(data, max_bytes=MAX_SERVER_MESSAGE_BYTES) == Time(1)


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_a_body_joined_with_an_id_is_the_frame(format: str) -> None:
    for message in MESSAGES_OF_VECTORS:
        if isinstance(message, Frame):
            head = (message.stream, message.seq, message.t_us, message.sent_us, message.size)
            body = encode_frame_body(*head, message.poses, format)
            assert join_frame(message.id, body, format) == encode(message, format)


def test_arrays_are_little_endian_c_order() -> None:
    frame = Frame(1, "s", 1, 1, 1, (1, 1), (Pose(1, 1.0, np.array([[1, 2, 3, 4], [5, 6, 7, 8]], "<f4")),))
    data = msgpack.unpackb(encode(frame))["poses"][0]["image"]
    assert data == np.arange(1, 9, dtype="<f4").tobytes()


def test_no_number_that_is_not_finite_leaves_as_json() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(Frame(1, "s", 1, 1, 1, (1, 1), (Pose(1, float("nan")),)), "json")
