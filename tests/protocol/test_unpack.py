import math
import struct

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import ProtocolError
from protocol.errors import MALFORMED, TOO_DEEP, TOO_LARGE
from protocol.limits import MAX_DEPTH
from protocol.unpack import unpack

MANY = 10**6
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary()
LONG = st.integers(0, 70_000).map(bytes) | st.integers(0, 70_000).map(lambda size: "x" * size)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
MAPS = st.dictionaries(st.text(), TREES)


def below(tree: object) -> list | None:
    return list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else None


def count(tree: object) -> int:
    return sum(1 + count(item) for item in below(tree) or ())


def depth(tree: object) -> int:
    inside = below(tree)
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


def same(a: object, b: object) -> bool:
    """Equal in type too; NaN is itself."""
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack(">d", a) == struct.pack(">d", b) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@given(MAPS)
def test_what_the_package_packs_is_read(tree: dict[str, object]) -> None:
    data = msgpack.packb(tree)
    if depth(tree) > MAX_DEPTH:
        with pytest.raises(ProtocolError, match=f"nested deeper than {MAX_DEPTH}"):
            unpack(data, MANY)
    else:
        assert same(unpack(data, count(tree)), tree)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"k": inner}], ids=["arrays", "maps"])
def test_depth_is_limited(wrap) -> None:
    tree: object = 1
    for _ in range(MAX_DEPTH - 1):
        tree = wrap(tree)
    assert unpack(msgpack.packb({"a": tree, "b": tree}), MANY) == {"a": tree, "b": tree}
    with pytest.raises(ProtocolError, match=f"nested deeper than {MAX_DEPTH}") as caught:
        unpack(msgpack.packb({"a": tree, "b": wrap(tree)}), MANY)
    assert caught.value.code == TOO_DEEP


def test_a_claim_beyond_the_last_byte_is_refused_before_anything_is_counted() -> None:
    for head in (b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdc\xff\xff", b"\xde\xff\xff"):
        with pytest.raises(ProtocolError, match="cut short"):
            unpack(b"\x81\xa1k" + head + b"\x00" * 1000, 10)


@given(LONG)
def test_long_strings_and_bytes(value: str | bytes) -> None:
    assert unpack(msgpack.packb({"k": value}), 1) == {"k": value}


@pytest.mark.parametrize("size", [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536])
def test_every_width_of_a_length(size: int) -> None:
    for tree in ({"x" * size: None}, {"k": "x" * size}, {"k": bytes(size)}, {"k": [0] * size}):
        assert unpack(msgpack.packb(tree), MANY) == tree
    tree = {f"{number:05}": number for number in range(size)}
    assert unpack(msgpack.packb(tree), MANY) == tree


@given(MAPS.filter(lambda tree: depth(tree) <= MAX_DEPTH and tree), st.integers(0))
def test_what_is_cut_or_longer_or_has_too_many_values_is_refused(tree: dict[str, object], at: int) -> None:
    data = msgpack.packb(tree)
    with pytest.raises(ProtocolError) as caught:
        unpack(data[: at % len(data)], MANY)
    assert caught.value.code == MALFORMED
    with pytest.raises(ProtocolError, match="1 bytes after its end"):
        unpack(data + b"\x00", MANY)
    with pytest.raises(ProtocolError, match=f"at most {count(tree) - 1} in a message") as caught:
        unpack(data, count(tree) - 1)
    assert caught.value.code == TOO_LARGE


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda data: b"\x81\xa1k" + data))
def test_what_the_package_reads_as_one_of_our_maps_is_read_alike_and_nothing_else_is(data: bytes) -> None:
    try:
        expected = msgpack.unpackb(data, strict_map_key=False, ext_hook=refuse, object_pairs_hook=as_map)
        good = isinstance(expected, dict) and depth(expected) <= MAX_DEPTH and not has_timestamp(expected)
    except Exception:
        good = False
    try:
        found = unpack(data, MANY)
    except ProtocolError as error:
        assert not good
        assert error.code in (MALFORMED, TOO_DEEP)
    else:
        assert good
        assert same(found, expected)


def refuse(*_: object) -> None:
    raise ValueError


def as_map(pairs: list[tuple[object, object]]) -> dict[object, object]:
    if len(dict(pairs)) < len(pairs) or not all(isinstance(key, str) for key, _ in pairs):
        raise ValueError
    return dict(pairs)


def has_timestamp(tree: object) -> bool:
    return isinstance(tree, msgpack.Timestamp) or any(map(has_timestamp, below(tree) or ()))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "has to be a map"),
        (b"\x90", "has to be a map"),
        (b"\xc0", "has to be a map"),
        (b"\x81\xa1a\xc1", "the byte 0xc1"),
        (b"\x81\xa1a\xd4\xff\x00", "extension type -1"),
        (b"\x81\xa1a\xd8\x05" + bytes(16), "extension type 5"),
        (b"\x81\xa1a\xc7\x01\x07\x00", "extension type 7"),
        (b"\x81\xa1a\xc9\x00\x00\x00\x01\x80\x00", "extension type -128"),
        (b"\x81\xc0\xc0", "map keys have to be strings"),
        (b"\x81\xc4\x01a\xc0", "map keys have to be strings"),
        (b"\x82\xa1a\xc0\xa1a\xc0", "a key twice"),
        (b"\x81\xa1\xff\xc0", "isn't UTF-8"),
        (b"\x81\xa1a\x92\xc0", "cut short"),
        (b"\x81\xa1a", "cut short"),
        (b"\x81\xa1a\xd9", "cut short"),
        (b"\x81\xa1a\xd9\x02a", "cut short"),
        (b"\x81\xa1a\xcb\x00", "cut short"),
        (b"\x80\x80", "1 bytes after its end"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, text: str) -> None:
    with pytest.raises(ProtocolError, match=text):
        unpack(data, 100)
