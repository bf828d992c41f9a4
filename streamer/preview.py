"""What the camera sees, as small JPEGs for the page: only where the user allows it, and only while somebody looks."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import cv2

from streamer.source.base import Frame, Image

MAX_SIDE_PX: Final = 640
MAX_FPS: Final = 15
QUALITY: Final = 70
LOOKING_S: Final = 2.0
"""Who hasn't asked for so long isn't looking any more."""
WAIT_S: Final = 1.0
MAX_WAITING: Final = 64
"""Requests that wait for a picture of one stream at a time."""


class TooManyLook(Exception):
    """MAX_WAITING requests wait already."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and the capture time of its frame, monotonic microseconds."""

    t_us: int
    jpeg: bytes


class Preview:
    """The newest picture of one stream, encoded once for all who look, in a thread. Nothing is kept of the others."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news = asyncio.Condition()
        self._newest: Picture | None = None
        self._waiting = 0
        self._looking_until_s = 0.0
        self._next_s = 0.0
        self._encoding: asyncio.Task[None] | None = None

    def offer(self, frame: Frame) -> None:
        """A picture was estimated; called from the worker's thread, and nothing is done unless somebody looks."""
        now_s = time.monotonic()
        if now_s < self._next_s or now_s > self._looking_until_s:
            return
        self._next_s = max(self._next_s + 1 / MAX_FPS, now_s - 1 / MAX_FPS)
        with suppress(RuntimeError):  # the loop is closed: nobody is left to look
            self._loop.call_soon_threadsafe(self._take, frame)

    async def picture(self, after_us: int) -> Picture | None:
        """The newest picture captured after `after_us`, None where none comes within WAIT_S. Raises TooManyLook."""
        if self._waiting >= MAX_WAITING:
            raise TooManyLook
        self._looking_until_s = time.monotonic() + LOOKING_S
        self._waiting += 1
        try:
            async with self._news:
                await asyncio.wait_for(self._news.wait_for(lambda: self._is_news(after_us)), WAIT_S)
            return self._newest
        except (TimeoutError, asyncio.TimeoutError):
            return None
        finally:
            self._waiting -= 1

    def _is_news(self, after_us: int) -> bool:
        return self._newest is not None and self._newest.t_us > after_us

    def _take(self, frame: Frame) -> None:
        if self._encoding is None or self._encoding.done():  # else it comes too early; another will
            self._encoding = self._loop.create_task(self._encode(frame))

    async def _encode(self, frame: Frame) -> None:
        jpeg = await asyncio.to_thread(encode, frame.image)
        async with self._news:
            self._newest = Picture(frame.t_us, jpeg)
            self._news.notify_all()


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
