import asyncio
import json
import socket
import urllib.error
import urllib.request

import pytest

from streamer.errors import PosewireError, UsageError
from streamer.guard.access import Access
from streamer.server.server import listen
from tests.inprocess import LocalServer, local_server


async def get(local: LocalServer, path: str, **headers: str) -> tuple[int, str, bytes]:
    def fetch() -> tuple[int, str, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{local.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, str(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, str(error.headers), error.read()

    return await asyncio.to_thread(fetch)


async def test_streams_are_those_of_hello() -> None:
    async with local_server() as local:
        status, _, body = await get(local, "/streams")
        assert status == 200
        (stream,) = json.loads(body)["streams"]
        assert (stream["id"], stream["width"], stream["state"]) == ("cam", 640, "live")


async def test_health_follows_the_sources() -> None:
    async with local_server() as local:
        assert (await get(local, "/healthz"))[0] == 200
        local.catalog.set_state("cam", "lost", "unplugged", 1)
        status, _, body = await get(local, "/healthz")
        assert (status, json.loads(body)) == (503, {"status": "degraded", "streams": {"cam": "lost"}, "details": {}})
        local.catalog.set_state("cam", "ended", "", 1)
        assert (await get(local, "/healthz"))[0] == 200


async def test_the_page_can_load_nothing_from_elsewhere() -> None:
    async with local_server() as local:
        for path in ("/", "/static/index.js", "/static/links.css", "/static/favicon.svg"):
            status, headers, body = await get(local, path)
            assert status == 200, path
            assert "default-src 'self'" in headers
            assert "nosniff" in headers
            assert b"http://" not in body.replace(b"http://www.w3.org/2000/svg", b"")
            assert b"https://" not in body


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static//etc/passwd", "/nowhere"]
)
async def test_no_other_file_is_served(path: str) -> None:
    async with local_server() as local:
        assert (await get(local, path))[0] == 404


async def test_the_stream_needs_an_upgrade() -> None:
    async with local_server() as local:
        assert (await get(local, "/stream"))[0] == 426


async def test_refusals_are_problems_that_say_why() -> None:
    async with local_server(Access("s3cret")) as local:
        for path, headers, expected in [
            ("/streams", {}, 401),
            ("/", {}, 401),
            ("/streams?token=wrong", {}, 401),
            ("/streams?token=s3cret", {"Origin": "http://evil.example"}, 403),
            ("/streams?token=s3cret", {"Host": "evil.example"}, 421),
        ]:
            status, shown, body = await get(local, path, **headers)
            assert status == expected
            assert "application/problem+json" in shown
            problem = json.loads(body)
            assert problem["status"] == expected
            assert problem["detail"]
            assert ("Bearer" in shown) == (expected == 401)
        assert (await get(local, "/streams?token=s3cret"))[0] == 200
        assert (await get(local, "/streams", Authorization="Bearer s3cret"))[0] == 200
        assert (await get(local, "/static/index.js"))[0] == 200
        assert (await get(local, "/healthz"))[0] == 200


async def test_who_may_only_watch_changes_nothing() -> None:
    def ask(local: LocalServer, method: str, path: str, token: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{local.port}{path}?token={token}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    async with local_server(Access("s3cret", "w4tch")) as local:
        for method, path, watching, controlling in [
            ("GET", "/streams", 200, 200),
            ("HEAD", "/metrics", 200, 200),
            ("GET", "/", 200, 200),
            ("GET", "/settings", 200, 200),
            ("PATCH", "/settings/cam", 403, 404),
            ("POST", "/detect", 403, 415),
            ("POST", "/batch_detect", 403, 415),
            ("DELETE", "/nowhere", 403, 404),
        ]:
            assert await asyncio.to_thread(ask, local, method, path, "w4tch") == watching, (method, path)
            assert await asyncio.to_thread(ask, local, method, path, "s3cret") == controlling, (method, path)


async def test_a_page_let_in_may_read_why_it_is_refused_and_no_other() -> None:
    page = "https://page.example"
    async with local_server(Access("s3cret", allowed_origins=[page])) as local:
        for path, origin, status, is_readable in [
            ("/streams?token=s3cret", page, 200, True),
            ("/streams", page, 401, True),
            ("/streams?token=s3cret", "https://evil.example", 403, False),
            ("/metrics?token=s3cret", page, 200, False),
        ]:
            answer, headers, _ = await get(local, path, Origin=origin)
            assert answer == status
            assert (f"access-control-allow-origin: {page}" in headers) == is_readable, path
            assert ("access-control-allow-origin" in headers) == is_readable, path
            assert ("access-control-expose-headers: retry-after" in headers) == is_readable, path


async def test_broken_http_harms_nobody() -> None:
    async with local_server() as local:
        for data in (b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"A" * 70_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
            writer.write(data)
            await reader.read(1000)
            writer.close()
        assert (await get(local, "/streams"))[0] == 200


def test_listening_says_what_is_wrong() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PosewireError, match=f"can't listen on 127.0.0.1 port {port}: .*--port 0") as error:
            listen("127.0.0.1", port)
        assert error.value.exit_status == 1
    with pytest.raises(UsageError, match=r"can't listen on 'no\.such\.host\.invalid'"):
        listen("no.such.host.invalid", 0)
    with pytest.raises(PosewireError, match=r"can't listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)
    with listen("127.0.0.1", 0) as sock:
        assert sock.getsockname()[1] > 0
