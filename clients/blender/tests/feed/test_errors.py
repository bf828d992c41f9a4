from posewire.feed.errors import ConnectionLost, Refused, WireError, one_line, show


def test_any_text_is_one_printable_line() -> None:
    assert one_line("two\nlines\x1b[31m\u202e") == "two lines [31m"
    assert len(one_line("x" * 100_000)) == 200
    for kind in (Refused, ConnectionLost):
        assert str(kind("a\r\nb")) == "a  b"
    assert WireError("malformed", "a\0b").message == "a b"


def test_any_value_is_short() -> None:
    values = [[1] * 99, {"a": 1}, b"x" * 99, 10**90, "x" * 99, None, 1.5]
    for value in values:
        assert len(show(value)) <= 42
