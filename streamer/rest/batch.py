"""Many pictures in one upload: each is looked at as it arrives and answered with a line as soon as it is done."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamer.rest.budget import Share
from streamer.rest.problem import Problem
from streamer.rest.upload import Upload

MAX_BATCH = 1000
"""Pictures in one batch; what comes after them isn't looked at."""


class Batch:
    """Reads pictures, has `at_a_time` of them looked at by `answer` (JSON bytes, or a Problem), and collects the lines.

    It reads on whether or not the lines are being read: a client that sends all before it reads anything would wait for
    ever otherwise. The lines, at most MAX_BATCH and a few kB each, wait in memory, held in `share` as the pictures are.
    """

    def __init__(
        self,
        files: AsyncGenerator[Upload, None],
        answer: Callable[[Upload], Awaitable[tuple[bytes, bool]]],
        at_a_time: int,
        share: Share,
    ) -> None:
        self._files = files
        self._answer = answer
        self._share = share
        self._room = asyncio.Semaphore(at_a_time)
        self._lines: asyncio.Queue[tuple[bytes | None, int]] = asyncio.Queue()
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._uploaded = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Read in a task of its own."""
        self._task = asyncio.create_task(self._run())

    async def first_picture(self) -> None:
        """Wait for the first picture. Raises the Problem of an upload that has none."""
        await self._first

    async def uploaded(self) -> None:
        """Wait until all has been read, or nothing more will be."""
        await self._uploaded.wait()

    async def next_line(self) -> bytes | None:
        """The next line, None after the last."""
        line, held = await self._lines.get()
        self._share.give(held)
        return line

    async def end(self) -> None:
        """All is done, or nobody wants the rest."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        looking: set[asyncio.Task[None]] = set()
        try:
            index = 0
            async with aclosing(self._files) as files:
                async for upload in files:
                    if not self._first.done():
                        self._first.set_result(None)
                    if index == MAX_BATCH:
                        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MAX_BATCH} pictures in a batch")
                    await self._room.acquire()
                    task = asyncio.create_task(self._look(index, upload))
                    looking.add(task)
                    task.add_done_callback(looking.discard)
                    index += 1
            self._uploaded.set()
            if index == 0:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the upload has no field 'images'")
        except Problem as problem:
            if self._first.done():
                await asyncio.gather(*looking)  # it comes last
                self._put({"error": problem.as_json()})
            else:
                self._first.set_exception(problem)
        except ClientDisconnect as gone:
            if not self._first.done():
                self._first.set_exception(gone)
        except asyncio.CancelledError:
            for task in looking:
                task.cancel()
            raise
        finally:
            self._uploaded.set()
            await asyncio.gather(*looking, return_exceptions=True)
            self._lines.put_nowait((None, 0))

    async def _look(self, index: int, upload: Upload) -> None:
        head = {"index": index, "name": upload.name}
        try:
            answer, _ = await self._answer(upload)
            # The answer is a JSON object already: it is joined, not parsed and written again.
            line = json.dumps(head).encode()[:-1] + b"," + answer[1:] + b"\n"
            await self._share.take(len(line), oldest_may=False)
            self._lines.put_nowait((line, len(line)))
        except Problem as problem:
            self._put(head | {"error": problem.as_json()})
        finally:
            self._share.give(len(upload.data or b""))
            self._room.release()

    def _put(self, line: dict[str, Any]) -> None:
        self._lines.put_nowait((json.dumps(line).encode() + b"\n", 0))


class LinesResponse(Response):
    """The lines of a batch as they come.

    Starlette's own streaming answer reads the request too, to see the client go; this one's upload is still being read.
    `on_end` is called when it is over, well or not: until then the request goes on.
    """

    media_type = "application/x-ndjson"

    def __init__(self, batch: Batch, on_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._batch = batch
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while (line := await self._batch.next_line()) is not None:
                await send({"type": "http.response.body", "body": line, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await self._on_end()
