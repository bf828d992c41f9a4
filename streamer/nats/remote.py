"""A stream of a node as a relay has it: from a frame message to everyone here."""

import asyncio
import logging
from dataclasses import replace
from typing import Final

from protocol.codec import decode
from protocol.errors import ProtocolError
from protocol.limits import MAX_SERVER_MESSAGE_BYTES
from protocol.messages import SOLVED_FIELDS, Frame, State, StreamInfo
from streamer.clock import now_us
from streamer.errors import SkeletonError
from streamer.hub.outgoing import Estimate
from streamer.nats import subjects
from streamer.nats.clock import RemoteClock
from streamer.stream.people import people_of
from streamer.stream.presence import Presence
from streamer.vitals.health import Health, Vitals, diagnose
from streamer.vitals.stages import Stamps

MAX_AGE_US: Final = 250_000
"""An older frame is not shown: it is late for whoever moves before the camera."""
MAX_WAY_US: Final = 50_000
"""Unless it came quickly: then it is its node that takes so long, always."""
MAX_AHEAD_US: Final = 1_000_000
"""Captured later than now: clocks may be found to be a little off, but not by so much."""

_DESCRIPTION: Final = [name for name in StreamInfo.__slots__ if name not in ("id", "state", "clock_error_us")]

log = logging.getLogger("posewire.nats")


class RemoteStream:
    """Lives on the event loop.

    id: here. captured: frames that came. inferred: those that were shown. missed: those that a newer one replaced
    before they were looked at, or whose node's clock isn't known yet. stale: too old to be shown. broken: no frames of
    ours. What only cameras and engines have is 0.
    """

    engine_faults: int = 0
    replacements: Final = 0
    skipped: Final = 0

    def __init__(self, node: str, stream: str, clock: RemoteClock, presence: Presence) -> None:
        self.id = subjects.relayed(node, stream)
        self.subject = subjects.frame(node, stream)
        self.label = f"node {node}"
        self.captured = self.missed = self.stale = self.broken = self.inferred = 0
        self._node = node
        self._clock = clock
        self._presence = presence
        self._told: tuple[State, str] = ("live", "")
        self._lost: str | None = None
        self._interval_us = 0
        self._came_us = 0
        self._t_us = 0
        self._seq = self._ahead = 0
        self._newest: bytes | None = None

    def offer(self, info: StreamInfo) -> None:
        """Have clients find it, as its node describes it."""
        self._presence.offer(self._described(info))
        self.tell(info.state)

    def describe(self, info: StreamInfo) -> None:
        """Its node describes it anew."""
        now = self._described(info)
        changes = {name: getattr(now, name) for name in _DESCRIPTION}
        self._presence.describe(**changes)
        if info.state != self._told[0]:
            self.tell(info.state)

    def tell(self, state: State, detail: str = "") -> None:
        """Its node says how it is."""
        self._told = state, detail
        self._announce()

    def lose(self, detail: str | None) -> None:
        """Its node is out of reach, for that reason; or is there again."""
        self._lost = detail
        self._announce()

    def frame(self, data: bytes) -> None:
        """A frame message came."""
        self.captured += 1
        self._came_us = now_us()
        if self._newest is None:
            asyncio.get_running_loop().call_soon(self._deliver)
        else:
            self.missed += 1
        self._newest = data

    def health(self) -> Health:
        """Of what stands in for camera and engine, at this moment."""
        vitals = Vitals(
            camera="gone" if self._state[0] == "lost" else "live",
            picture_us=self._came_us,
            interval_us=self._interval_us,
            paced=False,  # it comes only while somebody watches
            busy_since_us=0,
            estimate_us=self._presence.published_us,
            failed=False,
            over=False,
        )
        return diagnose(vitals, now_us())

    @property
    def _state(self) -> tuple[State, str]:
        return self._told if self._lost is None else ("lost", self._lost)

    def _announce(self) -> None:
        self._presence.announce(*self._state)

    def _described(self, info: StreamInfo) -> StreamInfo:
        self._interval_us = round(1e6 / info.fps) if info.fps > 0 else 0
        return replace(info, id=self.id, node=self._node, clock_error_us=self._clock.error_us, preview=False)

    def _deliver(self) -> None:
        data, self._newest = self._newest, None
        if data is None:
            return
        if not self._clock.ready:
            self.missed += 1
            return
        try:
            frame = decode(data, max_bytes=MAX_SERVER_MESSAGE_BYTES)
            if not isinstance(frame, Frame):
                raise ProtocolError("bad_message", f"{type(frame).__name__.lower()} is no frame")
            people = people_of(frame)
        except (ProtocolError, SkeletonError) as error:
            self._count_broken(getattr(error, "message", str(error)))
            return
        now, t_us = now_us(), self._clock.to_ours_us(frame.t_us)
        if not 0 <= t_us <= now + MAX_AHEAD_US:  # clients would take it for no frame, and end their connection
            self._count_broken(f"t_us is {frame.t_us}, which here is {t_us}; now is {now}")
            return
        if now - t_us > MAX_AGE_US and now - self._clock.to_ours_us(frame.sent_us) > MAX_WAY_US:
            self.stale += 1
            return
        self._t_us = max(t_us, self._t_us + 1)  # it rises, whatever the clock's offset is found to be meanwhile
        if frame.seq + self._ahead <= self._seq:  # its node began anew, without a word
            self._ahead = self._seq + 1 - frame.seq
        self._seq = frame.seq + self._ahead
        self.inferred += 1
        stamps = Stamps(self._came_us, self._came_us, now)
        self._presence.publish(Estimate(self.id, self._seq, self._t_us, frame.size, people, SOLVED_FIELDS, stamps))

    def _count_broken(self, reason: str) -> None:
        self.broken += 1
        if self.broken.bit_count() == 1:  # the 1st, 2nd, 4th, 8th ...
            log.warning("NATS: %d messages on %s are no frames of ours: %s", self.broken, self.subject, reason)
