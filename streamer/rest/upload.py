"""The files of a multipart upload, one after the other as they arrive, never more than one of them in memory."""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

from multipart import MultipartError, PushMultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from streamer.rest.budget import Share
from streamer.rest.problem import Problem

if sys.version_info >= (3, 11):
    from asyncio import timeout
else:
    from async_timeout import timeout

SILENCE_S = 10.0
"""An upload that brings nothing for so long is given up."""
MAX_PARTS = 2000
"""Of one upload, fields that aren't asked for included."""
MAX_DISCARDED_BYTES = 64_000_000
"""Read and thrown away after an error, so that a client that is still sending gets to see the answer."""
MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an upload. `data` is None where it has more bytes than allowed; `size` then counts what came."""

    name: str
    data: bytes | None
    size: int


async def uploads(request: Request, field: str, max_bytes: int, share: Share) -> AsyncGenerator[Upload, None]:
    """The files in the parts called `field`; other parts are passed over.

    The bytes of each are held in `share`, to be given back by whoever has done with it. Raises Problem: 415 for what is
    no multipart/form-data, 400 for what isn't well-formed, 408 where nothing comes, 503 where there is no room.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"pictures come as multipart/form-data with the field {field!r}"
        )
    chunks = body_chunks(request)
    try:
        # The parser's own limit would end the whole upload; what is too long is counted here and thrown away.
        with PushMultipartParser(options["boundary"], max_segment_count=MAX_PARTS) as parser:
            name: str | None = None
            kept, size = bytearray(), 0
            async for chunk in chunks:
                for event in parser.parse(chunk):
                    if event is None:
                        if name is not None:
                            data, kept = bytes(kept) if size <= max_bytes else None, bytearray()
                            upload, data = Upload(name, data, size), None
                            yield upload
                            del upload
                        name = None
                    elif isinstance(event, (bytes, bytearray)):
                        size += len(event)
                        if name is not None and size <= max_bytes:
                            await share.take(len(event))
                            kept += event
                        elif kept:
                            share.give(len(kept))
                            kept = bytearray()
                    else:
                        name = (event.filename or "")[-MAX_NAME_LENGTH:] if event.name == field else None
                        kept, size = bytearray(), 0
                if parser.closed:
                    break
    except MultipartError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the upload isn't well-formed: {error}"[:200]) from None
    finally:
        await _discard(chunks)


async def body_chunks(request: Request) -> AsyncIterator[bytes]:
    """What a request brings, as it comes. Raises Problem 408 where nothing does."""
    stream = request.stream()
    while True:
        try:
            async with timeout(SILENCE_S):  # not wait_for, which makes a task for each chunk
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except (TimeoutError, asyncio.TimeoutError):
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, f"the upload brought nothing for {SILENCE_S:g} s") from None
        if chunk:
            yield chunk


async def _discard(chunks: AsyncIterator[bytes]) -> None:
    discarded = 0
    try:
        async for chunk in chunks:
            discarded += len(chunk)
            if discarded > MAX_DISCARDED_BYTES:
                return
    except (Problem, ClientDisconnect):
        return
