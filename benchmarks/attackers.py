"""Attacks on a running server, each a function of port and seconds; `benchmarks/attacks.py` measures what they cost.

A new one is a function here with `@attack(...)`. Attackers have addresses of 127.0.0.0/8 of their own, and take what
they are answered for granted: refused, cut off or ignored they go on until their time is over.
"""

import asyncio
import itertools
import os
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import cv2
import msgpack
import numpy as np

from protocol.errors import CLOSE_CODES
from tests import bombs
from tests.hostile_http import KEY, WEBSOCKET, request
from tests.protocol.hostile import json_cases, msgpack_cases, outcome
from tests.rest.http import BOUNDARY, multipart

PER_ADDRESS = 32
FAULTS = (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ssl.SSLError)
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Action = Callable[[int, str, int], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    """workers: connections at a time, spread over `addresses`. options: of the server."""

    act: Action
    about: str
    workers: int
    addresses: int
    options: Sequence[str]


ATTACKS: dict[str, Attack] = {}


def attack(
    about: str, workers: int = PER_ADDRESS, addresses: int = 1, options: Sequence[str] = ()
) -> Callable[[Action], Action]:
    """Name a function an attack. It is one worker: what it does with a port, an address of its own, and its number.

    It is called again when it has ended or was cut off.
    """

    def add(act: Action) -> Action:
        ATTACKS[act.__name__.replace("_", "-")] = Attack(act, about, workers, addresses, options)
        return act

    return add


async def run(name: str, port: int, seconds: float) -> None:
    """Attack for so long."""
    chosen = ATTACKS[name]

    async def work(number: int) -> None:
        address = f"127.0.7.{10 + number % chosen.addresses}"
        while True:
            with suppress(*FAULTS):
                await chosen.act(port, address, number)
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(work(number)) for number in range(chosen.workers)]
    done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in done:
        task.result()
    for task in tasks:
        task.cancel()


