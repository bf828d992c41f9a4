import json
import tracemalloc

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from protocol import (
    EDGES,
    LANDMARKS,
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
    decode,
    encode,
)
from protocol.codec import decode_map, encode_frame_body, join_frame, view_array
from protocol.errors import CODES
from protocol.limits import MAX_CLIENT_MESSAGE_BYTES, MAX_DEPTH, MAX_FPS, MAX_ID, MAX_SERVER_MESSAGE_BYTES, MIN_FPS
from protocol.messages import FIELDS, STATES
from protocol.skeleton import PRESETS
from protocol.vectors import generate

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
)
DTYPES = st.sampled_from(["f32", "f16"])


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    dtype = np.dtype("<f4") if draw(DTYPES) == "f32" else np.dtype("<f2")
    rows = draw(st.integers(1, 33))
    # Multiples of 1/64 come through six decimals and half precision as they are.
    numbers = arrays(np.int16, (rows, 4), elements=st.integers(-640, 640)).map(lambda a: (a / 64).astype(dtype))
    fields = draw(FIELD_SETS)
    poses = [
        Pose(id, score, **{field: draw(numbers) for field in fields})
        for id, score in draw(st.lists(st.tuples(st.integers(0, 2**53 - 1), st.floats(0, 1)), max_size=8))
    ]
    size = draw(st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)))
    return Frame(draw(IDS), draw(TEXTS), draw(TIMES), draw(TIMES), draw(TIMES), size, tuple(poses))


MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Hello,
        TEXTS,
        TIMES,
        st.lists(STREAM_INFOS, max_size=4).map(tuple),
        st.just(Skeleton(LANDMARKS, EDGES)),
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
    st.builds(Time, TIMES, st.none() | TIMES, st.none() | TIMES),
    st.builds(Status, TEXTS, st.sampled_from(STATES), TEXTS, TIMES),
    st.builds(Dropped, IDS, TEXTS, TIMES),
    frames(),
)


def dtypes_of(message: Message) -> dict:
    if not isinstance(message, Frame):
        return {}
    found = [array.dtype for pose in message.poses for array in (pose.image, pose.world) if array is not None]
    return {message.id: "f16"} if found and found[0].itemsize == 2 else {}


@given(MESSAGES, st.sampled_from(["msgpack", "json"]))
@settings(max_examples=400)
def test_what_was_encoded_decodes_to_the_same(message: Message, format: str) -> None:
    data = encode(message, format)
    limits = {"dtypes": dtypes_of(message), "max_bytes": MAX_SERVER_MESSAGE_BYTES}
    assert decode(data.decode() if format == "json" else data, **limits) == message


def check(data: bytes | str) -> None:
    """Any input gives a message or a documented error, never another exception."""
    try:
        message = decode(data)
    except ProtocolError as error:
        assert error.code in CODES
        assert error.message.isprintable(), error.message
        assert len(error.message) <= 200
    else:
        assert encode(message)


TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=40)
    | st.sampled_from(["subscribe", "frame", "time", "world", "demo", *LANDMARKS]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
KEYS = sorted({key for message, _, _ in generate.valid().values() for key in decode_map(encode(message))})
TYPES = ["hello", "subscribe", "subscribed", "unsubscribe", "frame", "time", "error", "status", "dropped"]
LIKELY = st.builds(
    lambda kind, rest: {"type": kind} | rest,
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), TREES | st.integers(0, 40), max_size=9),
)


