import asyncio
import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from starlette.requests import Request

from streamer.guard.access import Role
from streamer.lan import qr, tls
from streamer.lan.invitation import Invitation
from tests.inprocess import local_server

URL = "https://10.0.0.7:8765/?token=abc"
READ_URL = "https://10.0.0.7:8765/?token=xyz"


def asking(query: bytes = b"", role: Role = Role.CONTROL) -> Request:
    return Request({"type": "http", "query_string": query, "headers": [], "state": {"role": role}})


async def ask(path: str) -> tuple[int, str, bytes]:
    def get(url: str) -> tuple[int, str, bytes]:
        try:
            with urllib.request.urlopen(url) as answer:
                return answer.status, answer.headers["content-type"], answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["content-type"], error.read()

    async with local_server() as local:
        return await asyncio.to_thread(get, f"http://127.0.0.1:{local.port}/{path}")


async def test_where_only_this_machine_connects_there_is_nobody_to_invite() -> None:
    _, _, body = await ask("invitation")
    assert json.loads(body) == {"urls": [], "read_urls": [], "authority": False}
    for path, hint in [("invitation.svg", "--host 0.0.0.0"), ("authority.crt", "--tls auto")]:
        status, kind, body = await ask(path)
        assert (status, kind) == (404, "application/problem+json")
        assert hint in json.loads(body)["detail"]


async def test_who_is_invited_gets_address_code_and_authority(tmp_path: Path) -> None:
    identity = tls.automatic("0.0.0.0", tmp_path)
    invitation = Invitation([URL], [READ_URL], identity.authority)
    described = await invitation.invitation(asking())
    assert json.loads(bytes(described.body)) == {"urls": [URL], "read_urls": [READ_URL], "authority": True}
    code = await invitation.code(asking(b""))
    assert code.media_type == "image/svg+xml"
    assert bytes(code.body) == qr.svg("https://10.0.0.7:8765/?token=abc")
    camera = await invitation.code(asking(b"page=camera"))
    assert bytes(camera.body) == qr.svg("https://10.0.0.7:8765/camera?token=abc")
    authority = await invitation.authority(asking())
    assert ssl.DER_cert_to_PEM_cert(bytes(authority.body)).split() == identity.authority.read_text().split()


async def test_who_may_only_watch_invites_others_to_watch() -> None:
    invitation = Invitation([URL], [READ_URL], None)
    described = await invitation.invitation(asking(role=Role.READ))
    assert URL.encode() not in bytes(described.body)
    assert json.loads(bytes(described.body))["urls"] == [READ_URL]
    for query in (b"", b"may=control", b"may=read"):
        code = await invitation.code(asking(query, Role.READ))
        assert bytes(code.body) == qr.svg(READ_URL)
    assert bytes((await invitation.code(asking(b"may=read"))).body) == qr.svg(READ_URL)


async def test_a_page_that_nobody_can_be_invited_to() -> None:
    status, kind, body = await ask("invitation.svg?page=elsewhere")
    assert (status, kind) == (422, "application/problem+json")
    assert json.loads(body)["detail"] == "page is 'elsewhere'; it can be live or camera"


@pytest.mark.parametrize("path", ["authority.key", "server.key"])
async def test_keys_are_not_to_be_had(path: str) -> None:
    assert (await ask(path))[0] == 404
