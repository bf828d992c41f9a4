"""How fast one connection is listened to: in slices, one a turn of the event loop, and not at all while it has to wait.

A transport hands over up to 256 KiB at once. As tiny frames or chunks that is half a second of parsing, in which nobody
else would be served.
"""

import asyncio
import time
from collections.abc import Callable
from enum import Flag, auto
from typing import Final

from streamer.guard.pace import Pace

SLICE_S: Final = 0.002
"""A slice that took longer is followed by half of it, one that took a quarter of it by its double."""


class Hold(Flag):
    """Why nothing is taken from a connection."""

    NOT = 0
    BACKLOG = auto()  # what it brought isn't dealt with yet
    READER = auto()  # whoever reads has enough
    WRITER = auto()  # it doesn't take what is for it, so answers would pile up
    ALLOWANCE = auto()  # it asked for too much
    ENTRY = auto()  # it isn't let in yet
    FAULT = auto()  # it broke a rule


class Intake:
    """Between a transport and the parser `feed`. Reading pauses while any hold is on.

    pace, address: whose turns it takes, and as whom. slice_bytes: fed at a time. most_bytes: what a slice may grow to
    while it takes little time, as uploads' do.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        feed: Callable[[bytes], None],
        pace: Pace,
        address: str,
        slice_bytes: int,
        most_bytes: int = 0,
    ) -> None:
        self.slice_bytes = slice_bytes
        self._least_bytes = slice_bytes
        self._most_bytes = most_bytes
        self._transport = transport
        self._feed = feed
        self._pace = pace
        self._address = address
        self._backlog = bytearray()
        self._holds = Hold.NOT
        self._waits = False
        self._at_end: Callable[[], None] | None = None
        self._is_over = False

    def widen(self, slice_bytes: int) -> None:
        """Feed so much at a time from now on, less only while that takes long."""
        self.slice_bytes = self._most_bytes = slice_bytes

    def leave_pace(self) -> None:
        """Wait for nobody's turn from now on: it is listened to as well as those who get frames."""
        self._pace = Pace(lambda: False)

    @property
    def is_behind(self) -> bool:
        """Whether bytes wait to be fed."""
        return bool(self._backlog)

    def take(self, data: bytes) -> None:
        """What the transport received; the first slice is fed at once where nobody else waits."""
        self._backlog += data
        if self._backlog and not self._waits:
            if self._pace.is_free:
                start_s = time.perf_counter()
                self._next()
                self._pace.spend(time.perf_counter() - start_s)
            else:
                self.hold(Hold.BACKLOG)
                self._schedule()

    def finish(self, at_end: Callable[[], None]) -> None:
        """No more comes; call `at_end` when all has been fed."""
        if self._backlog:
            self._at_end = at_end
        else:
            at_end()

    def drop(self) -> bytes:
        """Feed nothing more and hold nothing; what is left. Somebody else may go on reading."""
        self._is_over = True
        rest = bytes(self._backlog)
        self._backlog.clear()
        if self._holds and not self._transport.is_closing():
            self._transport.resume_reading()
        return rest

    def hold(self, why: Hold) -> None:
        """Take nothing until `release` of the same."""
        if self._is_over:
            return
        if not self._holds and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds |= why

    def release(self, why: Hold) -> None:
        """That is no reason any more."""
        if self._is_over or not self._holds & why:
            return
        self._holds &= ~why
        if not self._holds and not self._transport.is_closing():
            self._transport.resume_reading()
        if self._backlog and not self._waits:
            self._schedule()

    # As a transport: what a parser with a flow control of its own pauses and resumes.

    def pause_reading(self) -> None:
        """Hold for the reader."""
        self.hold(Hold.READER)

    def resume_reading(self) -> None:
        """Release that."""
        self.release(Hold.READER)

    def _adapt(self, took_s: float) -> None:
        if took_s > SLICE_S:
            self.slice_bytes = max(self._least_bytes, self.slice_bytes // 2)
        elif took_s < SLICE_S / 4 and 2 * self.slice_bytes <= self._most_bytes:
            self.slice_bytes *= 2

    def _schedule(self) -> None:
        self._waits = True
        self._pace.ask(self._address, self._next)

    def _next(self) -> None:
        self._waits = False
        if self._is_over:
            return
        if self._holds & ~Hold.BACKLOG:
            self.hold(Hold.BACKLOG)
            return
        data = bytes(self._backlog[: self.slice_bytes])
        del self._backlog[: self.slice_bytes]
        started_s = time.perf_counter()
        self._feed(data)
        self._adapt(time.perf_counter() - started_s)
        if self._is_over:
            return
        if self._backlog:
            self.hold(Hold.BACKLOG)
            if not self._waits:
                self._schedule()
            return
        self.release(Hold.BACKLOG)
        if self._at_end is not None:
            at_end, self._at_end = self._at_end, None
            at_end()
