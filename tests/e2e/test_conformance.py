"""WebSockets as RFC 6455 has them: Autobahn's cases, which need an echo, on our connections; framing on a real server.

Posewire echoes nothing, so Autobahn's cases (as `kosoku` runs them) talk to our server with another conversation: door,
HTTP, upgrade, limits and frames are those of every client.
"""

import json
import os
import socket
import struct
from collections.abc import Iterator

import msgpack
import pytest
from kosoku import FailureError, run_fuzzingclient

from streamer.server.connection import StreamConnection
from streamer.server.gateway import Gateway
from tests.harness import ServerProcess, running_server
from tests.hostile_http import KEY, WEBSOCKET, request
from tests.inprocess import local_server

CASES = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.1.1", "9.2.1", "9.7.*", "9.8.*", "10.*"]
"""Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, messages by size and number.

Left out: 9.1.2 to 9.1.6, 9.2.2 to 9.2.6 and 9.3.* to 9.6.*, whose messages are larger than a client's may be (below);
12.* and 13.*, which are about compression, never negotiated here (below, too).
"""
TOO_LARGE = ["9.1.2", "9.1.6", "9.2.2", "9.2.6", "9.3.1", "9.4.9", "9.5.1", "9.6.6"]
COMPRESSION = ["12.1.1", "13.7.18"]


@pytest.fixture
def echoing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def echo(self: Gateway, connection: StreamConnection) -> None:
        async for data in connection:
            await connection.send(data)

    monkeypatch.setattr(Gateway, "_converse", echo)


async def outcomes(cases: list[str]) -> dict:
    # More than a client may ask for in a second: the cases hold a frame each to time, which waiting would break.
    async with local_server(per_address=1024) as local:
        try:
            results = await run_fuzzingclient(f"ws://127.0.0.1:{local.port}/stream", cases, None, concurrency=4)
        except FailureError as failure:
            results = failure.results
    return {result.case_id: result for result in results}


@pytest.mark.usefixtures("echoing")
async def test_autobahn_s_cases() -> None:
    results = await outcomes(CASES)
    assert len(results) == 261
    assert [name for name, result in results.items() if not result.passed] == []


@pytest.mark.usefixtures("echoing")
async def test_messages_over_the_limit_close_with_1009() -> None:
    results = await outcomes(TOO_LARGE)
    assert {name: result.remote_close_code for name, result in results.items()} == dict.fromkeys(TOO_LARGE, 1009)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # kosoku leaves a file to be closed
@pytest.mark.usefixtures("echoing")
async def test_compression_is_never_negotiated() -> None:
    results = await outcomes(COMPRESSION)
    assert list(results) == COMPRESSION
    for result in results.values():
        assert "permessage-deflate" in result.http_request
        assert "xtensions" not in result.http_response


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("conformance"), "--model", "lite") as running:
        yield running
        assert "Traceback" not in running.log


def frame(opcode: int, data: bytes = b"", fin: bool = True, reserved: int = 0, mask: bool = True) -> bytes:
    """A client's frame, right or wrong."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    marked = 0x80 if mask else 0
    if len(data) < 126:
        head = bytes((first, marked | len(data)))
    elif len(data) < 65_536:
        head = struct.pack(">BBH", first, marked | 126, len(data))
    else:
        head = struct.pack(">BBQ", first, marked | 127, len(data))
    if not mask:
        return head + data
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(data))


TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
TIME = msgpack.packb({"type": "time", "t0_us": 7})


class Peer:
    """A client that sends what it is told."""

    def __init__(self, server: ServerProcess, json_form: bool = False) -> None:
        form = ["Sec-WebSocket-Protocol: posewire.v1.json"] if json_form else []
        lines = [*form, *(WEBSOCKET + KEY).removesuffix("\r\n").split("\r\n")]
        self.socket = socket.create_connection(("127.0.0.1", server.port), 5)
        self.socket.sendall(request(server.port, "GET /stream", *lines))
        self.stream = self.socket.makefile("rb")
        head = iter(self.stream.readline, b"\r\n")
        assert next(head).startswith(b"HTTP/1.1 101")
        for _ in head:
            pass
        opcode, hello = self.read()
        assert opcode == (TEXT if json_form else BINARY)
        assert b"hello" in hello

    def read(self) -> tuple[int, bytes]:
        """The next frame of the server's: opcode and data."""
        first, size = self.stream.read(2)
        assert first & 0xF0 == 0x80
        assert size < 128  # a server masks nothing
        if size >= 126:
            (size,) = struct.unpack(">H" if size == 126 else ">Q", self.stream.read(2 if size == 126 else 8))
        return first & 0x0F, self.stream.read(size)

    def close_code(self) -> int:
        """Of the server's close, after which nothing comes."""
        while (received := self.read())[0] != CLOSE:
            pass
        assert self.stream.read() == b""
        return struct.unpack(">H", received[1][:2])[0] if received[1] else 1005


