"""The error that reading the wire may raise, and one way to put any text on one line."""

from typing import Final

MALFORMED: Final = "malformed"
WRONG_KIND: Final = "wrong_kind"
BAD_MESSAGE: Final = "bad_message"
BAD_VALUE: Final = "bad_value"
TOO_LARGE: Final = "too_large"
TOO_DEEP: Final = "too_deep"
UNKNOWN_FIELD: Final = "unknown_field"
UNKNOWN_STREAM: Final = "unknown_stream"

MAX_LINE_LENGTH: Final = 200


class WireError(Exception):
    """What came isn't the protocol. `code` is one of SPEC.md's, `message` one printable line for people."""

    def __init__(self, code: str, message: str) -> None:
        self.message = one_line(message)
        super().__init__(self.message)
        self.code = code


class Refused(Exception):
    """The server said no, or the user's settings can't be used: trying again would not help."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class ConnectionLost(Exception):
    """Nobody there, or the connection ended; the text says why. `retry_after_s`: how long the server asks to wait."""

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(one_line(message))
        self.retry_after_s = retry_after_s


class Stopped(Exception):
    """The user ended it while something was being waited for."""


def one_line(text: str) -> str:
    """A text as one printable line of at most MAX_LINE_LENGTH characters, whoever wrote it."""
    text = "".join(character if character.isprintable() else " " for character in text[: 4 * MAX_LINE_LENGTH]).strip()
    return text if len(text) <= MAX_LINE_LENGTH else text[: MAX_LINE_LENGTH - 3] + "..."


def show(value: object) -> str:
    """A value for an error message: short whatever it is."""
    if isinstance(value, (dict, list, bytes)):
        return "an array" if isinstance(value, list) else "a map" if isinstance(value, dict) else "bytes"
    text = repr(value[:40] if isinstance(value, str) else value)
    return text if len(text) <= 40 else text[:37] + "..."
