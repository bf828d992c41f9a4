"""Cameras of phones and laptops, whose browsers publish pictures over a WebSocket."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from streamer.clock import now_us
from streamer.errors import SourceAbsent, SourceError
from streamer.slot import Slot
from streamer.source.base import Image, SourceInfo
from streamer.source.jpeg import decode
from streamer.source.rhythm import Rhythm, stalled

MAX_BYTES = 2_000_000
"""Of one picture's JPEG."""
MAX_AGE_US = 2_000_000
"""A capture time further back than this is taken for this far back."""
DEAR_S = 0.015
"""A picture that takes longer to decode is dear; one of 1920x1080 pixels takes 11 ms on one core of a PC."""
REST_RATIO = 3.0
"""So many times as long as a dear picture took none is looked at: they take a quarter of a processor at most."""
POLL_S = 0.1
"""How soon a reader that waits notices that the publisher left."""
NOBODY = "no camera connected; open /camera in a browser"


@dataclass(frozen=True, slots=True)
class Publication:
    """A JPEG and the server time in microseconds at which its publisher says it was captured.

    answer: called once, from the reading thread, when the picture is decoded (None) or can't be (why).
    """

    t_us: int
    jpeg: bytes
    answer: Callable[[str | None], None]


class Browser:
    """A source that waits for a publisher, of which it takes one at a time.

    `claim`, `put` and `release` are the publisher's side, for one thread; the rest is the capture thread's.
    """

    live = True
    label = "a browser's camera"

    def __init__(self) -> None:
        self.t_us: int | None = None
        self.taken = False
        self._waiting: Slot[Publication] = Slot()
        self._rhythm = Rhythm()
        self._rested_s = 0.0

    def claim(self) -> bool:
        """Become the publisher. False where there is one."""
        if self.taken:
            return False
        self.taken = True
        return True

    def put(self, publication: Publication) -> bool:
        """Hand over a picture. False where it replaced the one before, which nobody will answer."""
        return self._waiting.put(publication)

    def release(self) -> None:
        """Stop being the publisher; a picture that waits isn't looked at any more."""
        self._waiting.take()
        self.taken = False

    def open(self) -> SourceInfo:
        """Size and rate are unknown until somebody publishes."""
        return SourceInfo(0, 0, 0.0)

    def read(self) -> Image | None:
        """The next picture that can be decoded. Raises SourceAbsent while nobody publishes or nothing comes."""
        limit_s = self._rhythm.limit_s
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            if (rest_s := self._rested_s - time.monotonic()) > 0:
                time.sleep(rest_s)
            publication = self._waiting.take(POLL_S)
            if publication is None:
                if not self.taken:
                    self._rhythm.pause()
                    raise SourceAbsent(NOBODY)
                continue
            start_s = time.monotonic()
            try:
                picture = decode(publication.jpeg)
            except SourceError as error:
                publication.answer(str(error))
                continue
            finally:
                end_s = time.monotonic()
                if end_s - start_s > DEAR_S:
                    self._rested_s = end_s + REST_RATIO * (end_s - start_s)
            now = now_us()
            self.t_us = min(max(publication.t_us, now - MAX_AGE_US), now)
            publication.answer(None)
            self._rhythm.beat()
            return picture
        raise SourceAbsent(stalled(limit_s), frozen=True)

    def skip(self) -> bool:
        """Never asked of a live source."""
        return True

    def close(self) -> None:
        """Nothing is held."""
