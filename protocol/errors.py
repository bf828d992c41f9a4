"""The one error that reading the wire may raise, and the codes it carries (SPEC.md lists them)."""

from typing import Final

from protocol.limits import MAX_ERROR_LENGTH

MALFORMED: Final = "malformed"
WRONG_KIND: Final = "wrong_kind"
BAD_MESSAGE: Final = "bad_message"
BAD_VALUE: Final = "bad_value"
TOO_LARGE: Final = "too_large"
TOO_DEEP: Final = "too_deep"
UNKNOWN_TYPE: Final = "unknown_type"
UNKNOWN_STREAM: Final = "unknown_stream"
UNKNOWN_FIELD: Final = "unknown_field"
UNAVAILABLE_FIELD: Final = "unavailable_field"
UNKNOWN_LANDMARK: Final = "unknown_landmark"
UNKNOWN_SUBSCRIPTION: Final = "unknown_subscription"
TOO_MANY_SUBSCRIPTIONS: Final = "too_many_subscriptions"
INTERNAL: Final = "internal"

CODES: Final = frozenset(
    {
        MALFORMED,
        WRONG_KIND,
        BAD_MESSAGE,
        BAD_VALUE,
        TOO_LARGE,
        TOO_DEEP,
        UNKNOWN_TYPE,
        UNKNOWN_STREAM,
        UNKNOWN_FIELD,
        UNAVAILABLE_FIELD,
        UNKNOWN_LANDMARK,
        UNKNOWN_SUBSCRIPTION,
        TOO_MANY_SUBSCRIPTIONS,
        INTERNAL,
    }
)

CLOSE_CODES: Final = {MALFORMED: 1007, WRONG_KIND: 1003}
"""Errors after which the connection is closed, with the WebSocket close code; after every other it lives on."""


class ProtocolError(Exception):
    """What was read isn't a message of this protocol.

    `code` is one of CODES, `message` one line for people that names the value and the limit, `id` the subscription
    it is about where that could be read. Whatever `message` quotes, it is printable and MAX_ERROR_LENGTH at most.
    """

    def __init__(self, code: str, message: str, id: int | None = None) -> None:
        self.message = _one_line(message)
        super().__init__(self.message)
        self.code = code
        self.id = id


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= MAX_ERROR_LENGTH else text[: MAX_ERROR_LENGTH - 3] + "..."
