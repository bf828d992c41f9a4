"""Fan-out: CPU per message and latency of the hub against `websockets.broadcast`, side by side in one run.

    python -m benchmarks.fanout [--clients 1 100 500] [--rate 30] [--seconds 5] [--rounds 3]

Each server is a process of its own that sends the same frames (one person, image and world, about 1.1 kB) at the same
rate over loopback; a further process reads them. They take turns, so that a change of the machine's speed hits all.
"write" is the floor: one bare write(2) a client of bytes that were made once, with no check of anything.
CPU is the server process's own, user and system, over the messages that its clients read in the same time.
"""

import argparse
import asyncio
import base64
import json
import os
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator

import msgpack
import numpy as np
import psutil
from websockets.asyncio.server import broadcast, serve
from websockets.frames import Frame, Opcode

from protocol import StreamInfo
from protocol.codec import join_frame
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine.base import Detection
from streamer.hub.outgoing import Estimate, encode_view
from streamer.hub.session import View
from tests.addresses import source_address
from tests.inprocess import local_server

KINDS = ("hub", "broadcast", "write")
SAMPLED = 10
"""Clients whose messages are decoded for latency; the others are only read."""


def estimates() -> Iterator[Estimate]:
    """Frames as the pipeline makes them, of landmarks that change."""
    rng = np.random.default_rng(0)
    pool = [
        Detection(rng.random((33, 4), np.float32), rng.standard_normal((33, 4), np.float32), 0.9) for _ in range(64)
    ]
    seq = 0
    while True:
        seq += 1
        yield Estimate("bench", seq, now_us(), (1280, 720), [Person(1, pool[seq % 64])])


async def feed(rate: float, publish) -> None:
    due = time.monotonic()
    for estimate in estimates():
        publish(estimate)
        due += 1 / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def serve_hub(rate: float) -> None:
    async with local_server() as local:
        local.catalog.add(StreamInfo("bench", 1280, 720, rate, "none", "none"), now_us())
        print(local.port, flush=True)
        await feed(rate, local.hub.publish)


async def serve_library(rate: float, bare: bool) -> None:
    """`websockets.broadcast`, or as the floor one bare write(2) a client of bytes made once."""
    view = View(("image", "world"), tuple(range(33)), "f32")
    connections = set()

    async def handle(connection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)

        def send(estimate: Estimate) -> None:
            payload = join_frame(0, encode_view(estimate, view, "msgpack"), "msgpack")
            if not bare:
                broadcast(connections, payload)
                return
            wire = Frame(Opcode.BINARY, payload).serialize(mask=False)
            for connection in [open for open in connections if not open.transport.is_closing()]:
                os.write(connection.transport.get_extra_info("socket").fileno(), wire)

        await feed(rate, send)


def read_sockets(selector: selectors.BaseSelector, seconds: float) -> Iterator[tuple[bytes, tuple[bytearray, bool]]]:
    """Read all sockets for `seconds`, yielding what each read brought."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for ready, _ in selector.select(0.05):
            yield ready.fileobj.recv(1 << 20), ready.data


def frames(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the complete WebSocket frames of a server off a buffer: (bytes on the wire, payload); pings are skipped."""
    while len(buffer) >= 4:
        head, length = (2, buffer[1]) if buffer[1] < 126 else (4, int.from_bytes(buffer[2:4], "big"))
        if len(buffer) < head + length:
            return
        is_message, payload = buffer[0] & 0x0F < 8, bytes(buffer[head : head + length])
        del buffer[: head + length]
        if is_message:
            yield head + length, payload


