"""`POST /detect` and `POST /batch_detect`."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, aclosing, contextmanager
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamer.photo import cache as caching
from streamer.photo.cache import Cache
from streamer.photo.picture import BadPicture, NotAPicture, PictureLimits, PictureTooLarge, check
from streamer.photo.pool import PhotoFailed, Pool, PoolFull, Unreadable
from streamer.photo.request import PhotoRequest, RequestError, parse
from streamer.rest.answer import PiecewiseResponse
from streamer.rest.batch import Batch, LinesResponse
from streamer.rest.budget import Budget, Share
from streamer.rest.openapi import describe
from streamer.rest.problem import Problem
from streamer.rest.upload import Upload, uploads

MAX_REQUESTS_PER_ADDRESS = 8
"""Uploads of one address at a time; one more gets 429."""
CACHE_HEADER = "x-posewire-cache"


class PhotoService:
    """The pictures' side of a server: a pool of processes, a cache before it, and the endpoints."""

    def __init__(self, pool: Pool, cache: Cache, limits: PictureLimits) -> None:
        self.pool = pool
        self.cache = cache
        self.limits = limits
        self.budget = Budget()
        self._busy: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """For the HTTP server."""
        return [
            Route("/detect", self.detect, methods=["POST"]),
            Route("/batch_detect", self.batch_detect, methods=["POST"]),
            Route("/openapi.json", self.openapi),
        ]

    async def detect(self, request: Request) -> Response:
        """One picture in the field `image`: JSON, or with `annotated=1` a PNG."""
        with ExitStack() as admitted:
            share = admitted.enter_context(self._admitted(request))
            asked = _options(request)
            async with aclosing(uploads(request, "image", self.limits.max_bytes, share)) as files:
                upload = await anext(files, None)
            if upload is None:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the upload has no field 'image'")
            answer, hit = await self._answer(asked, upload)
            share.give(upload.size)
            del upload
            await share.take(len(answer))
            headers = {CACHE_HEADER: "hit" if hit else "miss"}
            media_type = "image/png" if asked.annotated else "application/json"
            return PiecewiseResponse(answer, headers, media_type, on_end=admitted.pop_all().close)

    async def batch_detect(self, request: Request) -> Response:
        """Any number of pictures in fields `images`: a line of JSON for each, as soon as it is done.

        Behind a proxy that says so (Via) the lines wait until the upload has ended.
        """
        asked = _options(request)
        if asked.annotated:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "annotated is for single pictures, at /detect")
        async with AsyncExitStack() as admitted:
            share = admitted.enter_context(self._admitted(request))
            files = uploads(request, "images", self.limits.max_bytes, share)
            batch = Batch(files, lambda upload: self._answer(asked, upload, patient=True), self.pool.size, share)
            batch.start()
            admitted.push_async_callback(batch.end)
            # What is wrong with the upload as a whole is said with a status while nothing has been answered yet.
            await batch.first_picture()
            if "via" in request.headers:
                # nginx and other proxies drop the rest of an upload once its answer has begun.
                await batch.uploaded()
            return LinesResponse(batch, on_end=admitted.pop_all().aclose)

    async def openapi(self, request: Request) -> Response:
        """The description of all this."""
        return JSONResponse(describe(self.limits))

    async def _answer(self, asked: PhotoRequest, upload: Upload, patient: bool = False) -> tuple[bytes, bool]:
        """The answer and whether it was known. Raises Problem."""
        if upload.data is None:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{upload.size:,} bytes; at most {self.limits.max_bytes:,}"
            )
        # Of ten megabytes either takes many milliseconds, which the streams' clients would wait.
        key = await asyncio.to_thread(caching.key, asked, upload.data)
        known = self.cache.get(key)
        if known is not None:
            return known, True
        try:
            await asyncio.to_thread(check, upload.data, self.limits)
            answer = await self.pool.look(asked, upload.data, patient)
        except PictureTooLarge as error:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
        except NotAPicture as error:
            raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from None
        except (BadPicture, Unreadable) as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        except PoolFull:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many pictures wait; try again", 1) from None
        except PhotoFailed as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), 5) from None
        self.cache.put(key, answer)
        return answer, False

    @contextmanager
    def _admitted(self, request: Request) -> Iterator[Share]:
        address = request.client.host if request.client else ""
        if self._busy[address] >= MAX_REQUESTS_PER_ADDRESS:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS, f"{MAX_REQUESTS_PER_ADDRESS} uploads of yours are in progress", 1
            )
        self._busy[address] += 1
        try:
            with self.budget.share() as share:
                yield share
        finally:
            self._busy[address] -= 1
            if not self._busy[address]:
                del self._busy[address]


def _options(request: Request) -> PhotoRequest:
    try:
        return parse((key, value) for key, value in request.query_params.multi_items() if key != "token")
    except RequestError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
