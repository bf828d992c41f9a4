"""What strangers send over HTTP to make a server run, read, hold or spend what it shouldn't."""

import gzip
import itertools
import json
import struct
import sys
import threading
import time
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from streamer.server.publish import MAX_FAULTS
from tests import bombs
from tests.harness import ServerProcess, raw_client, read_clip, receive_type, running_server
from tests.hostile_http import KEY, WEBSOCKET, Exchange, exchange, request
from tests.inprocess import local_server
from tests.memory import Footprint
from tests.rest.http import BOUNDARY, multipart

MAX_MEMORY_MB = 100
"""Of server and photo worker together, beyond what they have when quiet."""
MAX_S = 30
FORM = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
MARK = b"\xff\xd8\xff"
SHADES = itertools.cycle(range(256))
LITE = "POST /detect?model=lite"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    options = ("--source", "demo", "--source", "phone=browser", "--model", "lite")
    with running_server(tmp_path_factory.mktemp("hostile"), *options) as running:
        assert send_picture(running, bombs.jpeg()).statuses == [200]  # the worker is there and warm
        yield running
        assert "Traceback" not in running.log
        assert "ERROR" not in running.log


@pytest.fixture(autouse=True)
def bounded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every attack: memory and time are bounded, and the stream goes on for another client."""
    if "server" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("server")
    with raw_client(server, "?subscribe=demo") as watcher:
        # A worker that had nothing to do for a minute has ended: its own weight is no attack's.
        send_picture(server, bombs.jpeg(64, 48, next(SHADES)))
        footprint = Footprint(server.process.pid) if sys.platform == "linux" else None
        start = time.monotonic()
        yield
        assert time.monotonic() - start < MAX_S
        if footprint is not None:
            assert footprint.above() < MAX_MEMORY_MB
        while time.monotonic_ns() // 1000 - receive_type(watcher, "frame")["sent_us"] > 1_000_000:
            pass  # those that came meanwhile


def send_picture(server: ServerProcess, data: bytes, path: str = LITE) -> Exchange:
    body = multipart(("image", "a", data))
    head = request(server.port, path, FORM, f"Content-Length: {len(body)}", "Connection: close")
    return exchange(server.port, head + body, patience_s=MAX_S)


def problem(answer: Exchange) -> str:
    return str(json.loads(answer.data.partition(b"\r\n\r\n")[2])["detail"])


class TestSmuggling:
    """Where proxy and server disagree on where a request ends, a stranger's bytes become somebody else's request."""

    @staticmethod
    def second(server: ServerProcess) -> bytes:
        """A request that shows when it is run."""
        return request(server.port, "GET /streams")

    @staticmethod
    def was_run(answer: Exchange) -> bool:
        return b'"streams":[' in answer.data

    def test_the_canary_sings(self, server: ServerProcess) -> None:
        answer = exchange(server.port, request(server.port, "GET /healthz") + self.second(server))
        assert answer.statuses == [200, 200]
        assert self.was_run(answer)

    @pytest.mark.parametrize("coding", ["Transfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked"])
    @pytest.mark.parametrize("line", ["POST /detect", "GET /healthz"])
    def test_a_length_and_chunks(self, server: ServerProcess, line: str, coding: str) -> None:
        body = b"0\r\n\r\n" + self.second(server)
        head = request(server.port, line, f"Content-Length: {len(body)}", coding)
        answer = exchange(server.port, head + body)
        assert not self.was_run(answer)
        assert answer.closed

    @pytest.mark.parametrize(
        "headers",
        [
            ["Content-Length: 0", "Content-Length: {rest}"],
            ["Content-Length: {rest}", "Content-Length: 0"],
            ["Content-Length: 0, {rest}"],
            ["Content-Length: +0"],
            ["Content-Length: -1"],
            ["Content-Length: 0x0"],
            ["Content-Length: 00 0"],
            ["Content-Length: 99999999999999999999999999"],
            ["Transfer-Encoding: xchunked"],
            ["Transfer-Encoding: chunked, identity"],
            ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: \x0bchunked"],
            ["Transfer-Encoding : chunked", "Content-Length: {rest}"],
            ["Content-Length : {rest}"],
            ["X: a\x00b"],
            ["X: a\rContent-Length: {rest}"],
        ],
        ids=repr,
    )
    def test_a_head_that_can_be_read_in_two_ways_is_refused(self, server: ServerProcess, headers: list[str]) -> None:
        rest = b"0\r\n\r\n" + self.second(server)
        lines = [header.format(rest=len(rest)) for header in headers]
        answer = exchange(server.port, request(server.port, "POST /detect", *lines) + rest)
        assert answer.statuses == [400]
        assert answer.closed

    @pytest.mark.parametrize(
        "chunks", [b"0\n\n", b"0;a=\n\r\n", b"-1\r\n", b"1\r\nXYZ\r\n0\r\n\r\n", b"g\r\n", b"0x0\r\n\r\n"]
    )
    def test_chunks_that_can_be_read_in_two_ways_are_refused(self, server: ServerProcess, chunks: bytes) -> None:
        head = request(server.port, "POST /detect", FORM, "Transfer-Encoding: chunked")
        answer = exchange(server.port, head + chunks + self.second(server))
        assert not self.was_run(answer)
        assert answer.closed

    def test_a_body_that_nobody_asked_for_is_no_request(self, server: ServerProcess) -> None:
        for line in ("GET /healthz", "HEAD /healthz", "POST /nowhere"):
            body = self.second(server)
            head = request(server.port, line, f"Content-Length: {len(body)}")
            assert not self.was_run(exchange(server.port, head + body))

    def test_chunks_in_http_1_0_end_the_connection(self, server: ServerProcess) -> None:
        head = request(server.port, "POST /detect", "Transfer-Encoding: chunked", "Connection: keep-alive")
        answer = exchange(server.port, head.replace(b"HTTP/1.1", b"HTTP/1.0", 1) + b"0\r\n\r\n" + self.second(server))
        assert not self.was_run(answer)
        assert answer.closed

    @pytest.mark.parametrize(
        ("line", "headers", "statuses"),
        [
            ("GET /stream", WEBSOCKET + KEY, [101]),
            ("GET /nowhere", WEBSOCKET + KEY, [404]),
            ("GET /publish/nobody", WEBSOCKET + KEY, [404]),
            ("GET /stream", WEBSOCKET, [400]),
            ("GET /stream", WEBSOCKET + KEY.replace("13", "99"), [400]),
            ("GET /stream", WEBSOCKET + KEY.replace("dGhl", "!"), [400]),
            ("POST /stream", WEBSOCKET + KEY + "Content-Length: 0\r\n", [405]),
            ("GET /stream", WEBSOCKET + KEY + "Content-Length: {rest}\r\n", []),
            ("GET /nowhere", WEBSOCKET + KEY + "Content-Length: {rest}\r\n", []),
            ("POST /detect", WEBSOCKET + KEY + "Content-Length: {rest}\r\n", []),
            ("GET /stream", WEBSOCKET + KEY + "Transfer-Encoding: chunked\r\n", []),
            ("GET /stream", "Upgrade: h2c\r\n" + WEBSOCKET + KEY, [426]),
        ],
        ids=str,
    )
    def test_what_follows_an_upgrade_is_no_request(
        self, server: ServerProcess, line: str, headers: str, statuses: list[int]
    ) -> None:
        rest = self.second(server)
        head = request(server.port, line, headers.format(rest=len(rest)).removesuffix("\r\n"))
        answer = exchange(server.port, head + rest)
        assert answer.statuses == statuses
        assert not self.was_run(answer)
        assert answer.closed

    @pytest.mark.parametrize(
        "headers", ["Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA", "Upgrade: websocket"]
    )
    def test_other_upgrades_are_passed_over_and_what_follows_is_a_request(
        self, server: ServerProcess, headers: str
    ) -> None:
        answer = exchange(
            server.port, request(server.port, "GET /healthz", *headers.split("\r\n")) + self.second(server)
        )
        assert answer.statuses == [200, 200]

    @pytest.mark.parametrize(
        "headers",
        [
            "upgrade: websocket\r\nconnection: upgrade\r\n",
            "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n",
            "UPGRADE: WEBSOCKET\r\nCONNECTION: UPGRADE\r\n",
        ],
    )
    def test_an_upgrade_however_it_is_spelt(self, server: ServerProcess, headers: str) -> None:
        head = request(server.port, "GET /stream", *(headers + KEY).removesuffix("\r\n").split("\r\n"))
        assert exchange(server.port, head, 0.3).statuses == [101]


class TestHeads:
    @pytest.mark.parametrize(
        "data",
        [
            b"GET /healthz\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
            b"\x00" * 1000,
            b"\r\n" * 50_000,
            b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /healthz HTTP/11.1\r\nHost: x\r\n\r\n",
            b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X:\r\n" * 50_000 + b"\r\n",
            b"a" * 200_000,
        ],
        ids=lambda data: data[:30].decode("latin-1"),
    )
    def test_what_is_no_request_gets_400_and_is_closed(self, server: ServerProcess, data: bytes) -> None:
        answer = exchange(server.port, data, 5)
        assert set(answer.statuses) <= {400}
        assert answer.closed

    def test_a_thousand_headers_are_read_and_passed_over(self, server: ServerProcess) -> None:
        head = request(server.port, "GET /healthz", *(f"X-{n}: y" for n in range(1000)))
        assert exchange(server.port, head).statuses == [200]
        upgrade = request(server.port, "GET /stream", *(f"X-{n}: y" for n in range(1000)), *(WEBSOCKET + KEY).split())
        assert 101 not in exchange(server.port, upgrade).statuses

    @pytest.mark.parametrize(
        "target", ["http://evil.example/streams", "http://127.0.0.1/streams", "//evil.example/streams"]
    )
    def test_another_host_in_the_target_shows_nothing(self, server: ServerProcess, target: str) -> None:
        assert exchange(server.port, request(server.port, f"GET {target}")).statuses == [404]

    @pytest.mark.parametrize("target", ["http://evil.example/stream", "//evil.example/stream"])
    def test_nor_does_it_in_an_upgrade(self, server: ServerProcess, target: str) -> None:
        head = request(server.port, f"GET {target}", *(WEBSOCKET + KEY).removesuffix("\r\n").split("\r\n"))
        assert 101 not in exchange(server.port, head, 0.3).statuses

    def test_the_right_host_in_the_target_does_not_make_up_for_a_wrong_header(self, server: ServerProcess) -> None:
        head = request(server.port, f"GET http://127.0.0.1:{server.port}/streams").replace(b"Host: 127", b"Host: 99")
        assert exchange(server.port, head).statuses == [421]

    @pytest.mark.parametrize("method", ["CONNECT", "TRACE", "PUT", "DELETE", "A" * 3000])
    def test_methods_that_nothing_has(self, server: ServerProcess, method: str) -> None:
        answer = exchange(server.port, request(server.port, f"{method} /streams"))
        assert answer.statuses == [405]
        assert len(answer.data) < 2000


PATHS = [
    "/static/../server.py",
    "/static/../../server.py",
    "/static/%2e%2e/%2e%2e/server.py",
    "/static/..%2f..%2fserver.py",
    "/static/..\\..\\server.py",
    "/static/..%5c..%5cserver.py",
    "/static/%252e%252e/%252e%252e/server.py",
    "/static/....//....//server.py",
    "/static/..;/server.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static///etc/passwd",
    "/static/index.html%00.js",
    "/static/%00",
    "/static/",
    "/static/..",
    "/static/%ff%fe",
    "/static/file:///etc/passwd",
    "/static/C:/windows/win.ini",
    "/static/" + "../" * 1000 + "etc/passwd",
    "/static/" + "a/" * 1500,
    "//etc/passwd",
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/preview/..%2fhealthz",
    "/publish/..%2f..%2fstream",
    "/static/..%2fhealthz",
]


class TestPaths:
    @pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
    def test_nothing_outside_the_page_s_files_is_read(self, server: ServerProcess, path: str) -> None:
        answer = exchange(server.port, request(server.port, f"GET {path}", "Connection: close"))
        assert answer.statuses == [404]
        assert b"root:" not in answer.data
        assert b"import" not in answer.data
        assert len(answer.data) < 2000

    async def test_links_are_not_followed(self) -> None:
        async with local_server() as local:
            (mount,) = [route for route in local.app._app.routes if getattr(route, "path", "") == "/static"]  # type: ignore[attr-defined]
            assert mount.app.follow_symlink is False

    def test_what_needs_no_token_is_not_a_way_to_what_does(self, server: ServerProcess, tmp_path_factory) -> None:
        with running_server(tmp_path_factory.mktemp("guarded"), "--model", "lite", "--token", "s3cret") as guarded:
            for path in ("/static/../streams", "/static/%2e%2e/streams", "/healthz/../streams", "/static/..%2fstreams"):
                assert b'"streams":[' not in exchange(guarded.port, request(guarded.port, f"GET {path}"), 0.3).data
            for path in ("/streams", "/Streams", "/streams/", "/%73treams", "//streams", "/healthz%2f..%2fstreams"):
                answer = exchange(guarded.port, request(guarded.port, f"GET {path}", "Connection: close"))
                assert answer.statuses[0] in (401, 404), path


DISPOSITION = f"--{BOUNDARY}\r\nContent-Disposition: form-data"
FORMS: dict[str, tuple[bytes, int]] = {
    "2000 parts": (multipart(*[("x", "", b"")] * 1999, ("image", "a", b"no picture")), 415),
    "3000 parts": (multipart(*[("x", "", b"")] * 3000), 400),
    "a name without end": (f'{DISPOSITION}; name="{"n" * 5_000_000}'.encode(), 400),
    "headers without end": (f"--{BOUNDARY}\r\n".encode() + b"X: y\r\n" * 100_000, 400),
    "lines": (b"\r\n" * 1_000_000, 400),
    "dashes": (b"-" * 3_000_000, 400),
    "a name in no encoding": (f"{DISPOSITION}; name=image; filename*=utf-8''%ff\r\n\r\n".encode(), 400),
    "forms within forms": (multipart(("image", "a", multipart(("image", "b", multipart(("image", "c", b"x")))))), 415),
    "no name": (f"{DISPOSITION}\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(), 422),
}


class TestUploads:
    def test_without_a_length(self, server: ServerProcess) -> None:
        body = multipart(("image", "a", bombs.jpeg()))
        head = request(server.port, LITE, FORM, "Transfer-Encoding: chunked", "Connection: close")
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 50]), body[n : n + 50]) for n in range(0, len(body), 50))
        assert exchange(server.port, head + chunks + b"0\r\n\r\n", 20).statuses == [200]

    def test_without_a_length_and_without_an_end(self, server: ServerProcess) -> None:
        """It is read and thrown away up to a limit, never kept."""
        head = request(server.port, LITE, FORM, "Transfer-Encoding: chunked")
        start = multipart(("image", "a", b""))[: -len(BOUNDARY) - 8]
        piece = b"%x\r\n%s\r\n" % (1_000_000, bytes(1_000_000))
        data = head + b"%x\r\n%s\r\n" % (len(start), start) + piece * 90
        assert set(exchange(server.port, data, 5).statuses) <= {413, 400}

    @pytest.mark.parametrize("more", [1, 1000])
    def test_of_more_bytes_than_it_says(self, server: ServerProcess, more: int) -> None:
        body = multipart(("image", "a", bombs.jpeg()))
        answer = exchange(
            server.port, request(server.port, LITE, FORM, f"Content-Length: {len(body)}") + body + b"x" * more, 8
        )
        assert answer.statuses[0] == 200
        assert set(answer.statuses[1:]) <= {400, 408}

    def test_of_fewer_bytes_than_it_says(self, server: ServerProcess) -> None:
        body = multipart(("image", "a", bombs.jpeg()))
        head = request(server.port, LITE, FORM, f"Content-Length: {len(body) + 10_000}")
        assert exchange(server.port, head + body[:-20], 15).statuses == [408]

    def test_over_the_limit(self, server: ServerProcess) -> None:
        answer = send_picture(server, bytes(10_000_001))
        assert (answer.statuses, problem(answer)) == ([413], "10,000,001 bytes; at most 10,000,000")

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
    def test_that_would_have_to_be_unpacked_are_not(self, server: ServerProcess, coding: str) -> None:
        body = gzip.compress(multipart(("image", "a", bytes(50_000_000))))
        headers = [FORM, f"Content-Encoding: {coding}", f"Content-Length: {len(body)}", "Connection: close"]
        answer = exchange(server.port, request(server.port, LITE, *headers) + body, 5)
        assert answer.statuses == [400]

    @pytest.mark.parametrize("name", FORMS)
    def test_forms_that_cost_more_than_they_hold(self, server: ServerProcess, name: str) -> None:
        body, status = FORMS[name]
        head = request(server.port, LITE, FORM, f"Content-Length: {len(body)}", "Connection: close")
        assert exchange(server.port, head + body, 15).statuses == [status]

    @pytest.mark.parametrize(
        "boundary",
        ["", '""', "a" * 60_000, '"unclosed', "\xff\xfe", "x; boundary=y", "*=utf-8''x"],
        ids=lambda text: text[:9],
    )
    def test_boundaries_that_are_none(self, server: ServerProcess, boundary: str) -> None:
        kind = f"Content-Type: multipart/form-data; boundary={boundary}"
        head = request(server.port, LITE, kind, "Content-Length: 100", "Connection: close")
        assert set(exchange(server.port, head + b"-" * 100, 5).statuses) <= {400, 415}

    def test_many_large_ones_at_once_share_the_memory_there_is(self, server: ServerProcess) -> None:
        noise = np.random.default_rng(2).integers(0, 256, 9_900_000, np.uint8).tobytes()
        answers: list[Exchange] = []
        senders = [
            threading.Thread(target=lambda n=n: answers.append(send_picture(server, MARK + bytes([n]) + noise)))
            for n in range(8)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert {status for answer in answers for status in answer.statuses} <= {413, 422, 503}
        assert len(answers) == 8


def orientation(value: int) -> bytes:
    """EXIF with an orientation, and where the picture was taken."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, value, 0) + struct.pack(">HHII", 0x8825, 4, 1, 38)
    place = struct.pack(">H", 1) + struct.pack(">HHI4s", 0x0001, 2, 2, b"N\0\0\0") + bytes(4) + b"secret place"
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + entries + bytes(4) + place


