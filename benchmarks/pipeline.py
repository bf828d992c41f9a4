"""The whole server against a bare MediaPipe loop, and the latency that the server adds.

    python -m benchmarks.pipeline [--seconds 8] [--rounds 3] [--model full]

Frames a second: `posewire serve --pace max` on the embedded clip with 1 and with 10 subscribers, against a process
that does nothing but run MediaPipe on the same pictures: read from the clip in the same loop, as a script would, and,
as the upper bound, decoded beforehand. They take turns. The subscribers are raw sockets that are only drained: what a
client does with its frames is not the server's cost.

Added latency: from the moment the engine has its result to the moment a client process has the frame decoded, with
`--pace realtime` and 10 clients in that process. The server runs with its engine wrapped to note the time of each
result by the frame's number; both processes read the same monotonic clock.
"""

import argparse
import asyncio
import json
import operator
import os
import selectors
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgpack
import numpy as np
from websockets.asyncio.client import connect

from benchmarks.fanout import frames, open_socket, read_sockets
from protocol import Frame, decode
from protocol.limits import MAX_SERVER_MESSAGE_BYTES

SERVE = """
import struct, sys, time
import streamer.stream.worker as worker
real, log = worker.Worker._estimate, open(sys.argv.pop(1), "wb", buffering=0)
def timed(self, frame):
    engine = self._engine
    inner = engine.estimate
    def estimate(image, media_us):
        found = inner(image, media_us)
        timed.done_us = time.monotonic_ns() // 1000
        return found
    engine.estimate = estimate
    try:
        result = real(self, frame)
    finally:
        del engine.estimate
    log.write(struct.pack("<qq", result.seq, timed.done_us))
    return result
worker.Worker._estimate = timed
from streamer.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def bare(model: str, seconds: float, decoding: bool) -> float:
    """Frames a second of MediaPipe alone, in this process, on pictures in memory or read from the clip as it goes."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    from streamer.engine.mediapipe import bundle
    from streamer.source.video import demo

    source = demo()
    source.open()
    pictures = []
    while not decoding and (picture := source.read()) is not None:
        pictures.append(picture)

    def picture_at(index: int) -> np.ndarray:
        if not decoding:
            return pictures[index % len(pictures)]
        picture = source.read()
        if picture is None:
            source.open()
            picture = source.read()
        return picture

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=bundle(model)), running_mode=vision.RunningMode.VIDEO
    )
    landmarker = vision.PoseLandmarker.create_from_options(options)
    index = 0

    def run(until: float) -> int:
        nonlocal index
        first = index
        while time.monotonic() < until:
            image = mp.Image(mp.ImageFormat.SRGB, picture_at(index))
            landmarker.detect_for_video(image, round(index * 1000 / 60))
            index += 1
        return index - first

    run(time.monotonic() + 1)
    start = time.monotonic()
    count = run(start + seconds)
    rate = count / (time.monotonic() - start)
    landmarker.close()
    return rate


