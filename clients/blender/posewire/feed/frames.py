"""The frames of RFC 6455, without I/O: bytes of a server become messages, messages of ours become bytes."""

import os
import struct
from collections.abc import Iterator
from typing import Final

from .limits import MAX_SERVER_MESSAGE_BYTES

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
UNSUPPORTED: Final = 1003
INVALID_DATA: Final = 1007
TOO_BIG: Final = 1009

MAX_CONTROL_BYTES: Final = 125
_OPCODES: Final = frozenset((CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))
_CLOSE_CODES: Final = frozenset((1000, 1001, 1002, 1003, *range(1007, 1015)))


class FrameError(Exception):
    """The server broke RFC 6455; `code` is what to close with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FrameReader:
    """Puts messages together. They come out whole: (opcode, payload), TEXT checked to be UTF-8."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._opcode = CONTINUATION
        self._message = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that `data` completes, in order. Raises FrameError."""
        self._buffer += data
        while True:
            frame = self._next_frame()
            if frame is None:
                return
            is_final, opcode, payload = frame
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            if opcode != CONTINUATION:
                self._opcode = opcode
            self._message += payload
            if is_final:
                kind, message = self._opcode, bytes(self._message)
                self._opcode, self._message = CONTINUATION, bytearray()
                if kind == TEXT:
                    _check_utf8(message)
                yield kind, message

    def _next_frame(self) -> tuple[bool, int, bytes] | None:
        """The next frame; None where it isn't whole yet. Its head is checked before the rest is there."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        is_final, opcode, length = bool(buffer[0] & 0x80), buffer[0] & 0x0F, buffer[1] & 0x7F
        if buffer[0] & 0x70:
            raise FrameError(PROTOCOL_ERROR, "a frame with reserved bits set")
        if opcode not in _OPCODES:
            raise FrameError(PROTOCOL_ERROR, f"a frame of the reserved kind {opcode}")
        if buffer[1] & 0x80:
            raise FrameError(PROTOCOL_ERROR, "a masked frame, which only clients send")
        if opcode >= CLOSE and (not is_final or length > MAX_CONTROL_BYTES):
            raise FrameError(PROTOCOL_ERROR, f"a control frame in pieces or over {MAX_CONTROL_BYTES} bytes")
        if opcode == CONTINUATION and self._opcode == CONTINUATION:
            raise FrameError(PROTOCOL_ERROR, "a continuation of nothing")
        if opcode in (TEXT, BINARY) and self._opcode != CONTINUATION:
            raise FrameError(PROTOCOL_ERROR, "a new message within another")
        start = 2
        if length >= 126:
            start = 4 if length == 126 else 10
            if len(buffer) < start:
                return None
            length = int.from_bytes(buffer[2:start], "big")
        if opcode < CLOSE and len(self._message) + length > MAX_SERVER_MESSAGE_BYTES:
            size = len(self._message) + length
            raise FrameError(TOO_BIG, f"a message of {size} bytes or more; at most {MAX_SERVER_MESSAGE_BYTES}")
        if len(buffer) < start + length:
            return None
        payload = bytes(buffer[start : start + length])
        del buffer[: start + length]
        return is_final, opcode, payload


def close_reason(payload: bytes) -> tuple[int | None, str]:
    """Code and reason of a close frame; None where it has none. Raises FrameError."""
    if not payload:
        return None, ""
    if len(payload) < 2:
        raise FrameError(PROTOCOL_ERROR, "a close frame of one byte")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES and not 3000 <= code <= 4999:
        raise FrameError(PROTOCOL_ERROR, f"close code {code}, which none may send")
    _check_utf8(payload[2:])
    return code, payload[2:].decode("utf-8")


def encode_frame(opcode: int, payload: bytes) -> bytes:
    """A whole frame, masked as a client's have to be."""
    length = len(payload)
    head = bytes((0x80 | opcode,))
    if length < 126:
        head += bytes((0x80 | length,))
    elif length < 65_536:
        head += struct.pack(">BH", 0x80 | 126, length)
    else:
        head += struct.pack(">BQ", 0x80 | 127, length)
    mask = os.urandom(4)
    repeated = (mask * (length // 4 + 1))[:length]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
    return head + mask + masked


def encode_close(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what fits."""
    text = reason.encode()[: MAX_CONTROL_BYTES - 2].decode("utf-8", "ignore")
    return encode_frame(CLOSE, struct.pack(">H", code) + text.encode())


def _check_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise FrameError(INVALID_DATA, "a text that isn't UTF-8") from None