async def dial(port: int, address: str, **options: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection from an address."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), **options)


async def join(
    port: int, address: str, query: str = "", path: str = "/stream", json_form: bool = False
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket that has been let in."""
    reader, writer = await dial(port, address)
    form = "Sec-WebSocket-Protocol: posewire.v1.json\r\n" if json_form else ""
    writer.write(request(port, f"GET {path}{query}", *(form + WEBSOCKET + KEY).removesuffix("\r\n").split("\r\n")))
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head:
        writer.close()
        raise ConnectionError(head[:20])
    return reader, writer


def frame(opcode: int, data: bytes, length: int | None = None) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(data) if length is None else length
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        head = struct.pack(">BBH", 0x80 | opcode, 0xFE, size)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 0xFF, size)
    return head + bytes(4) + data


async def flood(writer: asyncio.StreamWriter, data: bytes) -> None:
    """The same bytes as fast as they are taken."""
    while True:
        writer.write(data)
        await writer.drain()


async def swallow(reader: asyncio.StreamReader) -> None:
    """Read whatever comes."""
    while await reader.read(65_536):
        pass


async def reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes) -> None:
    """Flood, and read what comes."""
    swallowing = asyncio.create_task(swallow(reader))
    try:
        await flood(writer, data)
    finally:
        swallowing.cancel()
        writer.close()


@attack("no attack: one process that computes", workers=1)
async def computing(port: int, address: str, number: int) -> None:
    until = time.monotonic() + 0.1
    while time.monotonic() < until:
        pass


@attack("heads that come a byte a second", workers=960, addresses=30)
async def slow_heads(port: int, address: str, number: int) -> None:
    _, writer = await dial(port, address)
    for byte in request(port, "GET /stream", WEBSOCKET):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(1)


@attack("TLS handshakes that stop half way", workers=960, addresses=30, options=["--tls", "auto"])
async def half_tls(port: int, address: str, number: int) -> None:
    reader, writer = await dial(port, address)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = TLS.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    writer.write(hello if number % 2 else hello[: len(hello) // 2])
    await swallow(reader)
    writer.close()


@attack("connections that come and go", workers=64, addresses=8)
async def connection_flood(port: int, address: str, number: int) -> None:
    for _ in range(50):
        _, writer = await dial(port, address)
        writer.transport.abort()


@attack("WebSockets that come and go", workers=64, addresses=8)
async def handshake_flood(port: int, address: str, number: int) -> None:
    _, writer = await join(port, address, "?subscribe=*")
    writer.transport.abort()


@attack("small messages, answers read")
async def message_flood(port: int, address: str, number: int) -> None:
    question = msgpack.packb({"type": "time", "t0_us": 1})
    await reading(*await join(port, address), frame(2, question) * 100)


@attack("pings, pongs not read")
async def ping_flood(port: int, address: str, number: int) -> None:
    _, writer = await join(port, address)
    await flood(writer, frame(9, b"x" * 125) * 100)


@attack("fragments of nothing")
async def fragment_flood(port: int, address: str, number: int) -> None:
    _, writer = await join(port, address)
    writer.write(b"\x02\x80" + bytes(4))
    await flood(writer, (b"\x00\x80" + bytes(4)) * 1000)


@attack("64 subscriptions each, no two alike, frames read")
async def many_subscriptions(port: int, address: str, number: int) -> None:
    reader, writer = await join(port, address)
    orders = itertools.islice(itertools.permutations(range(33)), number * 64, number * 64 + 64)
    for id, landmarks in enumerate(orders):
        wish = {"type": "subscribe", "id": id, "fields": ["image", "world"], "landmarks": list(landmarks)}
        writer.write(frame(2, msgpack.packb(wish)))
    await swallow(reader)


@attack("subscribing again and again to all there is")
async def resubscribing(port: int, address: str, number: int) -> None:
    fields = ["image", "world", "bones", "rest", "angles", "image_raw", "world_raw"]
    wishes = b"".join(frame(2, msgpack.packb({"type": "subscribe", "id": id, "fields": fields})) for id in range(64))
    await reading(*await join(port, address), wishes)


@attack("messages of a megabyte")
async def large_messages(port: int, address: str, number: int) -> None:
    _, writer = await join(port, address)
    await flood(writer, frame(2, bytes(1_000_000)))


@cache
def dearest(form: str) -> list[bytes]:
    """One for each connection: messages that take most time of those after which a connection lives on."""
    found: dict[bytes, float] = {}
    for data in (msgpack_cases() if form == "msgpack" else json_cases()).values():
        start = time.thread_time()
        if outcome(data) not in CLOSE_CODES:
            raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
            found[raw] = time.thread_time() - start
    best = sorted(found, key=lambda raw: -found[raw])[:8]
    return best * (PER_ADDRESS // len(best))


@attack("the dearest 64 kB of msgpack")
async def msgpack_bombs(port: int, address: str, number: int) -> None:
    await reading(*await join(port, address), frame(2, dearest("msgpack")[number]))


@attack("the dearest 64 kB of JSON")
async def json_bombs(port: int, address: str, number: int) -> None:
    await reading(*await join(port, address, json_form=True), frame(1, dearest("json")[number]))


@attack("clients that never read")
async def never_reading(port: int, address: str, number: int) -> None:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.bind((address, 0))
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port))
    head = request(port, "GET /stream?subscribe=*", *(WEBSOCKET + KEY).removesuffix("\r\n").split("\r\n"))
    await loop.sock_sendall(sock, head)
    try:
        await asyncio.sleep(3600)
    finally:
        sock.close()


@attack("wrong tokens", workers=32, addresses=8, options=["--token", "right"])
async def token_guessing(port: int, address: str, number: int) -> None:
    reader, writer = await dial(port, address)
    for _ in range(20):
        writer.write(request(port, f"GET /streams?token={os.urandom(8).hex()}"))
        await reader.readuntil(b"}")
    writer.close()


async def upload(port: int, address: str, data: bytes, path: str = "/detect?model=lite", reads: bool = True) -> None:
    """One picture."""
    reader, writer = await dial(port, address)
    body = multipart(("image", "a", data))
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    writer.write(request(port, f"POST {path}", kind, f"Content-Length: {len(body)}", "Connection: close") + body)
    try:
        await writer.drain()
        await asyncio.wait_for(swallow(reader), 30) if reads else await asyncio.sleep(30)
    finally:
        writer.close()


NOISE = np.random.default_rng(1).integers(0, 256, 9_900_000, np.uint8).tobytes()


@attack("uploads of 10 MB", workers=8)
async def large_uploads(port: int, address: str, number: int) -> None:
    await upload(port, address, bombs.jpeg()[:-2] + os.urandom(8) + NOISE)


@attack("uploads of 10 MB that come a chunk a second", workers=32, addresses=4)
async def slow_uploads(port: int, address: str, number: int) -> None:
    _, writer = await dial(port, address)
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    body = multipart(("image", "a", NOISE))
    writer.write(request(port, "POST /detect", kind, f"Content-Length: {len(body)}"))
    for at in range(0, len(body), 1_000_000):
        writer.write(body[at : at + 1_000_000])
        await writer.drain()
        await asyncio.sleep(1)


@attack("chunks of a byte", workers=8)
async def tiny_chunks(port: int, address: str, number: int) -> None:
    _, writer = await dial(port, address)
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    writer.write(request(port, "POST /detect", kind, "Transfer-Encoding: chunked"))
    await flood(writer, b"1\r\na\r\n" * 10_000)


@cache
def pictures() -> list[bytes]:
    """Small files, large pictures."""
    return [
        bombs.png(3500, 3571, 6),
        bombs.progressive_jpeg(2800, 2800, 32),
        bombs.jpeg(5000, 5000),
        bombs.progressive_jpeg(5000, 5000, 200_000),
        bombs.png(20_000, 20_000, 0, rows=100),
        cv2.imencode(".webp", np.zeros((3500, 3550, 3), np.uint8))[1].tobytes(),
    ]


@attack("pictures that are dear to decode", workers=8)
async def image_bombs(port: int, address: str, number: int) -> None:
    await upload(port, address, pictures()[number % len(pictures())] + os.urandom(8))


@attack("drawn pictures that nobody reads", workers=8)
async def unread_answers(port: int, address: str, number: int) -> None:
    noisy = np.random.default_rng(number).integers(0, 256, (1000, 1000, 3), np.uint8)
    data = cv2.imencode(".jpg", cv2.resize(noisy, (3300, 2500)), [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    await upload(port, address, data + os.urandom(8), "/detect?model=lite&annotated=1", reads=False)


@attack("a batch of the same picture a thousand times, answers not read", workers=8)
async def unread_batches(port: int, address: str, number: int) -> None:
    _, writer = await dial(port, address)
    body = multipart(*[("images", "a", bombs.jpeg(64, 48, number))] * 1000)
    kind = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    writer.write(request(port, "POST /batch_detect?model=lite", kind, f"Content-Length: {len(body)}") + body)
    await writer.drain()
    await asyncio.sleep(30)


@attack("a camera that sends what is dear to decode", workers=1, options=["--source", "demo", "--source", "c=browser"])
async def camera_bombs(port: int, address: str, number: int) -> None:
    reader, writer = await join(port, address, path="/publish/c")
    now_us = time.monotonic_ns() // 1000
    found = [bombs.jpeg(5000, 5000), bombs.progressive_jpeg(2300, 2300, 32), bombs.progressive_jpeg(5000, 5000, 9)]
    await reading(reader, writer, b"".join(frame(2, struct.pack("<Q", now_us) + data) for data in found))


@attack("no attack: a camera of 1280x720 pixels", workers=1, options=["--source", "demo", "--source", "c=browser"])
async def camera(port: int, address: str, number: int) -> None:
    reader, writer = await join(port, address, path="/publish/c")
    swallowing = asyncio.create_task(swallow(reader))
    picture = bombs.jpeg(1280, 720)
    try:
        while True:
            writer.write(frame(2, struct.pack("<Q", time.monotonic_ns() // 1000) + picture))
            await writer.drain()
            await asyncio.sleep(1 / 30)
    finally:
        swallowing.cancel()
        writer.close()