async def subscribe(url: str, count: int, seconds: float) -> list[list[tuple[int, int, int]]]:
    """What each of `count` clients in this process received: (seq, capture, decoded), microseconds."""
    connections = [
        await connect(url + "stream?subscribe=*", compression=None, max_queue=None, proxy=None) for _ in range(count)
    ]
    received: list[list[tuple[int, int, int]]] = [[] for _ in connections]

    async def read(index: int) -> None:
        async for data in connections[index]:
            message = decode(data, max_bytes=MAX_SERVER_MESSAGE_BYTES)
            if isinstance(message, Frame):
                received[index].append((message.seq, message.t_us, time.monotonic_ns() // 1000))

    tasks = [asyncio.create_task(read(index)) for index in range(count)]
    await asyncio.sleep(1)
    for of_one in received:
        of_one.clear()
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()
    result = [list(of_one) for of_one in received]
    for connection in connections:
        await connection.close()
    return result


def drain(url: str, count: int, seconds: float) -> float:
    """Frames a second by their numbers and arrival times, on the first of `count` sockets that are read."""
    selector = selectors.DefaultSelector()
    for index in range(count):
        sock = open_socket(urlsplit(url).port)
        selector.register(sock, selectors.EVENT_READ, (bytearray(), index == 0))
    seen: list[tuple[int, float]] = []
    for data, (buffer, is_first) in read_sockets(selector, seconds + 1):
        if is_first:
            buffer += data
            for _, payload in frames(buffer):
                message = msgpack.unpackb(payload)
                if message["type"] == "frame":
                    seen.append((message["seq"], time.monotonic()))
    start = next(index for index, (_, when) in enumerate(seen) if when > seen[0][1] + 1)
    return (seen[-1][0] - seen[start][0]) / (seen[-1][1] - seen[start][1])


def with_server(arguments: list[str], clients: int, seconds: float, log: Path | None = None, reader: str = "--read"):
    """Start a server, subscribe from a process of its own, return what that received."""
    start = [sys.executable, "-c", SERVE, str(log)] if log else [sys.executable, "-m", "streamer"]
    server = subprocess.Popen(
        [*start, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tempfile.gettempdir(),
    )
    try:
        url = server.stdout.readline().split()[-1].replace("http", "ws")
        command = [
            sys.executable,
            "-m",
            "benchmarks.pipeline",
            reader,
            url,
            "--clients",
            str(clients),
            "--seconds",
            str(seconds),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def throughput(model: str, engine: str, seconds: float, rounds: int) -> None:
    loops = {"bare loop that reads the clip": "clip", "bare loop, pictures in memory": "memory"}
    servers = {"posewire, 1 subscriber": 1, "posewire, 10 subscribers": 10}
    rates: dict[str, list[float]] = {name: [] for name in (*loops, *servers)}
    for _ in range(rounds):
        for name, kind in loops.items():
            command = [
                sys.executable,
                "-m",
                "benchmarks.pipeline",
                "--bare",
                kind,
                "--model",
                model,
                "--seconds",
                str(seconds),
            ]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
            rates[name].append(float(done.stdout))
        for name, clients in servers.items():
            arguments = ["--pace", "max", "--model", model, "--engine", engine]
            rates[name].append(with_server(arguments, clients, seconds, reader="--drain"))
    print("| | fps, median | of the loop that reads | of the loop in memory |\n|---|---:|---:|---:|")
    for name, own in rates.items():
        ratios = [statistics.median(map(operator.truediv, own, rates[loop])) for loop in loops]
        print(f"| {name} | {statistics.median(own):.1f} | {ratios[0]:.3f} | {ratios[1]:.3f} |", flush=True)


def latency(model: str, engine: str, seconds: float, rounds: int, fps: float | None) -> None:
    print("\n| clients | engine's result to decoded frame p50 ms | p99 ms | capture to decoded frame p50 ms | p99 ms |")
    print("|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--model", model, "--engine", engine]
        if fps:
            arguments += ["--source", str(slow_clip(Path(folder), fps))]
        for clients in (1, 10):
            added, whole = [], []
            for index in range(rounds):
                log = Path(folder) / f"{clients}-{index}"
                received = with_server(arguments, clients, seconds, log)
                done = dict(np.frombuffer(log.read_bytes(), "<i8").reshape(-1, 2).tolist())
                frames = [frame for client in received for frame in client]
                added += [decoded - done[seq] for seq, _, decoded in frames]
                whole += [decoded - captured for _, captured, decoded in frames]
            figures = [np.percentile(values, p) / 1000 for values in (added, whole) for p in (50, 99)]
            print(f"| {clients} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |", flush=True)


def slow_clip(folder: Path, fps: float) -> Path:
    """The embedded clip, to be played at another rate."""
    import cv2

    from streamer.source.video import DEMO_CLIP

    path = folder / "clip.mp4"
    reader = cv2.VideoCapture(str(DEMO_CLIP))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (720, 1280))
    while (found := reader.read())[0]:
        writer.write(found[1])
    writer.release()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="full", choices=("lite", "full", "heavy"))
    parser.add_argument("--engine", default="mediapipe", choices=("mediapipe", "openvino"), help="of posewire")
    parser.add_argument("--only", choices=("throughput", "latency"))
    parser.add_argument("--clients", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--drain", help=argparse.SUPPRESS)
    parser.add_argument("--bare", choices=("clip", "memory"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        print(bare(options.model, options.seconds, options.bare == "clip"))
    elif options.drain:
        print(drain(options.drain, options.clients, options.seconds))
    elif options.read:
        print(json.dumps(asyncio.run(subscribe(options.read, options.clients, options.seconds))))
    else:
        print(f"model {options.model}, {options.rounds} rounds of {options.seconds:g} s, {os.cpu_count()} cores\n")
        if options.only != "latency":
            throughput(options.model, options.engine, options.seconds, options.rounds)
        if options.only != "throughput":
            print("\nclip at 30 fps:")
            latency(options.model, options.engine, options.seconds, options.rounds, 30)
            print("\nclip at 60 fps, more than the model reaches:")
            latency(options.model, options.engine, options.seconds, options.rounds, None)


if __name__ == "__main__":
    main()
