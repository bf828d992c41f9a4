"""What recording costs the stream, what it takes on disk, and what a killed server loses.

    python -m benchmarks.recording [--seconds 10] [--rounds 6] [--fields all] [--video]
    python -m benchmarks.recording --exports [--seconds 10] [--rounds 6]
    python -m benchmarks.recording --kills 100

The first records by the API and stops again, turn and turn about, of one server and one client: so what else the
machine does meets both. The client asks for landmarks, or with --fields all for everything that a recording keeps: what
remains is then recording alone, without the solver that it switches on.

The second has the server export a minute of recording, again and again, by its API, as the page does it.

The third kills servers (SIGKILL) at random moments while they record and a client watches. What is lost is the
time from the last frame in the file to the last frame that the client got before the kill.
"""

import argparse
import random
import signal
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil

from protocol.messages import DEFAULT_FIELDS, FIELDS
from streamer.clock import now_us
from streamer.recording.reader import Recording
from streamer.recording.recover import recover
from tests.e2e.test_record import ask
from tests.harness import ServerProcess, raw_client, receive_type, running_server

WARM_UP_S = 2.0


def cost(seconds: float, rounds: int, fields: tuple[str, ...], model: str, video: bool) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--model", model, "--recordings", folder, *(["--record-video"] if video else [])]
        with (
            running_server(Path(folder), *options) as server,
            raw_client(server, f"?subscribe=*&fields={','.join(fields)}") as client,
        ):
            ages: dict[bool, list[float]] = {False: [], True: []}
            rates: dict[bool, list[float]] = {False: [], True: []}
            load: dict[bool, list[float]] = {False: [], True: []}
            process = psutil.Process(server.process.pid)
            entries = []
            for _ in range(rounds):
                for recording in (False, True):
                    if recording:
                        assert ask(server, "recordings", {"name": f"r{len(entries)}"})[0] == 201
                    _watch(client, WARM_UP_S)
                    used = sum(process.cpu_times()[:2])
                    found, rate = _watch(client, seconds)
                    load[recording].append((sum(process.cpu_times()[:2]) - used) / seconds * 100)
                    ages[recording] += found
                    rates[recording].append(rate)
                    if recording:
                        entries.append(ask(server, f"recordings/r{len(entries)}/stop", {})[1])
        print("| | frames/s | age p50 ms | age p99 ms | processor % |\n|---|---:|---:|---:|---:|")
        for recording, name in ((False, "without"), (True, "recording")):
            p50, p99 = np.percentile(ages[recording], [50, 99])
            rate, percent = np.mean(rates[recording]), np.mean(load[recording])
            print(f"| {name} | {rate:.2f} | {p50:.1f} | {p99:.1f} | {percent:.1f} |")
        minutes = sum(entry["duration_s"] for entry in entries) / 60
        size, messages = (sum(entry[key] for entry in entries) for key in ("bytes", "messages"))
        left_out = sum(entry["left_out"] for entry in entries)
        print(f"\n{size / 1e6 / minutes:.2f} MB a minute, {size / messages:.0f} bytes a message, {left_out} left out")


def exports(seconds: float, rounds: int, model: str, query: str) -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as folder:
        with (
            running_server(Path(folder), "--model", model, "--recordings", folder) as server,
            raw_client(server, "?subscribe=*") as client,
        ):
            assert ask(server, "recordings", {"name": "minute"})[0] == 201
            _watch(client, 60)
            assert ask(server, "recordings/minute/stop", {})[0] == 200
            ages: dict[bool, list[float]] = {False: [], True: []}
            rates: dict[bool, list[float]] = {False: [], True: []}
            made = 0
            for _ in range(rounds):
                for exporting in (False, True):
                    over = threading.Event()
                    with ThreadPoolExecutor(1) as pool:
                        exported = pool.submit(_export_until, over, f"{server.url}recordings/minute/export?{query}")
                        if not exporting:
                            over.set()
                        _watch(client, WARM_UP_S)
                        found, rate = _watch(client, seconds)
                        over.set()
                        made += exported.result()
                    ages[exporting] += found
                    rates[exporting].append(rate)
        print("| | frames/s | age p50 ms | age p99 ms |\n|---|---:|---:|---:|")
        for exporting, name in ((False, "without"), (True, f"exporting {query}")):
            p50, p99 = np.percentile(ages[exporting], [50, 99])
            print(f"| {name} | {np.mean(rates[exporting]):.2f} | {p50:.1f} | {p99:.1f} |")
        print(f"\n{made} exports in {rounds * (seconds + WARM_UP_S):.0f} s")


def _export_until(over: threading.Event, url: str) -> int:
    count = 0
    while not over.is_set():
        with urllib.request.urlopen(url, timeout=120) as answer:
            answer.read()
        count += 1
    return count


def _watch(client: object, seconds: float) -> tuple[list[float], float]:
    ages, start = [], time.monotonic()
    while time.monotonic() < start + seconds:
        frame = receive_type(client, "frame")  # type: ignore[arg-type]
        ages.append((now_us() - frame["t_us"]) / 1000)
    return ages, len(ages) / (time.monotonic() - start)


def kills(count: int, model: str) -> None:
    """Print what was lost."""
    lost_s = []
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "take.mcap"
            with running_server(Path(folder), "--model", model, "--record", str(path)) as server:
                last_us = _kill(server, random.uniform(0.2, 2.0))
            mended = path.with_name("mended.mcap")
            recovered = recover(path, mended)
            with Recording.open(mended) as recording:
                assert recording.whole
                assert sum(1 for _ in recording.messages()) == recovered.messages
            lost_s.append(max(0.0, last_us / 1e6 - recovered.end_ns / 1e9))
            print(f"{number + 1}: {recovered.messages} messages, {lost_s[-1] * 1000:.0f} ms lost", flush=True)
    print(
        f"{count} kills, all recovered: lost mean {np.mean(lost_s) * 1000:.0f} ms, maximum {max(lost_s) * 1000:.0f} ms"
    )


def _kill(server: ServerProcess, after_s: float) -> int:
    """Kill it; the capture of the last frame that a client had by then."""
    with raw_client(server, "?subscribe=*&fields=image") as client:
        end, last_us = time.monotonic() + after_s, 0
        while time.monotonic() < end:
            last_us = receive_type(client, "frame")["t_us"]
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
    return last_us


def main() -> None:
    """One of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10, help="of a turn")
    parser.add_argument("--rounds", type=int, default=6, help="turns with recording, and as many without")
    parser.add_argument("--fields", choices=("landmarks", "all"), default="landmarks", help="that the client asks for")
    parser.add_argument("--model", default="full")
    parser.add_argument("--video", action="store_true", help="record pictures as well")
    parser.add_argument("--exports", nargs="?", const="to=bvh&filter=offline", metavar="QUERY")
    parser.add_argument("--kills", type=int, default=0)
    options = parser.parse_args()
    if options.kills:
        kills(options.kills, options.model)
    elif options.exports:
        exports(options.seconds, options.rounds, options.model, options.exports)
    else:
        fields = FIELDS if options.fields == "all" else DEFAULT_FIELDS
        cost(options.seconds, options.rounds, fields, options.model, options.video)


if __name__ == "__main__":
    main()