@pytest.fixture
def peer(server: ServerProcess) -> Iterator[Peer]:
    made = Peer(server)
    yield made
    made.socket.close()


NO_CODES = (0, 999, 1004, 1005, 1006, 1015, 2999, 5000)
BROKEN: dict[str, tuple[bytes, int]] = {
    **{f"reserved bits {bits:03b}": (frame(BINARY, TIME, reserved=bits), 1002) for bits in range(1, 8)},
    **{f"reserved bits {bits:03b} in a ping": (frame(PING, b"x", reserved=bits), 1002) for bits in (1, 2, 4)},
    **{f"opcode {opcode}": (frame(opcode, b"x"), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "no mask": (frame(BINARY, TIME, mask=False), 1002),
    "a ping without a mask": (frame(PING, b"x", mask=False), 1002),
    "a ping in fragments": (frame(PING, b"x", fin=False), 1002),
    "a ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "a pong of 126 bytes": (frame(PONG, b"x" * 126), 1002),
    "a close of 126 bytes": (frame(CLOSE, struct.pack(">H", 1000) + b"x" * 124), 1002),
    "a close in fragments": (frame(CLOSE, b"", fin=False), 1002),
    "a close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "a close whose reason isn't UTF-8": (frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
    **{f"close code {code}": (frame(CLOSE, struct.pack(">H", code)), 1002) for code in NO_CODES},
    "a continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
    "a message within a message": (frame(BINARY, b"x", fin=False) + frame(BINARY, b"y"), 1002),
    "a continuation after the end": (
        frame(BINARY, TIME, fin=False) + frame(CONTINUATION) * 2,
        1002,
    ),
    "a length of 2^63 - 1": (b"\x82\xff" + struct.pack(">Q", 2**63 - 1) + bytes(4), 1009),
    "a length of 2^64 - 1": (b"\x82\xff" + struct.pack(">Q", 2**64 - 1) + bytes(4), 1009),
    "a length over the limit": (b"\x82\xff" + struct.pack(">Q", 65_537) + bytes(4), 1009),
    "fragments over the limit": (frame(BINARY, bytes(40_000), fin=False) + frame(CONTINUATION, bytes(40_000)), 1009),
    "a request": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_frame_that_breaks_a_rule_ends_the_connection_with_the_right_code(peer: Peer, name: str) -> None:
    data, code = BROKEN[name]
    peer.socket.sendall(data)
    assert peer.close_code() == code


@pytest.mark.parametrize(
    "text", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b'{"type":"\xce\xba\xe1"}', b"\xce"], ids=repr
)
def test_text_that_is_not_utf8_is_1007(server: ServerProcess, text: bytes) -> None:
    for data in (frame(TEXT, text), frame(TEXT, text[:1], fin=False) + frame(CONTINUATION, text[1:])):
        peer = Peer(server, json_form=True)
        peer.socket.sendall(data)
        assert peer.close_code() == 1007
        peer.socket.close()


@pytest.mark.parametrize("data", [b"", b"x", b"\xff" * 125])
def test_a_ping_is_answered_with_its_data(peer: Peer, data: bytes) -> None:
    peer.socket.sendall(frame(PONG, b"nobody asked") + frame(PING, data))
    assert peer.read() == (PONG, data)


def test_a_message_in_fragments_with_pings_among_them_however_the_bytes_come(peer: Peer) -> None:
    parts = [frame(BINARY, TIME[:1], fin=False), frame(PING, b"1"), frame(CONTINUATION, b"", fin=False)]
    parts += [frame(CONTINUATION, TIME[1:5], fin=False), frame(PING, b"2"), frame(CONTINUATION, TIME[5:])]
    for byte in b"".join(parts):
        peer.socket.sendall(bytes((byte,)))
    assert [peer.read() for _ in range(2)] == [(PONG, b"1"), (PONG, b"2")]
    opcode, data = peer.read()
    assert opcode == BINARY
    assert msgpack.unpackb(data)["t0_us"] == 7


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 3000, 4999])
def test_a_close_is_answered_with_its_code(peer: Peer, code: int) -> None:
    peer.socket.sendall(frame(CLOSE, struct.pack(">H", code) + "über".encode()))
    assert peer.close_code() == code


def test_a_close_without_a_code_is_answered_without_one(peer: Peer) -> None:
    peer.socket.sendall(frame(CLOSE) + frame(PING, b"too late"))
    assert peer.close_code() == 1005


def test_messages_behind_a_close_are_not_looked_at(server: ServerProcess) -> None:
    peer = Peer(server, json_form=True)
    question = json.dumps({"type": "time", "t0_us": 1}).encode()
    peer.socket.sendall(frame(CLOSE, struct.pack(">H", 1000)) + frame(TEXT, question))
    assert peer.read() == (CLOSE, struct.pack(">H", 1000))
    assert peer.stream.read() == b""
    peer.socket.close()
