"""Requests as bytes, which no HTTP library would send, and what comes back for them."""

import re
import socket
from dataclasses import dataclass

WEBSOCKET = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"


@dataclass
class Exchange:
    """All that came back, and whether the server closed the connection."""

    data: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.data)]


def exchange(port: int, data: bytes, patience_s: float = 1.0) -> Exchange:
    """Send bytes, read until the server closes or nothing comes for a while."""
    received, closed = b"", True
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.settimeout(patience_s)
        try:
            sock.sendall(data)
            while piece := sock.recv(65_536):
                received += piece
        except TimeoutError:
            closed = False
        except ConnectionError:
            pass
    return Exchange(received, closed)


def request(port: int, line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request with the right Host header, its lines as they are given."""
    return "\r\n".join([f"{line} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]).encode("latin-1") + body
