"""A node's clock against ours, asked for over NATS again and again."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from protocol.codec import decode, encode
from protocol.errors import ProtocolError
from protocol.messages import Time
from streamer.clock import now_us
from streamer.nats import subjects
from streamer.nats.link import Link
from streamer.nats.offset import Offset

FIRST_EXCHANGES: Final = 5
"""Before it counts as known."""
FIRST_WAIT_S: Final = 0.02
EXCHANGE_S: Final = 1.0
TIMEOUT_S: Final = 0.5
MAX_UNANSWERED: Final = 10
"""In a row, before the log says so."""

log = logging.getLogger("posewire.nats")


class RemoteClock:
    """Asks from its making until `stop`. on_ready: called when it has come to be known. Lives on the event loop."""

    def __init__(self, node: str, link: Link, on_ready: Callable[[], None]) -> None:
        self._node = node
        self._link = link
        self._on_ready = on_ready
        self._offset = Offset()
        self._unanswered = 0
        self._stopped = False
        self._task = asyncio.create_task(self._ask())

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        self._task.cancel()  # which may be lost, see link.end

    def restart(self) -> None:
        """It may be another clock now: nothing is known of it."""
        self._offset = Offset()

    @property
    def ready(self) -> bool:
        """Whether it is known."""
        return self._offset.exchanges >= FIRST_EXCHANGES

    def to_ours_us(self, theirs_us: int) -> int:
        """A time of theirs on our clock."""
        return theirs_us - round(self._offset.estimate(now_us())[0])

    @property
    def error_us(self) -> int:
        """By how much that may be off, once it is known."""
        return round(self._offset.estimate(now_us())[1]) + 1

    async def _ask(self) -> None:
        subject = subjects.time(self._node)
        while not self._stopped:
            was_ready, t0_us = self.ready, now_us()
            offset = self._offset
            answer = await self._link.request(subject, encode(Time(t0_us)), TIMEOUT_S)
            t3_us = now_us()
            if answer is None:
                self._count_unanswered()
            elif offset is self._offset:
                self._note(answer, t0_us, t3_us)
            if self.ready and not was_ready:
                self._on_ready()
            await asyncio.sleep(EXCHANGE_S if self.ready or answer is None else FIRST_WAIT_S)

    def _note(self, answer: bytes, t0_us: int, t3_us: int) -> None:
        try:
            found = decode(answer)
        except ProtocolError as error:
            log.warning("NATS: node %s answers for its clock with what isn't ours: %s", self._node, error.message)
            return
        if isinstance(found, Time) and found.t0_us == t0_us and found.t1_us is not None and found.t2_us is not None:
            self._unanswered = 0
            self._offset.add(t0_us, found.t1_us, found.t2_us, t3_us)

    def _count_unanswered(self) -> None:
        self._unanswered += self._link.connected
        if self._unanswered == MAX_UNANSWERED and not self.ready:
            log.warning(
                "NATS: node %s doesn't answer on %s, so its streams can't be shown; may this relay ask, and the node "
                "answer? (permissions)",
                *(self._node, subjects.time(self._node)),
            )
