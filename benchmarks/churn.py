"""Endurance: what the server holds while thousands of clients come, go, break off and stall.

    python -m benchmarks.churn [--connections 20000] [--minutes 10] [--tls] [--hours 24]

A server on the embedded clip; one client that reads all the time, three that read nothing until the server drops them,
and visitors at an even rate, each of a random kind: subscribes and leaves, subscribes and aborts, changes its
subscriptions, breaks off in the middle of the handshake, sends half a request, sends garbage, asks for /healthz. The
resident set is noted every second. Its slope is that of the least squares line through the time after the warm-up, with
its standard error, for which the seconds are taken in blocks that are independent of each other. --hours runs at the
same rate for so long: ten minutes tell a slope to a few MB an hour only, a day to hundredths.
"""

import argparse
import asyncio
import random
import socket
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import msgpack
import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from benchmarks.census import Census, Counted, counted_server
from tests.addresses import source_address

WARM_UP_SHARE = 0.3
BLOCKS = 14
"""Of the time after the warm-up, for the standard error."""
STALLERS = 3
SETTLE_S = 12.0
"""After the last visitor, until the server has dropped what stalls."""


class Visitors:
    """Clients of every kind, each from the next address."""

    def __init__(self, url: str, port: int, trust: ssl.SSLContext | None) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self._url = url
        self._port = port
        self._trust = trust
        self._numbers = count()
        self.kinds: list[Callable[[], Awaitable[None]]] = [
            self.subscribe_and_leave,
            self.subscribe_and_abort,
            self.change_subscriptions,
            self.half_handshake,
            self.half_request,
            self.garbage,
            self.ask_health,
        ]

    async def visit(self) -> None:
        kind = random.choice(self.kinds)
        try:
            async with asyncio.timeout(20):
                await kind()
            self.counts[kind.__name__] += 1
        except (OSError, TimeoutError, WebSocketException) as error:
            self.failures[f"{kind.__name__}: {type(error).__name__}"] += 1

    def connect(self, query: str = "", **options):
        local = source_address(next(self._numbers))
        return connect(self._url + query, ssl=self._trust, compression=None, local_addr=local, **options)

    async def raw(self):
        """Reader and writer; over TLS, if that is asked for."""
        local = source_address(next(self._numbers))
        return await asyncio.open_connection("127.0.0.1", self._port, ssl=self._trust, local_addr=local)

    async def subscribe_and_leave(self) -> None:
        async with self.connect("?subscribe=*&fields=image,world,bones") as client:
            for _ in range(random.randint(1, 10)):
                await client.recv()

    async def subscribe_and_abort(self) -> None:
        client = await self.connect("?subscribe=*")
        await client.recv()
        client.transport.abort()
        await client.wait_closed()

    async def change_subscriptions(self) -> None:
        async with self.connect() as client:
            for _ in range(random.randint(1, 6)):
                wish = {"type": "subscribe", "id": random.randint(0, 2), "dtype": random.choice(["f32", "f16"])}
                await client.send(msgpack.packb(wish))
                await client.send(msgpack.packb({"type": "unsubscribe", "id": random.randint(0, 2)}))
                await client.recv()

    async def half_handshake(self) -> None:
        """Where there is TLS, half of that."""
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind(source_address(next(self._numbers)))
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._port))
        with suppress(OSError):
            sock.send(b"\x16\x03\x01\x02\x00\x01\x00" if self._trust else b"GET /stream HT")
        await asyncio.sleep(random.random())
        sock.close()

    async def half_request(self) -> None:
        _, writer = await self.raw()
        writer.write(b"GET /stream?subscribe=* HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnec")
        await asyncio.sleep(random.random())
        writer.transport.abort()

    async def garbage(self) -> None:
        async with self.connect() as client:
            await client.send(random.randbytes(200))
            with suppress(ConnectionClosed):
                async for _ in client:
                    pass

    async def ask_health(self) -> None:
        reader, writer = await self.raw()
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def read(self) -> None:
        """All the time."""
        async with connect(self._url + "?subscribe=*", ssl=self._trust, compression=None) as client:
            async for _ in client:
                pass

    async def stall(self) -> None:
        """Reading nothing, again and again."""
        while True:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._port))
            client = await connect(self._url + "?subscribe=*", sock=sock, ssl=self._trust, compression=None)
            client.transport.pause_reading()
            await asyncio.sleep(20)
            client.transport.abort()
            self.counts["stalled"] += 1