def with_exif(jpeg: bytes, exif: bytes) -> bytes:
    return jpeg[:2] + bombs.segment(0xE1, exif) + jpeg[2:]


BIG = 400_000_000
BOMBS: dict[str, tuple[bytes, int]] = {
    "PNG of 400 million pixels": (bombs.png(20_000, 20_000, colour=0, rows=1000), 413),
    "PNG of 65535 x 65535": (bombs.png(65_535, 65_535, rows=10), 413),
    "PNG of 2^31 pixels a side": (bombs.png(2**31 - 1, 2**31 - 1, rows=0), 413),
    "PNG of 25 million pixels": (bombs.png(5000, 5000), 413),
    "PNG as large as may be": (bombs.png(3500, 3571), 200),
    "PNG as large as may be, with alpha": (bombs.png(3500, 3571, colour=6), 200),
    "PNG with fewer rows than it says": (bombs.png(3500, 3500, rows=10), 422),
    "PNG with a text that inflates": (bombs.png(64, 64, 2, [bombs.chunk(b"zTXt", b"a\0\0" + bombs.zeros(BIG))]), 200),
    "PNG with an iTXt that inflates": (
        bombs.png(64, 64, 2, [bombs.chunk(b"iTXt", b"a\0\1\0\0\0" + bombs.zeros(BIG))]),
        200,
    ),
    "PNG with a profile that inflates": (
        bombs.png(64, 64, 2, [bombs.chunk(b"iCCP", b"a\0\0" + bombs.zeros(BIG))]),
        200,
    ),
    "PNG with half a million texts": (bombs.png(64, 64, 2, [bombs.chunk(b"tEXt", b"a\0x")] * 500_000), 200),
    "PNG whose picture inflates beyond it": (bombs.png(64, 64, rows=2_000_000), 200),
    "APNG of a thousand frames": (
        bombs.png(1000, 1000, 2, [bombs.chunk(b"acTL", struct.pack(">II", 1000, 0))]),
        200,
    ),
    "WebP of 12.4 million pixels": (cv2.imencode(".webp", np.zeros((3500, 3550, 3), np.uint8))[1].tobytes(), 200),
    "WebP of 16383 x 16383, as it says": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + struct.pack("<I", 16_382)[:3] * 2 + bytes(8),
        413,
    ),
    "JPEG of 25 million pixels": (bombs.jpeg(5000, 5000), 200),
    "JPEG of 65500 x 65500, as it says": (bombs.jpeg_claiming(65_500, 65_500), 413),
    "JPEG of 5000 x 5000, as it says": (bombs.jpeg_claiming(5000, 5000), 200),
    "JPEG of 200,000 scans": (bombs.progressive_jpeg(5000, 5000, 200_000), 422),
    "JPEG in scans of 25 million pixels": (bombs.progressive_jpeg(5000, 5000, 1), 422),
    "JPEG in as many scans and pixels as may be": (bombs.progressive_jpeg(2800, 2800, 32), 200),
    "JPEG without an end": (bombs.jpeg(4000, 4000)[:5000], 422),
    "GIF": (b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(100), 415),
    "TIFF": (b"II*\0" + bytes(100), 415),
    "BMP with a lying header": (b"BM" + struct.pack("<IIIIii", 1000, 0, 54, 40, 60_000, 60_000) + bytes(100), 415),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"/>', 415),
    "HEIC": (b"\0\0\0\x18ftypheic" + bytes(100), 415),
    "AVIF": (b"\0\0\0\x18ftypavif" + bytes(100), 415),
    "PDF": (b"%PDF-1.7" + bytes(100), 415),
    "ZIP": (b"PK\x03\x04" + bytes(100), 415),
}


