"""The few processes that look at pictures, and the short queue before them."""

import asyncio
import json
import logging
import os
import sys
from collections import deque
from dataclasses import dataclass

from streamer.errors import PosewireError
from streamer.photo.request import PhotoRequest
from streamer.photo.worker import BAD_PICTURE, HEADER, OK, pack_head

TIMEOUT_S = 60.0
"""What one picture may take, loading a network included; then its process is ended and replaced."""
IDLE_S = 60.0
"""A process that had nothing to do for so long ends, and gives its memory back."""
MAX_ANSWER_BYTES = 30_000_000
"""An annotated picture of the largest size, as PNG."""
WRITE_BYTES = 65_536
GIVEN_BACK_BYTES = 1_000_000
"""Memory in pieces of this size and larger goes back to the system as soon as it is free."""

log = logging.getLogger("posewire.photo")


class PoolFull(Exception):
    """As many pictures wait as may."""


class PhotoFailed(PosewireError):
    """The process that looked at a picture failed, ended or took too long."""


class Unreadable(Exception):
    """A picture that can't be decoded. The text is one line for people."""


@dataclass(slots=True)
class _Job:
    asked: PhotoRequest
    data: bytes
    answer: "asyncio.Future[bytes]"


class Pool:
    """Looks at pictures, a few at a time. Processes start when they are needed first.

    workers: pictures looked at at a time. queue: pictures that may wait besides. max_pixels: a second guard, in the
    decoder itself, against pictures that are larger than their header says. engine: as `Engines` takes it.
    """

    def __init__(self, workers: int, queue: int, max_pixels: int, engine: str = "auto", idle_s: float = IDLE_S) -> None:
        self.size = workers
        self._queue = queue
        self._max_pixels = max_pixels
        self._engine = engine
        self._idle_s = idle_s
        self._waiting: deque[_Job] = deque()
        self._patient: deque[_Job] = deque()
        self._work = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False

    @property
    def waiting(self) -> int:
        """Pictures in the queue."""
        return len(self._waiting) + len(self._patient)

    async def look(self, asked: PhotoRequest, data: bytes, patient: bool = False) -> bytes:
        """The answer to one picture: JSON, or a PNG where an annotated picture was asked for.

        patient: for one of many, which waits for its turn behind all others and never finds the queue full; whoever has
        many asks for a few at a time. Raises PoolFull, Unreadable or PhotoFailed.
        """
        if self._closed or (not patient and len(self._waiting) >= self._queue):
            raise PoolFull
        job = _Job(asked, data, asyncio.get_running_loop().create_future())
        line = self._patient if patient else self._waiting
        line.append(job)
        if len(self._tasks) < self.size:
            self._tasks.append(asyncio.create_task(self._serve()))
        async with self._work:
            self._work.notify()
        try:
            return await job.answer
        finally:
            if job in line:  # who asked has gone
                line.remove(job)

    async def close(self) -> None:
        """End the processes; what waits fails."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for job in (*self._waiting, *self._patient):
            _settle(job, PhotoFailed("the server ends"))

    async def _serve(self) -> None:
        process = _Process(self._engine, self._max_pixels)
        try:
            while True:
                async with self._work:
                    while not self.waiting:
                        try:
                            await asyncio.wait_for(self._work.wait(), self._idle_s if process.running else None)
                        except (TimeoutError, asyncio.TimeoutError):
                            await process.end()
                    job = (self._waiting or self._patient).popleft()
                if job.answer.done():
                    continue
                try:
                    _settle(job, await asyncio.wait_for(process.ask(job.asked, job.data), TIMEOUT_S))
                except (TimeoutError, asyncio.TimeoutError):
                    _settle(job, PhotoFailed(f"a picture took more than {TIMEOUT_S:g} s"))
                    await process.end()
                except Unreadable as error:
                    _settle(job, error)
                except Exception as error:
                    log.error("a picture failed: %s", error, exc_info=error)
                    _settle(job, error if isinstance(error, PhotoFailed) else PhotoFailed(str(error)[:200]))
                    await process.end()
                except asyncio.CancelledError:
                    _settle(job, PhotoFailed("the server ends"))
                    raise
        finally:
            await process.end()


def _settle(job: _Job, outcome: bytes | Exception) -> None:
    if job.answer.done():  # who asked has gone
        return
    if isinstance(outcome, bytes):
        job.answer.set_result(outcome)
    else:
        job.answer.set_exception(outcome)


class _Process:
    """One worker process, started when it is asked and not running."""

    def __init__(self, engine: str, max_pixels: int) -> None:
        self._engine = engine
        self._max_pixels = max_pixels
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    async def ask(self, asked: PhotoRequest, data: bytes) -> bytes:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "streamer.photo.worker", self._engine),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={
                    **os.environ,
                    "OPENCV_IO_MAX_IMAGE_PIXELS": str(self._max_pixels),
                    # glibc keeps what large pictures had for the next one, unless told from which size on not to.
                    "MALLOC_MMAP_THRESHOLD_": str(GIVEN_BACK_BYTES),
                },
            )
        source, sink = self._process.stdout, self._process.stdin
        assert source is not None
        assert sink is not None
        try:
            sink.write(pack_head(asked.as_json(), len(data)))
            for at in range(0, len(data), WRITE_BYTES):  # what is written at once and doesn't fit is copied
                sink.write(data[at : at + WRITE_BYTES])
                await sink.drain()
            json_bytes, body_bytes = HEADER.unpack(await source.readexactly(HEADER.size))
            if json_bytes + body_bytes > MAX_ANSWER_BYTES:
                raise PhotoFailed(f"an answer of {body_bytes:,} bytes; at most {MAX_ANSWER_BYTES:,}")
            head = json.loads(await source.readexactly(json_bytes))
            body = await source.readexactly(body_bytes)
        except (OSError, asyncio.IncompleteReadError):
            raise PhotoFailed("the process that looked at the picture ended") from None
        if head["status"] == OK:
            return body
        raise (Unreadable if head["status"] == BAD_PICTURE else PhotoFailed)(body.decode())

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
