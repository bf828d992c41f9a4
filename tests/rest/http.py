"""Requests as bytes on a socket, so that they can be cut, stalled and malformed."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

BOUNDARY = "xyz0123"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


def multipart(*files: tuple[str, str, bytes]) -> bytes:
    """(field, file name, bytes) of each file."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for field, name, data in files
    ]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def head(path: str, port: int, length: int | None, kind: str | None = None, method: str = "POST") -> bytes:
    kind = kind or f"multipart/form-data; boundary={BOUNDARY}"
    size = "" if length is None else f"Content-Length: {length}\r\n"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\n{size}Connection: close\r\n\r\n"
    ).encode()


async def post(port: int, path: str, *files: tuple[str, str, bytes]) -> Answer:
    """An upload, all of it sent before anything is read, as simple clients do."""
    body = multipart(*files)
    return await raw(port, head(path, port, len(body)) + body)


async def raw(port: int, data: bytes) -> Answer:
    """Bytes sent, and the answer to them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        return await read_answer(reader)
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """A whole answer; the server closes after it."""
    text = await asyncio.wait_for(reader.read(), 30)
    top, _, body = text.partition(b"\r\n\r\n")
    first, *rest = top.decode("latin-1").split("\r\n")
    headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunked(body)
    return Answer(int(first.split()[1]), headers, body)


def _unchunked(data: bytes) -> bytes:
    found = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        found += data[: int(size, 16)]
        data = data[int(size, 16) + 2 :]
    return found
