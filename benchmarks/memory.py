"""Memory over time: the server's resident set while clients come, go and stall.

    python -m benchmarks.memory [--minutes 10]

A server on the embedded clip; one client that reads all the time; others that come, subscribe, change their
subscriptions and leave, politely or not; and clients that stop reading until the server drops them. Prints the resident
set each minute.
"""

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

import msgpack
import psutil
from websockets.asyncio.client import connect


async def read(url: str) -> None:
    async with connect(url + "?subscribe=*", compression=None) as client:
        async for _ in client:
            pass


async def churn(url: str, counts: dict[str, int]) -> None:
    while True:
        client = await connect(url, compression=None, max_queue=None)
        for _ in range(random.randint(1, 4)):
            wish = {"type": "subscribe", "id": random.randint(0, 2), "dtype": random.choice(["f32", "f16"])}
            await client.send(msgpack.packb(wish))
            await asyncio.sleep(random.random() * 0.2)
        if random.random() < 0.5:
            client.transport.abort()
        else:
            await client.close()
        counts["came and went"] += 1


async def stall(port: int, counts: dict[str, int]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        request = f"GET /stream?subscribe=* HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        request += (
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await loop.sock_sendall(sock, request.encode())
        await asyncio.sleep(20)
        sock.close()
        counts["stalled"] += 1


async def measure(url: str, pid: int, minutes: float) -> None:
    process = psutil.Process(pid)
    counts = {"came and went": 0, "stalled": 0}
    port = urlsplit(url).port
    tasks = [asyncio.create_task(read(url))]
    tasks += [asyncio.create_task(churn(url, counts)) for _ in range(5)]
    tasks += [asyncio.create_task(stall(port, counts)) for _ in range(3)]
    print("| minute | resident MB | threads | open files | clients that came and went | stalled |")
    print("|---:|---:|---:|---:|---:|---:|")
    start = time.monotonic()
    minute = 0
    while minute < minutes:
        minute += 1
        await asyncio.sleep(start + 60 * minute - time.monotonic())
        failed = [task for task in tasks if task.done()]
        for task in failed:
            task.result()
        resident = process.memory_info().rss / 1e6
        figures = (f"{resident:.1f}", process.num_threads(), process.num_fds(), *counts.values())
        print(f"| {minute} | " + " | ".join(map(str, figures)) + " |", flush=True)
    for task in tasks:
        task.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "streamer", "serve", "--port", "0", "--model", "lite"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tempfile.gettempdir(),
    )
    try:
        url = server.stdout.readline().split()[-1].replace("http", "ws") + "stream"
        asyncio.run(measure(url, server.pid, options.minutes))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
