import pytest

from protocol.errors import CLOSE_CODES, CODES, ProtocolError
from protocol.limits import MAX_ERROR_LENGTH


def test_a_text_stays_as_it_is() -> None:
    error = ProtocolError("bad_value", "id is -1; it has to be from 0 to 9 – Größe", 3)
    assert (error.code, error.message, error.id) == ("bad_value", "id is -1; it has to be from 0 to 9 – Größe", 3)
    assert str(error) == error.message


@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ud800", "\t"])
def test_a_text_is_one_printable_line(character: str) -> None:
    assert ProtocolError("bad_value", f"a{character}b").message == "a?b"


def test_a_text_is_cut() -> None:
    assert ProtocolError("bad_value", "x" * MAX_ERROR_LENGTH).message == "x" * MAX_ERROR_LENGTH
    assert ProtocolError("bad_value", "x" * (MAX_ERROR_LENGTH + 1)).message == "x" * (MAX_ERROR_LENGTH - 3) + "..."


def test_only_what_is_no_message_closes() -> None:
    assert CLOSE_CODES == {"malformed": 1007, "wrong_kind": 1003}
    assert CLOSE_CODES.keys() < CODES
