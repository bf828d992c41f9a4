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

from streamer.rest.problem import Problem
from streamer.rest.upload import Upload

MAX_BATCH = 1000
"""Pictures in one batch; what comes after them isn't looked at."""


class Batch:
    """Reads pictures, has `at_a_time` of them looked at by `answer` (JSON bytes, or a Problem), and collects the lines.

    It reads on whether or not the lines are being read: a client that sends all before it reads anything would wait for
    ever otherwise. The lines, at most MAX_BATCH and a few kB each, wait in memory.
    """

    def __init__(
        self,
        files: AsyncGenerator[Upload, None],
        answer: Callable[[Upload], Awaitable[tuple[bytes, bool]]],
        at_a_time: int,
    ) -> None:
        self._files = files
        self._answer = answer
        self._room = asyncio.Semaphore(at_a_time)
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._uploaded = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, on_end: Callable[[], None]) -> None:
        """Read in a task of its own; `on_end` is called when all is done or given up."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: on_end())

    async def first_picture(self) -> None:
        """Wait for the first picture. Raises the Problem of an upload that has none."""
        await self._first

    async def uploaded(self) -> None:
        """Wait until all has been read, or nothing more will be."""
        await self._uploaded.wait()

    async def next_line(self) -> bytes | None:
        """The next line, None after the last."""
        return await self._lines.get()

    def give_up(self) -> None:
        """Nobody wants the rest."""
        if self._task is not None:
            self._task.cancel()

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
            self._lines.put_nowait(None)

    async def _look(self, index: int, upload: Upload) -> None:
        head = {"index": index, "name": upload.name}
        try:
            answer, _ = await self._answer(upload)
            # The answer is a JSON object already: it is joined, not parsed and written again.
            self._lines.put_nowait(json.dumps(head).encode()[:-1] + b"," + answer[1:] + b"\n")
        except Problem as problem:
            self._put(head | {"error": problem.as_json()})
        finally:
            self._room.release()

    def _put(self, line: dict[str, Any]) -> None:
        self._lines.put_nowait(json.dumps(line).encode() + b"\n")


class LinesResponse(Response):
    """The lines of a batch as they come.

    Starlette's own streaming answer reads the request too, to see the client go; this one's upload is still being read.
    """

    media_type = "application/x-ndjson"

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._batch = batch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            while (line := await self._batch.next_line()) is not None:
                await send({"type": "http.response.body", "body": line, "more_body": True})
        finally:
            self._batch.give_up()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
