"""Clients that never read: what each costs the server, and what it costs the others.

    python -m benchmarks.stalled [--clients 100] [--others 990] [--rounds 5] [--people 1]

First the memory, over ws and over wss: a fresh server, 30 frames a second, clients that subscribe and read nothing any
more, until it drops them; --people and --subscriptions make their frames large and many. User space is what its
resident set grew by, kernel what the sockets' queues hold at its end (`ss`; Debian: iproute2). Beside it, clients that
read. Then the others' latency: 990 readers, without and with 10 clients that never read, in turn.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgpack
import psutil

from benchmarks.fanout import estimates, frames
from protocol import StreamInfo
from streamer.body import Person
from streamer.clock import now_us
from streamer.hub.outgoing import Estimate
from streamer.lan import tls
from tests.addresses import source_address
from tests.inprocess import local_server

RATE = 30.0
STALLED = 10
"""Clients that never read, among the others."""
FILL_S = 4.0
"""Until a stalled client's sockets are full."""
STEADY_S = 5.0
_SKMEM = re.compile(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),")


async def serve(people: int, secure: bool) -> None:
    """Send the same frames to everyone, as the pipeline would."""
    identity = tls.automatic("127.0.0.1") if secure else None
    async with local_server(identity=identity) as local:
        local.catalog.add(StreamInfo("bench", 1280, 720, RATE, "none", "none"), now_us())
        print(local.port, flush=True)
        due = time.monotonic()
        for index, estimate in enumerate(estimates()):
            [person] = estimate.people
            crowd = [Person(number, person.detection) for number in range(1, people + 1)]
            local.hub.publish(Estimate("bench", estimate.seq, estimate.t_us, estimate.size, crowd))
            if index % RATE == 0:
                local.hub.tick()
            due += 1 / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))


@contextmanager
def server(people: int, secure: bool) -> Iterator[tuple[int, int]]:
    """Port and process id."""
    command = [sys.executable, "-m", "benchmarks.stalled", "--serve", "--people", str(people)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_CONFIG_HOME": folder, "MALLOC_ARENA_MAX": "2"}
        process = subprocess.Popen(
            [*command, *(["--secure"] if secure else [])], stdout=subprocess.PIPE, text=True, env=environment
        )
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline()), process.pid
            assert process.poll() is None, "the server ended"
        finally:
            process.terminate()
            process.communicate()


def subscribe(port: int, index: int, secure: bool, receive_bytes: int | None = 4096, subscriptions: int = 1):
    """A blocking socket, subscribed to everything."""
    sock = socket.socket()
    if receive_bytes is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    sock.bind(source_address(index))
    sock.connect(("127.0.0.1", port))
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        sock = context.wrap_socket(sock)
    key = base64.b64encode(os.urandom(16)).decode()
    request = f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    sock.sendall(f"{request}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    for number in range(index * subscriptions, (index + 1) * subscriptions):  # shared with nobody
        wish = msgpack.packb({"type": "subscribe", "id": number, "stream": "bench", "fields": ["image", "world"]})
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(wish))
        sock.sendall(b"\x82" + bytes([0x80 | len(wish)]) + mask + masked)
    return sock


def kernel_kb(port: int) -> list[float]:
    """What each of the server's connections holds in the kernel: queues to read and to write, and what is set aside."""
    told = subprocess.run(
        ["ss", "-tmnO", "state", "connected", "sport", "=", f":{port}"], capture_output=True, text=True, check=True
    ).stdout
    return [sum(map(int, numbers)) / 1000 for numbers in _SKMEM.findall(told)]


class Readers:
    """Reads sockets in a thread and forgets what comes."""

    def __init__(self, sockets) -> None:
        self._sockets = sockets
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        for sock in self._sockets:
            sock.settimeout(0.001)
        while not self._ending.is_set():
            for sock in self._sockets:
                try:
                    while sock.recv(1 << 16):
                        pass
                except (TimeoutError, ssl.SSLWantReadError):
                    pass

    def stop(self) -> None:
        self._ending.set()
        self._thread.join()