@dataclass(frozen=True)
class Slope:
    """MB an hour, and its standard error."""

    mb_per_hour: float
    error: float


def slope(times_s: np.ndarray, sizes_mb: np.ndarray) -> Slope:
    """Of the least squares line; seconds next to each other say the same, so blocks' means are taken for its error."""
    hours = times_s / 3600
    steep = float(np.polyfit(hours, sizes_mb, 1)[0])
    blocks = [(part_h.mean(), part.mean()) for part_h, part in blocked(hours, sizes_mb)]
    x, y = np.array(blocks).T
    _, covariance = np.polyfit(x, y, 1, cov=True)
    return Slope(steep, float(np.sqrt(covariance[0, 0])))


def blocked(hours: np.ndarray, sizes: np.ndarray):
    return zip(np.array_split(hours, BLOCKS), np.array_split(sizes, BLOCKS), strict=True)


@dataclass(frozen=True)
class Result:
    """The server counted before the visitors and after; megabytes each second, from the warm-up's end on."""

    before: Census
    after: Census
    slope: Slope
    counts: Counter[str]
    failures: Counter[str]
    log: str


async def churn(counted: Counted, trust: ssl.SSLContext | None, connections: int, seconds: float) -> Result:
    visitors = Visitors(counted.server.ws, counted.server.port, trust)
    staying = [asyncio.create_task(visitors.read())]
    await asyncio.sleep(2)
    for kind in visitors.kinds:  # what the first of each kind brings into memory
        await kind()
    await asyncio.sleep(SETTLE_S / 2)
    before = await asyncio.to_thread(counted.count)
    stalling = [asyncio.create_task(visitors.stall()) for _ in range(STALLERS)]
    visits: set[asyncio.Task[None]] = set()
    sizes: list[tuple[float, float]] = []
    start = time.monotonic()
    for number in range(connections):
        due = start + seconds * number / connections
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic() - start
        if not sizes or now >= sizes[-1][0] + 1:
            sizes.append((now, counted.resident_mb()))
            if len(sizes) % 60 == 0:
                print(f"| {now / 60:.0f} | {sizes[-1][1]:.1f} | {sum(visitors.counts.values())} |", flush=True)
        visit = asyncio.create_task(visitors.visit())
        visits.add(visit)
        visit.add_done_callback(visits.discard)
        for task in (*staying, *stalling):
            assert not task.done(), task
    await asyncio.gather(*visits)
    for task in stalling:
        task.cancel()
    await asyncio.sleep(SETTLE_S)
    after = await asyncio.to_thread(counted.count)
    for task in staying:
        task.cancel()
    times, megabytes = np.array([one for one in sizes if one[0] >= WARM_UP_SHARE * seconds]).T
    return Result(before, after, slope(times, megabytes), visitors.counts, visitors.failures, counted.server.log)


def measure(folder: Path, connections: int, seconds: float, secure: bool) -> Result:
    """`connections` visitors in `seconds`."""
    options = ["--model", "lite", *(["--tls", "auto"] if secure else [])]
    with counted_server(folder, *options, env={"XDG_CONFIG_HOME": str(folder)}) as counted:
        authority = folder / "posewire" / "tls" / "authority.pem"
        trust = ssl.create_default_context(cafile=authority) if secure else None
        result = asyncio.run(churn(counted, trust, connections, seconds))
        assert counted.server.stop() == 0
        return result


def main() -> None:
    """Print the resident set each minute, then what is left behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--hours", type=float, help="run for so long at the rate of --connections in --minutes")
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    seconds = 3600 * options.hours if options.hours else 60 * options.minutes
    connections = round(options.connections * seconds / (60 * options.minutes))
    print("| minute | resident MB | visitors |\n|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), connections, seconds, options.tls)
    print("\n| | resident MB | threads | open files | tasks | Python objects |\n|---|---:|---:|---:|---:|---:|")
    for name, one in (("before", result.before), ("after", result.after)):
        print(f"| {name} | {one.resident_mb:.1f} | {one.threads} | {one.files} | {one.tasks} | {one.objects} |")
    found = result.slope
    print(f"\nslope after the warm-up: {found.mb_per_hour:.2f} MB an hour, standard error {found.error:.2f}")
    print(f"visitors: {dict(result.counts)}; failed: {dict(result.failures)}")
    print(f"errors in the log: {result.log.count(' ERROR ')}")


if __name__ == "__main__":
    main()