class TestFuzz:
    @given(st.binary(max_size=300) | st.text(max_size=300))
    @settings(max_examples=500)
    def test_anything(self, data: bytes | str) -> None:
        check(data)

    @given(TREES | LIKELY)
    @settings(max_examples=500)
    def test_any_tree(self, tree: object) -> None:
        check(msgpack.packb(tree, unicode_errors="surrogatepass"))

    @given(LIKELY)
    @settings(max_examples=300)
    def test_any_json_tree(self, tree: object) -> None:
        check(json.dumps(tree, default=lambda data: data.hex()))

    @given(st.data())
    @settings(max_examples=500)
    def test_valid_messages_with_a_few_bytes_changed(self, data: st.DataObject) -> None:
        message, _, _ = data.draw(st.sampled_from(list(generate.valid().values())))
        changed = bytearray(encode(message))
        for _ in range(data.draw(st.integers(1, 4))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        check(bytes(changed))
        check(changed.decode("latin-1"))

    @pytest.mark.parametrize(
        "data",
        [
            "[" * 60_000,
            '{"a":' * 12_000,
            "9" * 60_000,
            '{"type":"time","t0_us":' + "9" * 4000 + "}",
            '{"type":"time","t0_us":1e400}',
            '{"type":"time","t0_us":-0.0}',
            '{"type":"\\ud800"}',
            '{"type":"status","stream":"\\ud800","state":"live","t_us":1}',
            '{"type":"dance\\u001b[31m\\n"}',
            '{"type":"subscribe","id":1,"stream":"a\\nb"}',
            "\x00",
            "\ufeff{}",
            b"\x91" * 60_000,
            b"\x81\xa1a" * 20_000,
            b"\xdf\xff\xff\xff\xff",
            b"\xdd\xff\xff\xff\xff",
            b"\xc6\xff\xff\xff\xff",
            b"\xdb\xff\xff\xff\xff",
            b"\x81\x90\x01",
            b"\x81\xc4\x01a\x01",
            b"\x81\xa4type\xcf" + b"\xff" * 8,
        ],
        ids=range(21),
    )
    def test_what_breaks_parsers(self, data: bytes | str) -> None:
        check(data)

    def test_a_declared_length_costs_no_memory(self) -> None:
        tracemalloc.start()
        for head in (b"\xdd\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff", b"\xc6\xff\xff\xff\xff"):
            with pytest.raises(ProtocolError):
                decode(b"\x81\xa4type" + head + b"\x00" * 60_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4_000_000


def test_size_is_limited_and_named() -> None:
    with pytest.raises(
        ProtocolError, match=f"{MAX_CLIENT_MESSAGE_BYTES + 1} bytes; at most {MAX_CLIENT_MESSAGE_BYTES}"
    ):
        decode(b"\x00" * (MAX_CLIENT_MESSAGE_BYTES + 1))


def test_depth_is_limited_and_named() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert decode(msgpack.packb({"type": "time", "t0_us": 1, "x": value})) == Time(1)
    with pytest.raises(ProtocolError, match=f"deeper than {MAX_DEPTH}"):
        decode(msgpack.packb({"type": "time", "t0_us": 1, "x": [value]}))


@pytest.mark.parametrize("format", ["msgpack", "json"])
def test_a_body_joined_with_an_id_is_the_frame(format: str) -> None:
    for message, _, _ in generate.valid().values():
        if isinstance(message, Frame):
            head = (message.stream, message.seq, message.t_us, message.sent_us, message.size)
            body = encode_frame_body(*head, message.poses, format)
            assert join_frame(message.id, body, format) == encode(message, format)


def test_arrays_are_little_endian_c_order() -> None:
    frame = Frame(1, "s", 1, 1, 1, (1, 1), (Pose(1, 1.0, np.array([[1, 2, 3, 4], [5, 6, 7, 8]], "<f4")),))
    data = msgpack.unpackb(encode(frame))["poses"][0]["image"]
    assert data == np.arange(1, 9, dtype="<f4").tobytes()


def test_view_array_selects_and_converts() -> None:
    array = np.arange(132, dtype=np.float32).reshape(33, 4)
    assert view_array(array, tuple(range(33)), "f32") is array
    np.testing.assert_array_equal(view_array(array, (32, 0), "f32"), array[[32, 0]])
    np.testing.assert_array_equal(view_array(array, tuple(reversed(range(33))), "f32"), array[::-1])
    assert view_array(array, (1,), "f16").dtype == np.dtype("<f2")


def test_no_number_that_is_not_finite_leaves_as_json() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(Frame(1, "s", 1, 1, 1, (1, 1), (Pose(1, float("nan")),)), "json")
