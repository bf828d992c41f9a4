"""An answer that may be large, for somebody who may not read it."""

from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE_BYTES = 65_536


class PiecewiseResponse(Response):
    """Goes out piece by piece, each when the one before is taken, so that no more than a piece is held twice.

    `on_end` is called when it is over, well or not: until then the request it answers goes on.
    """

    def __init__(self, body: bytes, headers: dict[str, str], media_type: str, on_end: Callable[[], None]) -> None:
        super().__init__(headers={**headers, "content-length": str(len(body))}, media_type=media_type)
        self._whole = body
        self._on_end = on_end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            for at in range(0, len(self._whole), PIECE_BYTES):
                piece = self._whole[at : at + PIECE_BYTES]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._on_end()
