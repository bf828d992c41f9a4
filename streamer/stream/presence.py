"""A stream as its clients know it: its description and state in the catalog, its frames at the hub and the outputs."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from protocol.messages import Field, State, StreamInfo
from streamer.clock import now_us
from streamer.hub.hub import Hub
from streamer.hub.outgoing import Estimate
from streamer.output import Outputs

log = logging.getLogger("posewire")


class Presence:
    """One stream's. Lives on the event loop, but for what says otherwise. published_us: when the last frame went out, 0
    before.
    """

    def __init__(self, stream: str, hub: Hub, outputs: Outputs, loop: asyncio.AbstractEventLoop) -> None:
        self._stream = stream
        self._hub = hub
        self._outputs = outputs
        self._loop = loop
        self.published_us = 0

    def call(self, action: Callable[..., None], *args: object) -> None:
        """Do it on the event loop. Any thread may ask."""
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(action, *args)

    def offer(self, info: StreamInfo) -> None:
        """From now on clients find it. From a thread only while the server doesn't serve yet."""
        self._hub.offer(info)

    @property
    def wanted(self) -> frozenset[Field]:
        """The fields on demand that anybody wants. Any thread may ask."""
        return self._hub.wanted(self._stream) | self._outputs.wanted

    @property
    def watched(self) -> bool:
        """Whether anybody takes its frames: a client, a recording, an output. Any thread may ask."""
        return bool(self._outputs.wanted) or self._hub.taken(self._stream)

    @property
    def behind(self) -> bool:
        """Whether a frame waits for a client who hasn't taken the one before. Any thread may ask."""
        return self._hub.counts(self._stream).held > 0

    def publish(self, estimate: Estimate) -> None:
        """Bring a frame to everyone."""
        self.describe(width=estimate.size[0], height=estimate.size[1])  # a phone can be turned
        self._hub.publish(estimate)
        self.published_us = now_us()
        self._outputs.publish(estimate)

    def describe(self, **changes: Any) -> None:
        """Tell clients where the stream's description isn't what it was."""
        info = self._hub.catalog.info(self._stream)
        if any(getattr(info, name) != value for name, value in changes.items()):
            self._hub.announce(self._hub.catalog.describe(replace(info, **changes), now_us()))

    def announce(self, state: State, detail: str) -> None:
        """Tell clients, and the log, where its state isn't what it was. Nothing before it is offered."""
        if self._stream not in self._hub.catalog:
            return
        last = self._hub.catalog.status(self._stream)
        if (last.state, last.detail) != (state, detail):
            log.log(
                logging.WARNING if state == "lost" else logging.INFO,
                "stream %s: %s%s",
                self._stream,
                state,
                f" ({detail})" if detail else "",
            )
            self._hub.announce(self._hub.catalog.set_state(self._stream, state, detail, now_us()))
