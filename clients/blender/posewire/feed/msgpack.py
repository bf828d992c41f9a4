"""msgpack, as much of it as the wire needs: a strict decoder and a small encoder.

Blender carries no msgpack package, and the usual one is no pure Python that an extension could bring along.
"""

import struct
from typing import Any, Final

from .errors import MALFORMED, TOO_DEEP, TOO_LARGE, WireError
from .limits import MAX_DEPTH, MAX_SERVER_MESSAGE_BYTES

_NUMBERS: Final = {
    0xCA: struct.Struct(">f"),
    0xCB: struct.Struct(">d"),
    0xCC: struct.Struct(">B"),
    0xCD: struct.Struct(">H"),
    0xCE: struct.Struct(">I"),
    0xCF: struct.Struct(">Q"),
    0xD0: struct.Struct(">b"),
    0xD1: struct.Struct(">h"),
    0xD2: struct.Struct(">i"),
    0xD3: struct.Struct(">q"),
}
_LENGTH_BYTES: Final = {
    **{0xC4: 1, 0xC5: 2, 0xC6: 4},  # bin
    **{0xD9: 1, 0xDA: 2, 0xDB: 4},  # str
    **{0xDC: 2, 0xDD: 4},  # array
    **{0xDE: 2, 0xDF: 4},  # map
}
_CONSTANTS: Final = {0xC0: None, 0xC2: False, 0xC3: True}
_EXTENSIONS: Final = frozenset((0xC7, 0xC8, 0xC9, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8))


def decode(data: bytes) -> dict[str, Any]:
    """The map in `data`: keys are strings, none twice. Whatever comes, the only exception is WireError."""
    if len(data) > MAX_SERVER_MESSAGE_BYTES:
        raise WireError(TOO_LARGE, f"message of {len(data)} bytes; at most {MAX_SERVER_MESSAGE_BYTES}")
    try:
        value, end = _value(data, 0, 0)
    except IndexError:
        raise WireError(MALFORMED, f"not msgpack: it is cut off after {len(data)} bytes") from None
    except UnicodeDecodeError:
        raise WireError(MALFORMED, "not msgpack: a string isn't UTF-8") from None
    if end < len(data):
        raise WireError(MALFORMED, f"not msgpack: {len(data) - end} bytes after the message")
    if not isinstance(value, dict):
        raise WireError(MALFORMED, "a message has to be a map")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """The value at `at`, within `depth` maps and arrays, and where it ends. Raises IndexError where data is cut off."""
    head = data[at]
    at += 1
    if head < 0x80:
        return head, at
    if head >= 0xE0:
        return head - 0x100, at
    if head >= 0xC0:
        if head in _NUMBERS:
            number = _NUMBERS[head]
            end = at + number.size
            if end > len(data):
                raise IndexError
            return number.unpack_from(data, at)[0], end
        if head in _CONSTANTS:
            return _CONSTANTS[head], at
        if head not in _LENGTH_BYTES:
            what = "an extension type; none is used" if head in _EXTENSIONS else f"byte {head:#x}, which begins nothing"
            raise WireError(MALFORMED, f"not msgpack of this protocol: {what}")
        start = at
        at += _LENGTH_BYTES[head]
        if at > len(data):
            raise IndexError
        count = int.from_bytes(data[start:at], "big")
        if head >= 0xDE:
            return _map(data, at, count, depth)
        if head >= 0xDC:
            return _array(data, at, count, depth)
        end = at + count
        if end > len(data):
            raise IndexError
        return (data[at:end] if head <= 0xC6 else str(data[at:end], "utf-8")), end
    if head >= 0xA0:
        end = at + head - 0xA0
        if end > len(data):
            raise IndexError
        return str(data[at:end], "utf-8"), end
    if head >= 0x90:
        return _array(data, at, head - 0x90, depth)
    return _map(data, at, head - 0x80, depth)


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth >= MAX_DEPTH:
        raise WireError(TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
    if 2 * count > len(data) - at:
        raise IndexError
    found: dict[str, Any] = {}
    for _ in range(count):
        key, at = _value(data, at, depth + 1)
        if type(key) is not str:
            raise WireError(MALFORMED, "map keys have to be strings")
        if key in found:
            raise WireError(MALFORMED, "a map has a key twice")
        found[key], at = _value(data, at, depth + 1)
    return found, at


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    if depth >= MAX_DEPTH:
        raise WireError(TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
    if count > len(data) - at:
        raise IndexError
    found = []
    for _ in range(count):
        value, at = _value(data, at, depth + 1)
        found.append(value)
    return found, at


def encode(value: Any) -> bytes:
    """Maps, lists and tuples, strings, integers, floats, booleans and None as msgpack. Raises TypeError for others."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        if 0 <= value < 0x80:
            return bytes((value,))
        return b"\xcf" + value.to_bytes(8, "big") if value >= 0 else b"\xd3" + value.to_bytes(8, "big", signed=True)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return (bytes((0xA0 | len(text),)) if len(text) < 32 else b"\xdb" + struct.pack(">I", len(text))) + text
    if isinstance(value, (list, tuple)):
        head = bytes((0x90 | len(value),)) if len(value) < 16 else b"\xdd" + struct.pack(">I", len(value))
        return head + b"".join(map(encode, value))
    if isinstance(value, dict):
        head = bytes((0x80 | len(value),)) if len(value) < 16 else b"\xdf" + struct.pack(">I", len(value))
        return head + b"".join(encode(key) + encode(item) for key, item in value.items())
    raise TypeError(f"{type(value).__name__} has no form in msgpack here")
