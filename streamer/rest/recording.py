"""`/recordings`: what is and was recorded, to begin one and to end one, to download it and to export it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final, TypeVar

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from streamer.errors import RecordingError
from streamer.guard.access import Role
from streamer.hub.catalog import Catalog
from streamer.recording.format import SUFFIX
from streamer.recording.recordings import NotFound, Recordings, Taken, Unavailable
from streamer.rest.exports import BadWish, ExportFailed, Exports, TooLarge, TooManyWait, parse
from streamer.rest.json_body import read_json
from streamer.rest.problem import Problem

MEDIA_TYPE: Final = "application/mcap"
END_TIMEOUT_S = 5.0
"""What an ended recording gets to write what waits, before it is answered that it still does."""
KEYS: Final = ("name", "streams")
_STATUSES: Final[dict[type[RecordingError], HTTPStatus]] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Taken: HTTPStatus.CONFLICT,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

T = TypeVar("T")


class RecordingService:
    """The endpoints, over all recordings of a server."""

    def __init__(self, recordings: Recordings, catalog: Catalog) -> None:
        self._recordings = recordings
        self._catalog = catalog
        self._exports = Exports()
        self._changing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """For the HTTP server."""
        return [
            Route("/recordings", self.recordings),
            Route("/recordings", self.begin, methods=["POST"]),
            Route("/recordings/{name}", self.download),
            Route("/recordings/{name}/stop", self.end, methods=["POST"]),
            Route("/recordings/{name}/export", self.export),
        ]

    async def recordings(self, request: Request) -> Response:
        """All that are known, and whether the one who asks may begin and end them."""
        entries = await self._do(self._recordings.entries)
        possible = self._recordings.possible
        may_record = request.state.role >= Role.CONTROL and possible
        told = [asdict(entry) for entry in entries]
        return JSONResponse({"recordings": told, "possible": possible, "may_record": may_record})

    async def begin(self, request: Request) -> Response:
        """Begin one; the answer is how it stands."""
        name, streams = self._wish(await read_json(request, "wishes"))
        entry = await self._do(self._recordings.begin, name, streams)
        return JSONResponse(asdict(entry), HTTPStatus.CREATED)

    async def end(self, request: Request) -> Response:
        """End one; the answer is how it stands, with its file finished."""
        entry = await self._do(self._recordings.end, request.path_params["name"], END_TIMEOUT_S)
        return JSONResponse(asdict(entry))

    async def download(self, request: Request) -> Response:
        """The file, or the ranges of it that are asked for."""
        path = await self._do(self._recordings.find, request.path_params["name"])
        return FileResponse(path, media_type=MEDIA_TYPE, filename=f"{path.stem}{SUFFIX}")

    async def export(self, request: Request) -> Response:
        """It in another format: the file, or a ZIP archive where there are several."""
        try:
            wish = parse((key, value) for key, value in request.query_params.multi_items() if key != "token")
            path = await self._do(self._recordings.find, request.path_params["name"])
            made = await self._exports.make(path, wish, request.receive)
        except BadWish as error:
            raise _unprocessable(str(error)) from None
        except TooLarge as error:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error)) from None
        except TooManyWait as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), 5) from None
        except ExportFailed as error:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), 60) from None
        return made

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        """Beside the event loop, one at a time, as a disk may take long."""
        try:
            async with self._changing:
                return await asyncio.to_thread(work, *arguments)
        except RecordingError as error:
            status = _STATUSES.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
            raise Problem(status, str(error)) from None

    def _wish(self, wish: Mapping[str, Any]) -> tuple[str | None, list[str] | None]:
        for key in wish:
            if key not in KEYS:
                raise _unprocessable(f"no setting {key[:40]!r}; {', '.join(KEYS)}")
        name, streams = wish.get("name"), wish.get("streams")
        if name is not None and not isinstance(name, str):
            raise _unprocessable("name has to be a string")
        if streams is None:
            return name, None
        known = [info.id for info in self._catalog.streams]
        if not isinstance(streams, list) or not streams or any(stream not in known for stream in streams):
            raise _unprocessable(f"streams has to be a list of some of {', '.join(known)}")
        return name, streams


def _unprocessable(text: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, text)