def open_socket(port: int, index: int = 0, stream: str = "*") -> socket.socket:
    """A WebSocket subscribed to a stream, its handshake done byte by byte so that no frame is read with it.

    index: the client's number, which makes its address.
    """
    key = base64.b64encode(os.urandom(16)).decode()
    request = (
        f"GET /stream?subscribe={stream} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    sock = socket.create_connection(("127.0.0.1", port), source_address=source_address(index))
    sock.sendall(request.encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    sock.setblocking(False)
    return sock


def settle(selector: selectors.BaseSelector, seconds: float) -> None:
    """Read without counting."""
    for data, (buffer, sampled) in read_sockets(selector, seconds):
        if sampled:
            buffer += data
            deque(frames(buffer), maxlen=0)


def read(port: int, count: int, seconds: float) -> None:
    """Connect `count` raw sockets, say so, read for `seconds`, print what came."""
    selector = selectors.DefaultSelector()
    for index in range(count):
        sock = open_socket(port, index)
        sampled = index % max(1, count // SAMPLED) == 0
        selector.register(sock, selectors.EVENT_READ, (bytearray(), sampled))
        if index % 50 == 49:  # a server lets them in at its pace, and drops who reads nothing meanwhile
            settle(selector, 0.1)
    settle(selector, 1.0)
    print("connected", flush=True)
    assert sys.stdin.readline() == "go\n"
    start, frame_bytes, messages, latencies = now_us(), 0, 0.0, []
    for data, (buffer, sampled) in read_sockets(selector, seconds):
        if not sampled:
            messages += len(data) / frame_bytes if frame_bytes else 0
            continue
        buffer += data
        for size, payload in frames(buffer):
            message = msgpack.unpackb(payload)
            if message["type"] == "frame" and message["sent_us"] >= start:
                latencies.append((now_us() - message["sent_us"]) / 1000)
                messages += 1
                frame_bytes = size
    print(json.dumps({"messages": messages, "latencies_ms": latencies, "bytes": frame_bytes}), flush=True)


def cpu_s(pid: int) -> float:
    """Processor time of another process so far, user and system; exact to the scheduler's clock on Linux."""
    if sys.platform == "linux":
        # The id that clock_getcpuclockid(3) gives. The times in /proc count in ticks of 10 ms.
        return time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def measure(kind: str, count: int, rate: float, seconds: float) -> dict:
    """One round: CPU microseconds a message, latency percentiles in ms, messages."""
    command = [sys.executable, "-m", "benchmarks.fanout"]
    server = subprocess.Popen([*command, "--serve", kind, "--rate", str(rate)], stdout=subprocess.PIPE, text=True)
    try:
        port = server.stdout.readline().strip()
        arguments = ["--read", port, "--clients", str(count), "--seconds", str(seconds)]
        with subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdout.readline() == "connected\n"
            before_s = cpu_s(server.pid)
            reader.stdin.write("go\n")
            reader.stdin.flush()
            result = json.loads(reader.stdout.readline())
            spent_s = cpu_s(server.pid) - before_s
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()
    latencies = sorted(result["latencies_ms"])
    return {
        "cpu_us": spent_s / result["messages"] * 1e6,
        "p50": latencies[len(latencies) // 2],
        "p99": latencies[int(len(latencies) * 0.99)],
        "rate": result["messages"] / count / seconds,
        "bytes": result["bytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 100, 500])
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--read", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serving = (
            serve_hub(options.rate) if options.serve == "hub" else serve_library(options.rate, options.serve == "write")
        )
        asyncio.run(serving)
        return
    if options.read:
        read(options.read, options.clients[0], options.seconds)
        return
    print(f"{options.rate:g} Hz, {options.rounds} rounds of {options.seconds:g} s each in turn, medians\n")
    print("| clients | server | bytes | CPU us/message | p50 ms | p99 ms | messages/s/client | CPU ratio |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for count in options.clients:
        rounds: dict[str, list[dict]] = {kind: [] for kind in KINDS}
        for _ in range(options.rounds):
            for kind, results in rounds.items():
                results.append(measure(kind, count, options.rate, options.seconds))
        for kind, results in rounds.items():
            ratios = [a["cpu_us"] / b["cpu_us"] for a, b in zip(results, rounds["broadcast"], strict=True)]
            median = {key: statistics.median(result[key] for result in results) for key in results[0]}
            ratio = f"{statistics.median(ratios):.2f}"
            print(
                f"| {count} | {kind} | {median['bytes']:.0f} | {median['cpu_us']:.1f} | {median['p50']:.2f} "
                f"| {median['p99']:.2f} | {median['rate']:.1f} | {ratio} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