def cost(count: int, people: int, secure: bool, reads: bool, subscriptions: int) -> dict[str, float]:
    """Kilobytes a client: resident set, kernel at its most; seconds until the last was dropped."""
    with server(people, secure) as (port, pid):
        process = psutil.Process(pid)
        for index in range(5):  # what the first clients ever bring into memory is no client's cost
            subscribe(port, index, secure).close()
        time.sleep(2)
        before = process.memory_info().rss
        start = time.monotonic()
        sockets = [subscribe(port, index, secure, None if reads else 4096, subscriptions) for index in range(count)]
        connected_s = time.monotonic() - start
        readers = Readers(sockets) if reads else None
        resident, kernel, start = 0.0, 0.0, time.monotonic()
        while time.monotonic() < start + (8 if reads else 40):
            resident = max(resident, (process.memory_info().rss - before) / 1000 / count)
            held = kernel_kb(port)
            if not held:
                break
            kernel = max(kernel, *held)
            time.sleep(0.5)
        gone_s = time.monotonic() - start
        if readers:
            readers.stop()
        for sock in sockets:
            sock.close()
    return {"resident": resident, "kernel": kernel, "connect_s": connected_s, "gone_s": gone_s}


def come_back(secure: bool) -> int:
    """A client that reads nothing for so long that frames are dropped, then reads on: the total it is told of."""
    with server(1, secure) as (port, _):
        sock = subscribe(port, 0, secure)
        time.sleep(FILL_S + 5)
        sock.settimeout(5)
        buffer, until = bytearray(), time.monotonic() + 5
        while time.monotonic() < until:
            buffer += sock.recv(1 << 16)
            for _, payload in frames(buffer):
                message = msgpack.unpackb(payload)
                if message["type"] == "dropped":
                    sock.close()
                    return message["total"]
    raise AssertionError("it was told of no dropped frames")


def latency(others: int, stalled: int) -> tuple[float, float]:
    """Percentiles 50 and 99 in ms of the others."""
    with server(1, False) as (port, _):
        command = [sys.executable, "-m", "benchmarks.fanout", "--read", str(port), "--clients", str(others)]
        with subprocess.Popen(
            [*command, "--seconds", str(STEADY_S)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as reader:
            assert reader.stdin is not None
            assert reader.stdout is not None
            assert reader.stdout.readline() == "connected\n"
            stuck = [subscribe(port, 5000 + index, False) for index in range(stalled)]
            time.sleep(FILL_S)
            reader.stdin.write("go\n")
            reader.stdin.flush()
            latencies = sorted(json.loads(reader.stdout.readline())["latencies_ms"])
            for sock in stuck:
                sock.close()
    return latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--others", type=int, default=990)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--subscriptions", type=int, default=1)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--secure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.people, options.secure))
        return
    print(f"{options.clients} clients, {options.people} people, {RATE:g} Hz, subscriptions: {options.subscriptions}\n")
    print("| | clients | user kB each | kernel kB each, most | together | dropped after s |")
    print("|---|---|---:|---:|---:|---:|")
    for secure in (False, True):
        for reads in (True, False):
            found = cost(options.clients, options.people, secure, reads, options.subscriptions)
            gone = "-" if reads else f"{found['gone_s']:.0f}"
            print(
                f"| {'wss' if secure else 'ws'} | {'reading' if reads else 'stalled'} | {found['resident']:.0f} "
                f"| {found['kernel']:.0f} | {found['resident'] + found['kernel']:.0f} | {gone} |",
                flush=True,
            )
    for secure in (False, True):
        print(f"\n{'wss' if secure else 'ws'}: back after {FILL_S + 5:g} s, told of {come_back(secure)} dropped frames")
    if not options.rounds:
        return
    print(f"\n{options.others} readers, ms | p50 quiet | p99 quiet | p50 with {STALLED} stalled | p99 | p99 ratio")
    ratios = []
    for _ in range(options.rounds):
        quiet, busy = latency(options.others, 0), latency(options.others, STALLED)
        ratios.append(busy[1] / quiet[1])
        print(f"| {quiet[0]:.2f} | {quiet[1]:.2f} | {busy[0]:.2f} | {busy[1]:.2f} | {ratios[-1]:.2f} |", flush=True)
    print(f"\nmedian ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
