"""TLS; plain connections are tested in test_websocket."""

import socket
import ssl
import time
from pathlib import Path

import pytest

from clients.blender.tests.feed.servers import GENEROUS_S, opened, raw_frame, raw_server, wait_for_end
from posewire.feed.address import parse_address
from posewire.feed.errors import ConnectionLost, Refused, Stopped
from posewire.feed.transport import tls_context
from posewire.feed.websocket import WebSocket


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def say(connection: socket.socket) -> None:
    connection.sendall(raw_frame(2, b"x" * 200_000))
    wait_for_end(connection)


def connect(port: int, context: ssl.SSLContext, host: str = "127.0.0.1", limit_s: float = GENEROUS_S) -> WebSocket:
    return WebSocket(parse_address(f"wss://{host}:{port}"), "", context, lambda: False, limit_s)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_that_the_user_vouches_for(certificate: Path, host: str) -> None:
    with raw_server(opened(say), server_context(certificate)) as server:
        client = connect(server.port, tls_context(True, str(certificate)), host)
        assert client.receive(time.monotonic() + GENEROUS_S) == b"x" * 200_000
        client.close()


def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    with raw_server(opened(say), server_context(certificate)) as server:
        with pytest.raises(ConnectionLost, match="certificate isn't trusted: self-signed"):
            connect(server.port, tls_context(True, ""))


def test_a_certificate_of_another_name(certificate: Path) -> None:
    with raw_server(opened(say), server_context(certificate)) as server:
        with pytest.raises(ConnectionLost, match=r"certificate isn't trusted: .*127\.1"):
            connect(server.port, tls_context(True, str(certificate)), "127.1")


def test_not_verified(certificate: Path) -> None:
    with raw_server(opened(say), server_context(certificate)) as server:
        client = connect(server.port, tls_context(False, ""))
        assert client.receive(time.monotonic() + GENEROUS_S) == b"x" * 200_000
        client.close()


def test_a_server_without_tls() -> None:
    with raw_server(lambda c: (c.recv(1000), c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))) as server:
        with pytest.raises(ConnectionLost, match="TLS"):
            connect(server.port, tls_context(False, ""))


def test_a_tls_handshake_that_never_ends() -> None:
    with raw_server(wait_for_end) as server:
        with pytest.raises(ConnectionLost, match="in time"):
            connect(server.port, tls_context(False, ""), limit_s=0.3)


def test_a_tls_handshake_stops_when_it_should() -> None:
    calls = iter([False] * 3)
    with raw_server(wait_for_end) as server, pytest.raises(Stopped):
        address = parse_address(f"wss://127.0.0.1:{server.port}")
        WebSocket(address, "", tls_context(False, ""), lambda: next(calls, True), GENEROUS_S)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_certificates_that_cant_be_read(tmp_path: Path, content: "bytes | None") -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=r"ca\.pem") as caught:
        tls_context(True, str(path))
    assert str(caught.value).isprintable()
