import pytest

from posewire.feed import reader
from posewire.feed.errors import WireError


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: reader.integer({}, "seq"), "seq is missing"),
        (lambda: reader.integer({"seq": 1.0}, "seq"), "seq is 1.0; it has to be an integer"),
        (lambda: reader.integer({"seq": True}, "seq"), "seq is True; it has to be an integer"),
        (lambda: reader.integer({"seq": None}, "seq"), "seq is None; it has to be an integer"),
        (lambda: reader.integer({"seq": 9}, "seq", 0, 8), "seq is 9; it has to be from 0 to 8"),
        (lambda: reader.number({"n": float("nan")}, "n", 0, 1), "n is nan; it has to be from 0 to 1"),
        (lambda: reader.number({"n": False}, "n", 0, 1), "n is False; it has to be a number"),
        (lambda: reader.text({"t": "x" * 65}, "t"), "t has 65 characters; at most 64"),
        (lambda: reader.text({"t": b"x"}, "t"), "t is bytes; it has to be a string"),
        (lambda: reader.choice({"c": "z"}, "c", ("a", "b")), "c is 'z'; one of a, b"),
        (lambda: reader.items({"a": [1, 2]}, "a", 1), "a has 2 elements; at most 1"),
        (lambda: reader.items({"a": {}}, "a", 1), "a is a map; it has to be an array"),
        (lambda: reader.integers({"a": [True]}, "a", 1, 0, 5), "a holds True; integers from 0 to 5"),
        (lambda: reader.texts({"a": [[]]}, "a", 1), "a holds an array; strings of at most 64 characters"),
        (lambda: reader.maps({"a": [1]}, "a", 1), "a holds 1; it has to hold maps"),
        (lambda: reader.map_of({"a": []}, "a"), "a is an array; it has to be a map"),
        (lambda: reader.vector([1, 2, float("inf")], "rest"), "rest holds an array; 3 finite numbers each"),
        (
            lambda: reader.text({"t": 10**60}, "t"),
            "t is 1000000000000000000000000000000000000...; it has to be a string",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_limit(call, message: str) -> None:
    with pytest.raises(WireError) as caught:
        call()
    assert caught.value.message == message


def test_what_is_right_comes_back() -> None:
    assert reader.integer({"a": 3}, "a", 3, 3) == 3
    assert reader.number({"a": 3}, "a", 0, 3) == 3.0
    assert reader.vector([1, 2.5, 3], "a") == (1.0, 2.5, 3.0)
    assert reader.integers({"a": [1, 2]}, "a", 2, 0, 5) == (1, 2)
