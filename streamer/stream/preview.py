"""What the camera sees, as small JPEGs for the page: only where the user allows it, and only while somebody looks."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import cv2

from streamer.errors import PosewireError
from streamer.source.base import Image

MAX_SIDE_PX: Final = 640
MAX_FPS: Final = 15
QUALITY: Final = 70
LOOKING_S: Final = 2.0
"""Who hasn't asked for so long isn't looking any more."""
WAIT_S: Final = 1.0
MAX_WAITING: Final = 64
"""Requests that wait for a picture of one stream at a time."""

log = logging.getLogger("posewire")


class TooManyLook(Exception):
    """MAX_WAITING requests wait already."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and the capture time of its frame, monotonic microseconds."""

    t_us: int
    jpeg: bytes


class Preview:
    """The newest picture of one stream, encoded once for all who look, in a thread. Without anybody nothing is kept."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._newest: Picture | None = None
        self._waiting: dict[asyncio.Future[Picture], int] = {}
        self._forgetting: asyncio.TimerHandle | None = None
        self._next_s = 0.0
        self._encoding: asyncio.Task[None] | None = None

    @property
    def watched(self) -> bool:
        """Whether somebody asked within LOOKING_S. Any thread may ask."""
        return self._forgetting is not None

    def offer(self, t_us: int, image: Callable[[], Image]) -> None:
        """There is a picture of the frame captured at `t_us`; called from the thread that made that.

        image: gives the picture, or raises PosewireError; in a thread, and only if somebody looks.
        """
        now_s = time.monotonic()
        if now_s < self._next_s or not self.watched:
            return
        self._next_s = max(self._next_s + 1 / MAX_FPS, now_s - 1 / MAX_FPS)
        with suppress(RuntimeError):  # the loop is closed: nobody is left to look
            self._loop.call_soon_threadsafe(self._take, t_us, image)

    async def picture(self, after_us: int) -> Picture | None:
        """The newest picture captured after `after_us`, None where none comes within WAIT_S. Raises TooManyLook."""
        if len(self._waiting) >= MAX_WAITING:
            raise TooManyLook
        if self._forgetting is not None:
            self._forgetting.cancel()
        self._forgetting = self._loop.call_later(LOOKING_S, self._forget)
        if self._newest is not None and self._newest.t_us > after_us:
            return self._newest
        coming: asyncio.Future[Picture] = self._loop.create_future()
        self._waiting[coming] = after_us
        try:
            return await asyncio.wait_for(coming, WAIT_S)
        except (TimeoutError, asyncio.TimeoutError):
            return None
        finally:
            del self._waiting[coming]

    def _forget(self) -> None:
        self._forgetting = self._newest = None

    def _take(self, t_us: int, image: Callable[[], Image]) -> None:
        if self._encoding is None or self._encoding.done():  # else it comes too early; another will
            self._encoding = self._loop.create_task(self._encode(t_us, image))

    async def _encode(self, t_us: int, image: Callable[[], Image]) -> None:
        try:
            picture = Picture(t_us, await asyncio.to_thread(lambda: encode(image())))
        except PosewireError as error:
            log.warning("a picture can't be shown: %s", error)
            return
        if self.watched:
            self._newest = picture
        for coming, after_us in self._waiting.items():
            if picture.t_us > after_us and not coming.done():
                coming.set_result(picture)


def encode(image: Image) -> bytes:
    """A picture, at most MAX_SIDE_PX on its longer side, as JPEG."""
    height, width = image.shape[:2]
    scale = MAX_SIDE_PX / max(width, height)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    written, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not written:
        raise ValueError(f"a picture of {width}x{height} can't be encoded")
    return data.tobytes()
