"""Publishing: what a browser that is a camera and the server say to each other, from the claim to the last picture."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from websockets.frames import CloseCode

from protocol.codec import decode, encode
from protocol.errors import UNKNOWN_TYPE, ProtocolError
from protocol.limits import MAX_ERROR_LENGTH
from protocol.messages import Time
from streamer.clock import now_us
from streamer.guard.access import Refusal
from streamer.server.connection import StreamConnection
from streamer.source.base import MAX_PIXELS
from streamer.source.browser import MAX_BYTES, Browser, Publication

HEAD_BYTES = 8
"""Before each JPEG: its capture time, server microseconds, uint64 little-endian."""
MAX_FAULTS = 10
"""Faulty messages in a row; then the connection is closed."""
PING_S = 4.0
"""A phone that lost its network holds the stream no longer than twice this; it wants to come back to it."""
STALL_S = 10.0
"""A connection that takes none of its answers for this long is dropped: no ping gets through, but it has the stream."""
HURRIED_S = 0.03
"""After a picture that replaced one which nobody had looked at yet no other is read for so long."""
BAD_PICTURE = "bad_picture"


class Cameras:
    """The streams that wait for a browser, by id."""

    def __init__(self, sources: Mapping[str, Browser]) -> None:
        self._sources = sources

    def __contains__(self, stream: object) -> bool:
        return stream in self._sources

    def describe(self) -> list[dict[str, object]]:
        """As `GET /cameras` tells them."""
        return [{"stream": stream, "taken": source.taken} for stream, source in self._sources.items()]

    def claim(self, stream: str, connection: StreamConnection) -> "Publisher | Refusal":
        """The right to publish, until `Publisher.end`; a refusal where somebody else has it."""
        source = self._sources[stream]
        if not source.claim():
            text = f"another camera publishes {stream!r}; one can at a time"
            return Refusal(HTTPStatus.CONFLICT, text, "camera_taken")
        connection.expect_pictures(HEAD_BYTES + MAX_BYTES, PING_S)
        return Publisher(stream, source, connection)


class Publisher:
    """One browser's conversation. Lives on the event loop; pictures are decoded in the source's thread."""

    def __init__(self, stream: str, source: Browser, connection: StreamConnection) -> None:
        self._stream = stream
        self._source = source
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._last_t_us = 0
        self._faults = 0
        self._closing: asyncio.Task[None] | None = None

    async def converse(self) -> None:
        """Take pictures until the connection ends, or is dropped because nobody reads the answers."""
        limits = {"max_bytes": MAX_BYTES, "max_pixels": MAX_PIXELS}
        self._say({"type": "camera", "stream": self._stream, "now_us": now_us(), **limits})
        async for data in self._connection:
            if isinstance(data, str):
                self._answer(data)
                wait_s = 0.0
            else:
                wait_s = 0.0 if self._take(data) else HURRIED_S
            # Reading what is there already doesn't suspend: a flood of small messages would keep others waiting.
            await asyncio.sleep(wait_s)
            # Whoever doesn't read the answers isn't listened to either, so answers can't pile up.
            if self._connection.paused:
                try:
                    await asyncio.wait_for(self._connection.drain(), STALL_S)
                except asyncio.TimeoutError:
                    self._connection.abort(f"took no answer for {STALL_S:g} s")
                    return

    def end(self) -> None:
        """Let others publish."""
        self._source.release()

    def _answer(self, text: str) -> None:
        received_us = now_us()
        try:
            match decode(text):
                case Time(t0_us, None, None):
                    self._write(encode(Time(t0_us, received_us, now_us()), "json"))
                case message:
                    raise ProtocolError(UNKNOWN_TYPE, f"{type(message).__name__} isn't for a publisher's connection")
        except ProtocolError as error:
            self._fault({"code": error.code, "message": str(error)})

    def _take(self, data: bytes) -> bool:
        """False where it came before the last one was looked at."""
        if len(data) <= HEAD_BYTES:
            text = f"message of {len(data)} bytes; {HEAD_BYTES} of capture time and a JPEG are needed"
            self._fault({"code": BAD_PICTURE, "message": text})
            return True
        t_us = int.from_bytes(data[:HEAD_BYTES], "little")
        is_wanted = self._source.put(Publication(t_us, data[HEAD_BYTES:], partial(self._call, t_us)))
        if not is_wanted:
            self._say({"type": "ack", "t_us": self._last_t_us})
        self._last_t_us = t_us
        return is_wanted

    def _call(self, t_us: int, problem: str | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(self._looked_at, t_us, problem)

    def _looked_at(self, t_us: int, problem: str | None) -> None:
        if problem is None:
            self._faults = 0
            self._say({"type": "ack", "t_us": t_us})
        else:
            self._fault({"code": BAD_PICTURE, "message": problem, "t_us": t_us})

    def _fault(self, what: dict[str, Any]) -> None:
        self._say({"type": "error", **what, "message": what["message"][:MAX_ERROR_LENGTH]})
        self._faults += 1
        if self._faults == MAX_FAULTS:
            reason = f"{MAX_FAULTS} faulty messages in a row"
            self._closing = asyncio.create_task(self._connection.close(CloseCode.INVALID_DATA, reason))

    def _say(self, message: dict[str, object]) -> None:
        self._write(json.dumps(message, separators=(",", ":")).encode())

    def _write(self, payload: bytes) -> None:
        self._connection.write(self._connection.frame(payload, "json"))