class TestPictures:
    @pytest.mark.parametrize("annotated", [False, True], ids=["", "annotated"])
    @pytest.mark.parametrize("name", BOMBS)
    def test_bombs(self, server: ServerProcess, name: str, annotated: bool) -> None:
        data, status = BOMBS[name]
        assert send_picture(server, data, LITE + ("&annotated=1" if annotated else "")).statuses == [status]

    @pytest.mark.parametrize("value", range(10))
    def test_every_orientation(self, server: ServerProcess, value: int) -> None:
        answer = send_picture(server, with_exif(bombs.jpeg(96, 64), orientation(value)))
        size = json.loads(answer.data.partition(b"\r\n\r\n")[2])["size"]
        assert size == ([64, 96] if 5 <= value <= 8 else [96, 64])

    @pytest.mark.parametrize(
        "exif",
        [
            b"Exif\0\0",
            b"Exif\0\0MM\0*" + struct.pack(">I", 2**32 - 1),
            b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 65_535),
            b"Exif\0\0MM\0*" + struct.pack(">IHI", 8, 0, 8),  # the next directory is this one
            b"Exif\0\0MM\0*" + struct.pack(">IHHHII", 8, 1, 0x0112, 3, 2**32 - 1, 2**32 - 1) + struct.pack(">I", 8),
            b"Exif\0\0MM\0*" + struct.pack(">IHHHII", 8, 1, 0x8769, 4, 1, 8) + struct.pack(">I", 8),
            b"Exif\0\0MM\0*" + bytes(60_000),
        ],
        ids=["empty", "offset", "entries", "cycle", "count", "within itself", "zeros"],
    )
    def test_exif_that_leads_astray(self, server: ServerProcess, exif: bytes) -> None:
        assert send_picture(server, with_exif(bombs.jpeg(96, 64), exif)).statuses == [200]

    def test_where_it_was_taken_is_told_to_nobody(self, server: ServerProcess) -> None:
        data = with_exif(cv2.imencode(".jpg", read_clip(count=51)[50])[1].tobytes(), orientation(6))
        assert b"secret place" in data
        for path in (LITE, LITE + "&annotated=1"):
            answer = send_picture(server, data, path)
            assert answer.statuses == [200]
            assert b"secret" not in answer.data
            assert b"eXIf" not in answer.data
            assert b"Exif" not in answer.data


class TestCameras:
    """Pictures that somebody publishes are decoded by the server itself."""

    @pytest.mark.parametrize("name", [name for name in BOMBS if BOMBS[name][1] != 415])
    def test_bombs(self, server: ServerProcess, name: str) -> None:
        url = f"ws://127.0.0.1:{server.port}/publish/phone"
        data = BOMBS[name][0][:1_900_000]
        with connect(url, compression=None, max_queue=None, close_timeout=2) as phone:
            phone.recv(10)
            kinds = []
            try:
                for t_us in range(MAX_FAULTS):
                    phone.send(struct.pack("<Q", t_us) + data)
                    kinds.append(json.loads(phone.recv(20))["type"])
            except ConnectionClosed as closed:
                assert closed.rcvd is not None
                assert closed.rcvd.code == 1007
        takes = name in ("JPEG of 25 million pixels", "JPEG of 5000 x 5000, as it says")
        assert set(kinds) == {"ack" if takes else "error"}
