from collections.abc import Callable

import pytest

from protocol import ProtocolError
from protocol.reader import Reader, is_unicode, show

DATA = {
    "n": 3,
    "f": 2.5,
    "nan": float("nan"),
    "inf": float("-inf"),
    "huge": 10**100,
    "true": True,
    "null": None,
    "s": "text",
    "half": "\ud800",
    "bytes": b"x",
    "list": [1, 2],
    "names": ["a", "b"],
    "map": {"k": 1},
    "maps": [{"k": 1}, {"k": 2}],
}


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda r: r.integer("n"), 3),
        (lambda r: r.integer("n", 3, 3), 3),
        (lambda r: r.subscription_id("n"), 3),
        (lambda r: r.number("f", 0, 2.5), 2.5),
        (lambda r: r.number("n", 0, 9), 3.0),
        (lambda r: r.text("s", 4), "text"),
        (lambda r: r.text("null", default="d"), "d"),
        (lambda r: r.text("absent", default="d"), "d"),
        (lambda r: r.choice("s", ("other", "text")), "text"),
        (lambda r: r.choice("absent", ("a", "b"), default="b"), "b"),
        (lambda r: r.items("list", 2), [1, 2]),
        (lambda r: r.integers("list", 2, 1, 2), (1, 2)),
        (lambda r: r.texts("names", 2), ("a", "b")),
        (lambda r: r.map("map", "x").integer("k"), 1),
        (lambda r: [item.integer("k") for item in r.maps("maps", 2, "x")], [1, 2]),
        (lambda r: r.raw("null"), None),
        (lambda r: (r.has("n"), r.has("null"), r.has("absent")), (True, False, False)),
    ],
)
def test_reads(read: Callable[[Reader], object], expected: object) -> None:
    assert read(Reader(DATA, "m")) == expected


@pytest.mark.parametrize(
    ("read", "code", "text"),
    [
        (lambda r: r.raw("absent"), "bad_message", "m: absent is missing"),
        (lambda r: r.integer("f"), "bad_message", "m: f is 2.5; it has to be an integer"),
        (lambda r: r.integer("true"), "bad_message", "m: true is True; it has to be an integer"),
        (lambda r: r.integer("null"), "bad_message", "m: null is None; it has to be an integer"),
        (lambda r: r.integer("n", 4, 5), "bad_value", "m: n is 3; it has to be from 4 to 5"),
        (
            lambda r: r.integer("huge", 0, 5),
            "bad_value",
            "m: huge is an integer of over 70 bits; it has to be from 0 to 5",
        ),
        (lambda r: r.number("s", 0, 1), "bad_message", "m: s is 'text'; it has to be a number"),
        (lambda r: r.number("true", 0, 1), "bad_message", "m: true is True; it has to be a number"),
        (lambda r: r.number("nan", 0, 1), "bad_value", "m: nan is nan; it has to be from 0 to 1"),
        (lambda r: r.number("inf", 0, 1), "bad_value", "m: inf is -inf; it has to be from 0 to 1"),
        (lambda r: r.number("f", 0, 2), "bad_value", "m: f is 2.5; it has to be from 0 to 2"),
        (lambda r: r.text("bytes"), "bad_message", "m: bytes is bytes; it has to be a string"),
        (lambda r: r.text("s", 3), "bad_value", "m: s has 4 characters; at most 3"),
        (lambda r: r.text("half"), "bad_value", "m: half is '\\ud800'; half a surrogate pair is no character"),
        (lambda r: r.choice("s", ("a", "b")), "bad_value", "m: s is 'text'; one of a, b"),
        (lambda r: r.items("map", 9), "bad_message", "m: map is a map; it has to be an array"),
        (lambda r: r.items("list", 1), "bad_value", "m: list has 2 elements; at most 1"),
        (lambda r: r.integers("list", 9, 0, 1), "bad_value", "m: list holds 2; integers from 0 to 1"),
        (lambda r: r.texts("list", 9), "bad_value", "m: list holds 1; strings of at most 64 characters"),
        (lambda r: r.map("list", "x"), "bad_message", "m: list is an array; it has to be a map"),
        (lambda r: r.maps("list", 9, "x"), "bad_message", "m: list holds 1; it has to hold maps"),
        (lambda r: r.map("map", "x").integer("z"), "bad_message", "x: z is missing"),
    ],
)
def test_refuses_by_name_with_value_and_limit(read: Callable[[Reader], object], code: str, text: str) -> None:
    with pytest.raises(ProtocolError) as error:
        read(Reader(DATA, "m"))
    assert (error.value.code, error.value.message, error.value.id) == (code, text, None)


def test_errors_carry_the_subscription_once_it_was_read() -> None:
    reader = Reader({"id": 7}, "m")
    assert reader.fail("bad_value", "x").id is None
    reader.subscription_id()
    with pytest.raises(ProtocolError) as error:
        reader.integer("absent")
    assert error.value.id == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n", "'a\\n'"),
        ("x" * 38, repr("x" * 38)),
        ("x" * 39, "'" + "x" * 36 + "..."),
        ("x" * 60_000, "'" + "x" * 36 + "..."),
        (2**70 - 1, str(2**70 - 1)),
        (-(2**70), "an integer of over 70 bits"),
        (10**5000, "an integer of over 70 bits"),
        ([1], "an array"),
        ({}, "a map"),
        (b"\xff" * 9999, "bytes"),
        (None, "None"),
    ],
    ids=range(11),
)
def test_show_is_short(value: object, text: str) -> None:
    assert show(value) == text
    assert len(show(value)) <= 40


def test_is_unicode() -> None:
    assert all(map(is_unicode, ["", "a", "é", "🔌", "\ud7ff\ue000"]))
    assert not any(map(is_unicode, ["\ud800", "a\udfffé"]))
