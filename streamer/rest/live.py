"""The page's hold on running streams: `/settings` to read and change them, `/preview/ID` to see what they see."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from protocol.limits import MAX_PEOPLE, MAX_TIME_US
from streamer.errors import EngineError, UsageError
from streamer.guard.access import Role
from streamer.rest.json_body import read_json
from streamer.rest.problem import Problem
from streamer.settings import MODEL_WISHES, Settings, describe_filters
from streamer.stream.preview import Preview, TooManyLook

MAX_CHANGES_WAITING = 8
"""Changes of one stream that wait while another is made."""
TIME_HEADER = "posewire-t-us"


class ShownStream(Protocol):
    """A stream whose pictures may be seen."""

    id: str
    preview: Preview | None


class LiveStream(ShownStream, Protocol):
    """A stream with settings."""

    settings: Settings
    engine_smoothed: bool

    async def change(self, settings: Settings) -> None:
        """Go on with other settings. Raises EngineError."""


class LiveService:
    """The endpoints, over all streams of a server. replayed: those that come from recordings, and have no settings."""

    def __init__(self, streams: Sequence[LiveStream], replayed: Sequence[ShownStream]) -> None:
        self._streams = {stream.id: stream for stream in streams}
        self._shown: dict[str, ShownStream] = {stream.id: stream for stream in (*streams, *replayed)}
        self._changing = {stream.id: asyncio.Lock() for stream in streams}
        self._waiting = dict.fromkeys(self._streams, 0)

    def routes(self) -> list[Route]:
        """For the HTTP server."""
        return [
            Route("/settings", self.settings),
            Route("/settings/{stream}", self.change, methods=["PATCH"]),
            Route("/preview/{stream}", self.preview),
        ]

    async def settings(self, request: Request) -> Response:
        """Of every stream that has any, with all that may be chosen, and whether the one who asks may."""
        return JSONResponse(
            {
                "streams": {id: _describe(stream) for id, stream in self._streams.items()},
                "models": list(MODEL_WISHES),
                "max_people": MAX_PEOPLE,
                "filters": describe_filters(),
                "may_change": request.state.role >= Role.CONTROL,
            }
        )

    async def change(self, request: Request) -> Response:
        """Change some settings of a stream; the answer are those in force."""
        id = self._find(request).id
        if id not in self._streams:
            raise Problem(HTTPStatus.CONFLICT, f"{id} replays a recording, whose settings are what they were")
        stream = self._streams[id]
        wish = await read_json(request, "settings")
        if self._waiting[stream.id] >= MAX_CHANGES_WAITING:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{MAX_CHANGES_WAITING} changes of {stream.id} wait", 1)
        self._waiting[stream.id] += 1
        try:
            async with self._changing[stream.id]:
                await stream.change(stream.settings.changed(wish))
        except UsageError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        except EngineError as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"nothing was changed: {error}", 5) from None
        finally:
            self._waiting[stream.id] -= 1
        return JSONResponse(_describe(stream))

    async def preview(self, request: Request) -> Response:
        """The newest picture after a time, as JPEG; 204 where none comes within a second."""
        stream = self._find(request)
        if stream.preview is None:
            text = f"no picture of {stream.id}: --preview isn't on, or what it replays was recorded without any"
            raise Problem(HTTPStatus.NOT_FOUND, text)
        try:
            picture = await stream.preview.picture(_after(request))
        except TooManyLook:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "too many look at this stream", 1) from None
        if picture is None:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        headers = {TIME_HEADER: str(picture.t_us), "cache-control": "no-store"}
        return Response(picture.jpeg, headers=headers, media_type="image/jpeg")

    def _find(self, request: Request) -> ShownStream:
        id = request.path_params["stream"]
        if id not in self._shown:
            raise Problem(HTTPStatus.NOT_FOUND, f"no stream {id[:40]!r}; streams: {', '.join(self._shown)}")
        return self._shown[id]


def _describe(stream: LiveStream) -> dict[str, Any]:
    return stream.settings.as_json() | {"engine_smoothed": stream.engine_smoothed}


def _after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_TIME_US):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"after is {text[:40]!r}; a time in microseconds")
    return int(text)
