"""Typed reading of an untrusted map: a getter returns a checked value or raises ProtocolError naming key and limit."""

import sys
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from protocol.errors import BAD_MESSAGE, BAD_VALUE, ProtocolError
from protocol.limits import MAX_ID, MAX_NAME_LENGTH, MAX_TIME_US

T = TypeVar("T", bound=str)
_MISSING: Final = object()


class Reader:
    """One map of a message. Unknown keys are never looked at, so the format can grow.

    A getter with a `default` returns it where the key is absent or null; without one an absent key is an error.
    """

    def __init__(self, data: Mapping[str, Any], what: str) -> None:
        self._data = data
        self._what = what
        self.id: int | None = None
        """The subscription that errors are about, once it was read."""

    def fail(self, code: str, text: str) -> ProtocolError:
        """The error to raise for something wrong in this map."""
        return ProtocolError(code, f"{self._what}: {text}", self.id)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return self._data.get(key) is not None

    def raw(self, key: str) -> Any:
        """The value as it came, or an error where it is absent."""
        value = self._data.get(key, _MISSING)
        if value is _MISSING:
            raise self.fail(BAD_MESSAGE, f"{key} is missing")
        return value

    def integer(self, key: str, low: int = 0, high: int = MAX_TIME_US) -> int:
        """An integer in [low, high]; true and false are none."""
        value = self.raw(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be an integer")
        if not low <= value <= high:
            raise self.fail(BAD_VALUE, f"{key} is {show(value)}; it has to be from {low} to {high}")
        return value

    def subscription_id(self, key: str = "id") -> int:
        """A subscription id; later errors of this map carry it."""
        self.id = self.integer(key, 0, MAX_ID)
        return self.id

    def number(self, key: str, low: float, high: float) -> float:
        """A finite number in [low, high]."""
        value = self.raw(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a number")
        if not is_finite(value) or not low <= value <= high:
            raise self.fail(BAD_VALUE, f"{key} is {show(value)}; it has to be from {low:g} to {high:g}")
        return float(value)

    def boolean(self, key: str, default: bool) -> bool:
        """True or false."""
        if not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be true or false")
        return value

    def text(self, key: str, max_length: int = MAX_NAME_LENGTH, default: str | None = None) -> str:
        """A string of at most `max_length` characters."""
        if default is not None and not self.has(key):
            return default
        value = self.raw(key)
        if not isinstance(value, str):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a string")
        if len(value) > max_length:
            raise self.fail(BAD_VALUE, f"{key} has {len(value)} characters; at most {max_length}")
        if not is_unicode(value):
            raise self.fail(BAD_VALUE, f"{key} is {show(value)}; half a surrogate pair is no character")
        return value

    def choice(self, key: str, options: tuple[T, ...], default: T | None = None) -> T:
        """One of a few strings."""
        value = self.text(key, default=default)
        for option in options:
            if value == option:
                return option
        raise self.fail(BAD_VALUE, f"{key} is {show(value)}; one of {', '.join(options)}")

    def items(self, key: str, max_items: int) -> list[Any]:
        """An array of at most `max_items` elements of any type."""
        value = self.raw(key)
        if not isinstance(value, list):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be an array")
        if len(value) > max_items:
            raise self.fail(BAD_VALUE, f"{key} has {len(value)} elements; at most {max_items}")
        return value

    def integers(self, key: str, max_items: int, low: int, high: int) -> tuple[int, ...]:
        """An array of integers in [low, high]."""
        values = self.items(key, max_items)
        for value in values:
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise self.fail(BAD_VALUE, f"{key} holds {show(value)}; integers from {low} to {high}")
        return tuple(values)

    def texts(self, key: str, max_items: int) -> tuple[str, ...]:
        """An array of strings, each of at most MAX_NAME_LENGTH characters."""
        values = self.items(key, max_items)
        for value in values:
            if not isinstance(value, str) or len(value) > MAX_NAME_LENGTH or not is_unicode(value):
                raise self.fail(
                    BAD_VALUE, f"{key} holds {show(value)}; strings of at most {MAX_NAME_LENGTH} characters"
                )
        return tuple(values)

    def maps(self, key: str, max_items: int, what: str) -> "list[Reader]":
        """An array of maps, each as a Reader."""
        values = self.items(key, max_items)
        for value in values:
            if not isinstance(value, dict):
                raise self.fail(BAD_MESSAGE, f"{key} holds {show(value)}; it has to hold maps")
        return [Reader(value, what) for value in values]

    def map(self, key: str, what: str) -> "Reader":
        """A map as a Reader."""
        value = self.raw(key)
        if not isinstance(value, dict):
            raise self.fail(BAD_MESSAGE, f"{key} is {show(value)}; it has to be a map")
        return Reader(value, what)


def is_finite(value: object) -> bool:
    """Whether a value is a number that a 64-bit float holds."""
    return type(value) in (int, float) and -sys.float_info.max <= value <= sys.float_info.max  # type: ignore[operator]


def is_unicode(value: str) -> bool:
    """Whether a string can be sent on: JSON can spell half a surrogate pair, UTF-8 can't."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def show(value: object) -> str:
    """A value for an error message: short whatever it is."""
    if isinstance(value, dict | list | bytes):
        return f"{'an array' if isinstance(value, list) else 'a map' if isinstance(value, dict) else 'bytes'}"
    if isinstance(value, int) and value.bit_length() > 70:
        return "an integer of over 70 bits"
    text = repr(value[:40] if isinstance(value, str) else value)
    return text if len(text) <= 40 else text[:37] + "..."
