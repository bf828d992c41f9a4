import math
from typing import Any

import msgpack as reference
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from posewire.feed.errors import WireError
from posewire.feed.limits import MAX_SERVER_MESSAGE_BYTES
from posewire.feed.msgpack import decode, encode

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
)
TREES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=20) | st.dictionaries(st.text(), below), max_leaves=20
)


def deep(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(deep, value.values()), default=0)
    return 1 + max(map(deep, value), default=0) if isinstance(value, list) else 0


def code_of(data: bytes) -> str:
    with pytest.raises(WireError) as caught:
        decode(data)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) <= 200
    return caught.value.code


@given(st.dictionaries(st.text(max_size=40), TREES, max_size=20))
def test_it_reads_what_the_usual_package_writes(value: dict) -> None:
    data = reference.packb(value)
    if deep(value) > 8:
        assert code_of(data) == "too_deep"
    else:
        assert decode(data) == value


@given(
    st.dictionaries(
        st.text(), st.recursive(SCALARS.filter(lambda v: not isinstance(v, bytes)), lambda b: st.lists(b, max_size=20))
    )
)
def test_the_usual_package_reads_what_it_writes(value: dict) -> None:
    assert reference.unpackb(encode(value)) == value


@settings(max_examples=1000)
@given(st.binary(max_size=200))
@example(b"\xdf\xff\xff\xff\xff")
@example(b"\x81\xa1a\xdd\xff\xff\xff\xff")
@example(b"\x81\xa1a\xc6\xff\xff\xff\xff")
@example(b"\x81" * 5000)
@example(b"\x91" * 5000)
def test_whatever_comes_it_is_a_map_or_a_wire_error(data: bytes) -> None:
    message = ""
    value = None
    try:
        value = decode(data)
    except WireError as error:
        message = error.message
    assert message.isprintable() if message else isinstance(value, dict)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=8), TREES, max_size=5), st.data())
def test_cut_anywhere_it_is_malformed(value: dict, data: st.DataObject) -> None:
    packed = reference.packb(value)
    if deep(value) <= 8:
        assert code_of(packed[: data.draw(st.integers(0, len(packed) - 1))]) == "malformed"


def test_every_width_of_a_number() -> None:
    forms = [b"\x07", b"\xcc\x07", b"\xcd\0\x07", b"\xce\0\0\0\x07", b"\xcf" + b"\0" * 7 + b"\x07"]
    forms += [b"\xd0\x07", b"\xd1\0\x07", b"\xd2\0\0\0\x07", b"\xd3" + b"\0" * 7 + b"\x07"]
    for form in forms:
        value = decode(b"\x81\xa1a" + form)["a"]
        assert value == 7
        assert type(value) is int
    assert decode(b"\x81\xa1a\xff")["a"] == -1
    assert decode(b"\x81\xa1a\xca\x3f\x80\0\0")["a"] == 1.0
    assert math.isnan(decode(b"\x81\xa1a\xcb\x7f\xf8" + b"\0" * 6)["a"])


def test_every_width_of_a_length() -> None:
    for count in (0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536, 100_000):
        value = {"s": "x" * count, "b": b"y" * count, "a": [1] * count}
        assert decode(reference.packb(value)) == value
    many = {str(i): i for i in range(70_000)}
    assert decode(reference.packb(many)) == many


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "malformed"),
        (b"\x93\1\2\3", "malformed"),
        (b"\xc1", "malformed"),
        (b"\x81\1\2", "malformed"),
        (b"\x81\xc4\1a\2", "malformed"),
        (b"\x81\x90\2", "malformed"),
        (b"\x82\xa1a\1\xa1a\2", "malformed"),
        (b"\x80\x80", "malformed"),
        (b"\x81\xa1\xff\1", "malformed"),
        (b"\x81\xa1a\xa3\xed\xa0\x80", "malformed"),
        (b"\x81\xa1a\xd4\1\0", "malformed"),
        (b"\x81\xa1a\xc7\0\1", "malformed"),
        (b"\x81\xa1a\xd6\xff\0\0\0\0", "malformed"),
        (b"\x81\xa1a" * 8 + b"\1", None),
        (b"\x81\xa1a" * 9 + b"\1", "too_deep"),
        (b"\x81\xa1a" + b"\x91" * 7 + b"\1", None),
        (b"\x81\xa1a" + b"\x91" * 8 + b"\1", "too_deep"),
        (b"\x81\xa1a" + b"\x91" * 7 + b"\x90", "too_deep"),
        (b"\0" * (MAX_SERVER_MESSAGE_BYTES + 1), "too_large"),
    ],
)
def test_what_the_wire_may_not_hold(data: bytes, code: "str | None") -> None:
    if code is None:
        decode(data)
    else:
        assert code_of(data) == code


def test_a_lie_about_lengths_costs_nothing() -> None:
    # Four billion elements are said to follow: refused before any of them is made room for.
    for head in (b"\xdd", b"\xdf", b"\xc6", b"\xdb"):
        assert code_of(b"\x81\xa1a" + head + b"\xff\xff\xff\xff" + b"\xc0" * 100) == "malformed"


def test_what_has_no_form_isnt_encoded() -> None:
    with pytest.raises(TypeError, match="set"):
        encode({"a": {1}})
