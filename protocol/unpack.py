"""msgpack to Python objects, for whatever a stranger may send.

The msgpack package's own decoder makes room for what a message claims (64 kB may ask for 80 MB) and interns every key,
which early releases of Python 3.12 keep for ever (a third of a megabyte for each 64 kB). Here nothing is made that
isn't there, and what goes beyond the limits of depth or values ends it at once. A message's values are few and its
arrays are one piece each, so this is as fast.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

from protocol.errors import MALFORMED, TOO_DEEP, TOO_LARGE, ProtocolError
from protocol.limits import MAX_DEPTH

_F32, _F64 = struct.Struct(">f"), struct.Struct(">d")
_LENGTH_BYTES: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}


def unpack(data: bytes, max_values: int) -> dict[str, Any]:
    """The one map of msgpack that `data` is, keys strings, none twice. Raises ProtocolError."""
    if not data or not (data[0] & 0xF0 == 0x80 or data[0] in (0xDE, 0xDF)):
        raise ProtocolError(MALFORMED, "a message has to be a map")
    source = _Source(data, max_values)
    try:
        value: dict[str, Any] = source.read()
    except (IndexError, struct.error):
        raise _cut_short() from None
    except UnicodeDecodeError as error:
        raise ProtocolError(MALFORMED, f"not msgpack: a string that isn't UTF-8, {error.reason}") from None
    if source.at < len(data):
        raise ProtocolError(MALFORMED, f"not msgpack: {len(data) - source.at} bytes after its end")
    if source.at > len(data):
        raise _cut_short()
    return value


class _Source:
    """Bytes, and how far they are read.

    A length isn't compared with what is left: a slice may be short, and that the end was passed is seen at the end.
    """

    __slots__ = ("at", "data", "depth", "max_values", "values")

    def __init__(self, data: bytes, max_values: int) -> None:
        self.data = data
        self.at = 0
        self.depth = 0
        self.values = 0
        self.max_values = max_values

    def read(self) -> Any:
        """The next value."""
        byte = self.data[self.at]
        self.at += 1
        if byte < 0x80:
            return byte
        if byte >= 0xE0:
            return byte - 0x100
        if byte >= 0xC0:
            return _READERS[byte - 0xC0](self)
        if byte >= 0xA0:
            return self.take(byte & 0x1F).decode()
        return self.array(byte & 0x0F) if byte >= 0x90 else self.map(byte & 0x0F)

    def take(self, size: int) -> bytes:
        """The next bytes."""
        start = self.at
        self.at = start + size
        return self.data[start : self.at]

    def number(self, width: int, signed: bool = False) -> int:
        """An integer of `width` bytes."""
        return int.from_bytes(self.take(width), "big", signed=signed)

    def array(self, count: int) -> list[Any]:
        """`count` values."""
        self._enter(count)
        found = [self.read() for _ in range(count)]
        self.depth -= 1
        return found

    def map(self, count: int) -> dict[str, Any]:
        """`count` pairs."""
        self._enter(count)
        found = {}
        for _ in range(count):
            byte = self.data[self.at]
            self.at += 1
            if byte & 0xE0 == 0xA0:
                key = self.take(byte & 0x1F).decode()
            elif byte in _LENGTH_BYTES:
                key = self.take(self.number(_LENGTH_BYTES[byte])).decode()
            else:
                raise ProtocolError(MALFORMED, "map keys have to be strings")
            found[key] = self.read()
        if len(found) < count:
            # Two parsers that each keep another of two equal keys would disagree on the message.
            raise ProtocolError(MALFORMED, "a map has a key twice")
        self.depth -= 1
        return found

    def _enter(self, count: int) -> None:
        if count > len(self.data) - self.at:
            raise _cut_short()
        self.values += count
        if self.values > self.max_values:
            raise too_many(self.values, self.max_values)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ProtocolError(TOO_DEEP, f"nested deeper than {MAX_DEPTH}")


def too_many(values: int, most: int) -> ProtocolError:
    """The error of a message with too many values."""
    return ProtocolError(TOO_LARGE, f"{values} values in arrays and maps; at most {most} in a message")


def _cut_short() -> ProtocolError:
    return ProtocolError(MALFORMED, "not msgpack: cut short")


def _unused(source: _Source) -> Any:
    raise ProtocolError(MALFORMED, "not msgpack: the byte 0xc1")


def _extension(length_bytes: int) -> Callable[[_Source], Any]:
    def refuse(source: _Source) -> Any:
        source.take(length_bytes)
        raise ProtocolError(MALFORMED, f"msgpack extension type {source.number(1, signed=True)}; none is used")

    return refuse


_READERS: Final[tuple[Callable[[_Source], Any], ...]] = (
    lambda source: None,
    _unused,
    lambda source: False,
    lambda source: True,
    *(lambda source, width=width: source.take(source.number(width)) for width in (1, 2, 4)),
    *(_extension(width) for width in (1, 2, 4)),
    lambda source: _F32.unpack(source.take(4))[0],
    lambda source: _F64.unpack(source.take(8))[0],
    *(lambda source, width=width: source.number(width) for width in (1, 2, 4, 8)),
    *(lambda source, width=width: source.number(width, signed=True) for width in (1, 2, 4, 8)),
    *(_extension(0) for _ in range(5)),
    *(lambda source, width=width: source.take(source.number(width)).decode() for width in (1, 2, 4)),
    *(lambda source, width=width: source.array(source.number(width)) for width in (2, 4)),
    *(lambda source, width=width: source.map(source.number(width)) for width in (2, 4)),
)
"""By first byte from 0xc0 to 0xdf, which is read already."""
