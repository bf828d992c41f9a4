"""`/replay`: where recordings are that are served, and to go elsewhere in them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamer.errors import UsageError
from streamer.guard.access import Role
from streamer.replay.player import Change, Standing
from streamer.rest.json_body import read_json
from streamer.rest.problem import Problem

NUMBERS: Final = ("position_s", "speed")
MAX_NUMBER: Final = 1e12
SWITCHES: Final = ("paused", "loop")


class ReplayedStream(Protocol):
    """A stream of a recording, as this sees it."""

    id: str


class Replay(Protocol):
    """A recording that is served, as this sees it."""

    @property
    def streams(self) -> Sequence[ReplayedStream]:
        """What it is served as."""

    def standing(self) -> Standing:
        """How it stands."""

    def change(self, change: Change) -> None:
        """Go on otherwise. Raises UsageError."""


class ReplayService:
    """The endpoints, over all recordings that a server replays. Each has the ids of all its streams for names."""

    def __init__(self, replays: Sequence[Replay]) -> None:
        self._replays = {stream.id: replay for replay in replays for stream in replay.streams}

    def routes(self) -> list[Route]:
        """For the HTTP server."""
        return [
            Route("/replay", self.replays),
            Route("/replay/{stream}", self.replay),
            Route("/replay/{stream}", self.change, methods=["PATCH"]),
        ]

    async def replays(self, request: Request) -> Response:
        """How all stand, by stream, and whether the one who asks may change that."""
        told = {id: _tell(replay) for id, replay in self._replays.items()}
        return JSONResponse({"replays": told, "may_change": request.state.role >= Role.CONTROL})

    async def replay(self, request: Request) -> Response:
        """How one stands."""
        return JSONResponse(_tell(self._find(request)))

    async def change(self, request: Request) -> Response:
        """Go elsewhere, faster, slower, or stand still; the answer is how it stands then."""
        replay = self._find(request)
        wish = await read_json(request, "wishes")
        try:
            replay.change(_change(wish))
        except UsageError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        return JSONResponse(_tell(replay))

    def _find(self, request: Request) -> Replay:
        id = request.path_params["stream"]
        if id not in self._replays:
            known = ", ".join(self._replays) or "none"
            raise Problem(HTTPStatus.NOT_FOUND, f"no stream {id[:40]!r} replays a recording; those that do: {known}")
        return self._replays[id]


def _tell(replay: Replay) -> dict[str, Any]:
    return {**asdict(replay.standing()), "streams": [stream.id for stream in replay.streams]}


def _change(wish: Mapping[str, Any]) -> Change:
    """Raises UsageError."""
    for key, value in wish.items():
        if key in NUMBERS:
            if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > MAX_NUMBER:
                raise UsageError(f"{key} has to be a number, {MAX_NUMBER:g} at most")
        elif key in SWITCHES:
            if not isinstance(value, bool):
                raise UsageError(f"{key} has to be true or false")
        else:
            raise UsageError(f"no setting {key[:40]!r}; {', '.join((*NUMBERS, *SWITCHES))}")
    return Change(**wish)
