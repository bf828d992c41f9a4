"""How the page invites other devices: addresses under which they find it, a QR code, and what they have to trust."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamer.guard.access import Role
from streamer.lan import qr

PAGES = {"live": "/", "camera": "/camera"}
"""The pages that others may be invited to."""


class Invitation:
    """urls: of the page, token included, the best one first; empty where only this machine can connect. read_urls: the
    same with the token for watching only. authority: the certificate (PEM) that devices have to trust by hand, if any.
    """

    def __init__(self, urls: Sequence[str], read_urls: Sequence[str], authority: Path | None) -> None:
        self._urls = {Role.CONTROL: list(urls), Role.READ: list(read_urls)}
        self._authority = authority

    def routes(self) -> list[Route]:
        """For the HTTP server."""
        return [
            Route("/invitation", self.invitation),
            Route("/invitation.svg", self.code),
            Route("/authority.crt", self.authority),
        ]

    async def invitation(self, request: Request) -> Response:
        """The addresses, and whether there is an authority to trust."""
        urls, read_urls = self._urls[request.state.role], self._urls[Role.READ]
        return JSONResponse({"urls": urls, "read_urls": read_urls, "authority": self._authority is not None})

    async def code(self, request: Request) -> Response:
        """The best address as a QR code, of the page that `page` names; with `may=read` for watching only."""
        page = request.query_params.get("page", "live")
        # Nobody is given more than they have.
        role = Role.READ if request.query_params.get("may") == "read" else request.state.role
        urls = self._urls[role]
        if page not in PAGES:
            raise HTTPException(422, f"page is {page[:50]!r}; it can be {' or '.join(PAGES)}")
        if not urls:
            raise HTTPException(404, "only this machine can connect; start with --host 0.0.0.0")
        url = urlsplit(urls[0])._replace(path=PAGES[page]).geturl()
        return Response(qr.svg(url), media_type="image/svg+xml")

    async def authority(self, request: Request) -> Response:
        """The certificate to trust, as devices install it: DER."""
        if self._authority is None:
            raise HTTPException(404, "this server has no authority of its own; start with --tls auto")
        headers = {"content-disposition": 'attachment; filename="posewire-authority.crt"'}
        der = ssl.PEM_cert_to_DER_cert(self._authority.read_text(encoding="ascii"))
        return Response(der, headers=headers, media_type="application/x-x509-ca-cert")
