"""Messages <-> bytes. msgpack travels in binary WebSocket messages, JSON in text ones.

A frame's body is the same for every client with the same view, so it is encoded once (`encode_frame_body`) and only
the subscription id is set before it (`join_frame`).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgpack

from protocol.errors import MALFORMED, TOO_DEEP, TOO_LARGE, ProtocolError
from protocol.limits import BYTES_PER_VALUE, MAX_CLIENT_MESSAGE_BYTES, MAX_DEPTH
from protocol.messages import Dtype, Format, Frame, Message, Pose
from protocol.poses import pose_map
from protocol.schema import from_map, to_map
from protocol.unpack import too_many, unpack

_FRAME_KEYS = 8
_pack: Callable[[object], bytes] = msgpack.packb
_MSGPACK_FRAME = bytes([0x80 | _FRAME_KEYS]) + _pack("type") + _pack("frame") + _pack("id")
_NO_DTYPES: Mapping[int, Dtype] = {}
_JSON_STRING = re.compile(r'"[^"]*"?')
"""A string without escapes, closed or not: this can't fail once it began, so it never goes over a text twice."""


def encode(message: Message, format: Format = "msgpack") -> bytes:
    """A message as bytes: msgpack, or JSON in UTF-8."""
    if isinstance(message, Frame):
        head = (message.stream, message.seq, message.t_us, message.sent_us, message.size)
        return join_frame(message.id, encode_frame_body(*head, message.poses, format), format)
    data = to_map(message)
    return _pack(data) if format == "msgpack" else _json_bytes(data)


def encode_frame_body(
    stream: str,
    seq: int,
    t_us: int,
    sent_us: int,
    size: tuple[int, int],
    poses: Sequence[Pose],
    format: Format,
) -> bytes:
    """Everything of a frame but type and id, for `join_frame`. Arrays of any float dtype, finite; they keep it."""
    people = [pose_map(pose, format) for pose in poses]
    body = {
        "stream": stream,
        "seq": seq,
        "t_us": t_us,
        "sent_us": sent_us,
        "size": list(size),
        "poses": people,
    }
    # Both forms open with exactly one byte (a fixmap header, a brace), which join_frame puts back.
    return (_pack(body) if format == "msgpack" else _json_bytes(body))[1:]


def join_frame(id: int, body: bytes, format: Format) -> bytes:
    """The frame message of one subscription."""
    if format == "msgpack":
        return _MSGPACK_FRAME + _pack(id) + body
    return b'{"type":"frame","id":%d,' % id + body


def decode(
    data: bytes | str,
    *,
    dtypes: Mapping[int, Dtype] = _NO_DTYPES,
    max_bytes: int = MAX_CLIENT_MESSAGE_BYTES,
) -> Message:
    """The message in `data`: bytes are msgpack, a string is JSON. Whatever comes, the only exception is ProtocolError.

    `dtypes` tells the dtype of frames by subscription id, as `subscribed` did (absent: f32).
    """
    return from_map(decode_map(data, max_bytes), dtypes)


def decode_map(data: bytes | str, max_bytes: int = MAX_CLIENT_MESSAGE_BYTES) -> dict[str, Any]:
    """The map in `data` within all limits of size and shape, its meaning unchecked. Raises ProtocolError."""
    size = len(data)
    if isinstance(data, str) and size <= max_bytes and not data.isascii():
        size = len(data.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise ProtocolError(TOO_LARGE, f"message of {size} bytes; at most {max_bytes}")
    max_values = max_bytes // BYTES_PER_VALUE
    try:
        return _read_json(data, max_values) if isinstance(data, str) else unpack(data, max_values)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0][:80]
        raise ProtocolError(MALFORMED, f"not JSON: {reason}") from None


def _read_json(text: str, max_values: int) -> dict[str, Any]:
    if _count_marks(text) > max_values:
        # Strings may hold any number of commas. (A pattern that knows escapes would cost megabytes on many of them.)
        bare = _JSON_STRING.sub("0", text.replace("\\\\", "").replace('\\"', ""))
        for space in " \t\r\n":
            bare = bare.replace(space, "")
        values = _count_marks(bare) - bare.count("[]") - bare.count("{}")
        if values > max_values:
            raise too_many(values, max_values)
    # NaN and Infinity come through as floats, so that the field that holds one is named in the error.
    value = json.loads(text, object_pairs_hook=_unique)
    if not isinstance(value, dict):
        raise ProtocolError(MALFORMED, "a message has to be a map")
    _check_depth(value)
    return value


def _count_marks(text: str) -> int:
    """Commas and opening brackets: as many as there are values, were it not for strings and for what is empty."""
    return text.count(",") + text.count("[") + text.count("{")


def _check_depth(root: dict[str, Any]) -> None:
    """Refuse what is nested too deep. Goes level by level, so depth costs no stack."""
    level: list[Any] = [root]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            below.extend(value.values() if isinstance(value, dict) else value)
        level = [value for value in below if isinstance(value, dict | list)]
        if not level:
            return
    raise ProtocolError(TOO_DEEP, f"nested deeper than {MAX_DEPTH}")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    """A map from its pairs. Two parsers that each keep another of two equal keys would disagree on the message."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ProtocolError(MALFORMED, "a map has a key twice")
    return data


def _json_bytes(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
