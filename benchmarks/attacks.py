"""What attacks cost: memory of the server and its photo worker, and the latency of a client that does nothing wrong.

    python -m benchmarks.attacks [NAME...] [--rounds 3] [--seconds 8] [--fps 30]

For each attack (`--list` names them) a server of its own plays the demo clip; a client in another process notes how
long each frame takes from capture to it. Quiet seconds and attacked ones take turns, so that a machine that changes its
speed changes it for both. Memory is what server and photo worker held together at most, looked at every 20 ms, beyond
what they held before (Linux; the worker has been woken); beside it the sum of the most that each held at any time.
Attackers run with the lowest priority: where they share two processors with the server, the time that they take is no
cost of the server's.

Verdict: at most 100 MB, and a p99 at most twice the quiet one (median of rounds).
"""

import argparse
import asyncio
import json
import os
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgpack
import websockets.sync.client

from benchmarks.attackers import ATTACKS, run
from tests import bombs
from tests.hostile_http import exchange, request
from tests.memory import Footprint
from tests.rest.http import BOUNDARY, multipart

MAX_MEMORY_MB = 100
MAX_RATIO = 2.0
SAMPLE_S = 0.02
PAUSE_S = 1.0
"""Between quiet and attacked seconds, for what is under way to end."""


def watch(url: str, fps: float) -> None:
    """Print a line for each frame, when it came and its age in ms, until nobody reads."""
    trust = None
    if url.startswith("wss"):
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with websockets.sync.client.connect(f"{url}&max_fps={fps}", compression=None, max_queue=None, ssl=trust) as client:
        for data in client:
            now_us = time.monotonic_ns() // 1000
            message = msgpack.unpackb(data)
            if message["type"] == "frame":
                print(json.dumps([now_us / 1e6, (now_us - message["t_us"]) / 1000]), flush=True)


class Watcher:
    """A well-behaved client in a process of its own."""

    def __init__(self, url: str, fps: float, folder: Path) -> None:
        self.path = folder / "ages"
        command = [sys.executable, "-m", "benchmarks.attacks", "--watch", url, "--fps", str(fps)]
        with self.path.open("w") as sink:
            self._process = subprocess.Popen(command, stdout=sink)

    def ages_ms(self, start_s: float, end_s: float) -> list[float]:
        """Of the frames that came between two times."""
        if self._process.poll() is not None:
            raise RuntimeError("the well-behaved client has lost its connection")
        lines = self.path.read_text().splitlines()[:-1]
        return [age for at, age in map(json.loads, lines) if start_s <= at < end_s]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def serving(options: list[str], folder: Path) -> Iterator[tuple[int, str, int]]:
    """A server: its port, address of its stream and process id."""
    command = [sys.executable, "-m", "streamer", "serve", "--port", "0", "--model", "lite", *options]
    env = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env=env)
    assert server.stdout is not None
    try:
        address, _, query = server.stdout.readline().split()[-1].partition("?")
        port = int(address.rsplit(":", 1)[1].strip("/"))
        url = address.replace("http", "ws", 1) + "stream?subscribe=demo" + (f"&{query}" if query else "")
        yield port, url, server.pid
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def wake_worker(port: int, shade: int) -> None:
    """Have a picture looked at, so that the worker is there and its own weight isn't counted."""
    body = multipart(("image", "a", bombs.jpeg(64, 48, shade)))
    head = [f"Content-Type: multipart/form-data; boundary={BOUNDARY}", f"Content-Length: {len(body)}"]
    line = "POST /detect?model=lite&token=right"
    answer = exchange(port, request(port, line, *head, "Connection: close") + body, 30)
    assert answer.statuses == [200], answer.data


def p99(ages_ms: list[float]) -> float:
    return sorted(ages_ms)[int(0.99 * (len(ages_ms) - 1))] if ages_ms else float("inf")


def measure(name: str, rounds: int, seconds: float, fps: float) -> tuple[float, float, float, float]:
    """Megabytes together and each by itself, p99 quiet, p99 attacked (ms)."""
    chosen = ATTACKS[name]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with serving(list(chosen.options), folder) as (port, url, pid):
            watcher = Watcher(url, fps, folder)
            try:
                tls = "--tls" in chosen.options
                while not watcher.ages_ms(0, time.monotonic()):
                    time.sleep(0.1)
                time.sleep(2)
                memory, peaks, quiet, attacked = [], [], [], []
                for number in range(rounds):
                    if not tls:
                        wake_worker(port, number)
                    start = time.monotonic()
                    time.sleep(seconds)
                    quiet.append(p99(watcher.ages_ms(start, time.monotonic())))
                    footprint = Footprint(pid)
                    command = [sys.executable, "-m", "benchmarks.attacks", "--attack", name, "--port", str(port)]
                    attacker = subprocess.Popen(["nice", "-n", "19", *command, "--seconds", str(seconds + PAUSE_S)])
                    time.sleep(PAUSE_S)
                    start = time.monotonic()
                    while attacker.poll() is None:
                        memory.append(footprint.now())
                        time.sleep(SAMPLE_S)
                    attacked.append(p99(watcher.ages_ms(start, time.monotonic())))
                    peaks.append(footprint.above())
                    time.sleep(PAUSE_S)
            finally:
                watcher.stop()
        log = (folder / "log").read_text()
        if "Traceback" in log or "dropped" in log:
            print(f"\n{name}: the log says\n{log[-2000:]}", file=sys.stderr)
    return max(memory), max(peaks), statistics.median(quiet), statistics.median(attacked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *ATTACKS], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--watch", help=argparse.SUPPRESS)
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        for name, chosen in ATTACKS.items():
            print(f"{name:20} {chosen.about}; {chosen.workers} at a time from {chosen.addresses} addresses")
        return
    if options.watch:
        watch(options.watch, options.fps)
        return
    if options.attack:
        asyncio.run(run(options.attack, options.port, options.seconds))
        return
    print("| attack | connections | addresses | MB | sum of peaks | p99 ms quiet | attacked | ratio | verdict |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|", flush=True)
    bad = 0
    for name in options.names or ATTACKS:
        memory, peaks, quiet, attacked = measure(name, options.rounds, options.seconds, options.fps)
        good = memory < MAX_MEMORY_MB and attacked <= MAX_RATIO * quiet
        bad += not good
        chosen = ATTACKS[name]
        what = f"{chosen.about} (`{name}`) | {chosen.workers} | {chosen.addresses}"
        figures = f"{memory:.1f} | {peaks:.1f} | {quiet:.1f} | {attacked:.1f} | {attacked / quiet:.2f}"
        print(f"| {what} | {figures} | {'holds' if good else '**over**'} |", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
