"""Camera faults: how soon they are told, how soon keypoints come again, and what is left behind.

    python -m benchmarks.faults [--cycles 100] [--rtsp]

A server in its own process, on a network camera whose picture is the embedded clip; a subscriber takes the times. Each
cycle is one fault, from keypoints over `status` lost to keypoints again, kinds in turn:

- gone: the connection is closed and the port refuses others;
- hang: nothing more comes, on the old connection or on new ones, then both go on;
- restart: the old connection stays silent for good, new ones are served;
- garbage: parts that are no pictures;
- broken: bytes that are no multipart stream;
- size: pictures of another size in mid-stream, which is no fault: no `status`, the keypoints go on.

With --rtsp a GStreamer camera is used (Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good), whose
process is killed (gone) and stopped (hang). Nobody is in its picture: frames without poses count.
"""

import argparse
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgpack
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from benchmarks.census import Census, Counted, counted_server
from streamer.clock import now_us
from tests.harness import read_clip
from tests.mjpeg import MjpegServer

STEADY_FRAMES = 12
"""Frames between two faults, which the server needs to know the camera's rhythm."""
SHORTEST_OUTAGE_S = 0.3
LONGEST_OUTAGE_S = 3.0
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Fault:
    """`is_lost` says whether a `status` has to tell of it."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    is_lost: bool = True


class Subscriber:
    """Reads in a thread; notes when the stream was last told to be lost, and its frames."""

    def __init__(self, socket: ClientConnection, needs_pose: bool) -> None:
        self.lost_us = 0
        self.frames = 0
        self.frame_t_us = 0
        self.frame_us = 0
        self.state = "live"
        self._socket = socket
        self._needs_pose = needs_pose
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for data in self._socket:
                message = msgpack.unpackb(data)
                with self._news:
                    if message["type"] == "status":
                        self.state = message["state"]
                        if self.state == "lost":
                            self.lost_us = now_us()
                    elif message["type"] == "frame" and (message["poses"] or not self._needs_pose):
                        self.frames += 1
                        self.frame_t_us, self.frame_us = message["t_us"], now_us()
                    self._news.notify_all()
        except ConnectionClosed:
            pass

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), f"no {what} within {PATIENCE_S:g} s"

    def join(self) -> None:
        self._thread.join(10)


@dataclass(frozen=True)
class Cycle:
    """Seconds until `status` told (0 where none had to), and from the fault's end until keypoints were received."""

    lost_s: float
    back_s: float


def cycle(fault: Fault, subscriber: Subscriber, longest_s: float) -> Cycle:
    """One fault, with steady frames before it."""
    start = subscriber.frames
    subscriber.wait(lambda: subscriber.state == "live" and subscriber.frames >= start + STEADY_FRAMES, "steady frames")
    begun_us = now_us()
    fault.begin()
    if fault.is_lost:
        subscriber.wait(lambda: subscriber.lost_us > begun_us, "status lost")
    time.sleep(random.uniform(SHORTEST_OUTAGE_S, longest_s))
    ended_us = now_us()
    fault.end()
    subscriber.wait(lambda: subscriber.frame_t_us > ended_us, "keypoints")
    lost_s = (subscriber.lost_us - begun_us) / 1e6
    assert fault.is_lost or lost_s < 0, f"{fault.name} was told as lost"
    return Cycle(max(0.0, lost_s), (subscriber.frame_us - ended_us) / 1e6)


def pictures(width: int) -> list[np.ndarray]:
    """Of the embedded clip, from where a person is seen."""
    return [cv2.resize(one, None, fx=width / one.shape[1], fy=width / one.shape[1]) for one in read_clip(count=60)[::2]]


def mjpeg_faults(camera: MjpegServer) -> list[Fault]:
    """Of the network camera in this process."""
    usual, large = pictures(360), pictures(480)
    return [
        Fault("gone", camera.gone, camera.back),
        Fault("hang", camera.stall, camera.flow),
        Fault("restart", camera.freeze, camera.serve_anew),
        Fault("garbage", camera.garbage, lambda: camera.show(usual)),
        Fault("broken", camera.noise, lambda: camera.show(usual)),
        Fault("size", lambda: camera.show(large), lambda: camera.show(usual), is_lost=False),
    ]


class RtspCamera:
    """The GStreamer camera in a process of its own, on the same port each time."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        script = Path(__file__).resolve().parent.parent / "tests" / "rtsp_server.py"
        command = ["/usr/bin/python3", str(script), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def faults(self) -> list[Fault]:
        def send(number: int) -> Callable[[], None]:
            return lambda: os.kill(self._process.pid, number)

        return [Fault("gone", self.kill, self.start), Fault("hang", send(signal.SIGSTOP), send(signal.SIGCONT))]


@contextmanager
def mjpeg_camera() -> Iterator[tuple[str, list[Fault]]]:
    with MjpegServer(pictures(360), fps=30) as camera:
        yield camera.url, mjpeg_faults(camera)


@contextmanager
def rtsp_camera() -> Iterator[tuple[str, list[Fault]]]:
    camera = RtspCamera()
    try:
        yield f"rtsp://127.0.0.1:{camera.port}/cam", camera.faults()
    finally:
        camera.kill()


@dataclass(frozen=True)
class Result:
    """Cycles by kind, the server counted after the first of each and after the last, its log."""

    cycles: dict[str, list[Cycle]]
    before: Census
    after: Census
    log: str


def steady(counted: Counted, subscriber: Subscriber) -> Census:
    """Counted while frames come."""
    start = subscriber.frames
    subscriber.wait(lambda: subscriber.frames >= start + 2 * STEADY_FRAMES, "steady frames")
    return counted.count()


def measure(folder: Path, count: int, longest_s: float = LONGEST_OUTAGE_S, rtsp: bool = False) -> Result:
    """`count` cycles, kinds in turn, after one of each to warm up."""
    cycles: dict[str, list[Cycle]] = defaultdict(list)
    with ExitStack() as stack:
        url, faults = stack.enter_context((rtsp_camera if rtsp else mjpeg_camera)())
        counted = stack.enter_context(counted_server(folder, "--source", f"cam={url}", "--model", "lite"))
        with connect(counted.server.ws + "?subscribe=*", compression=None, max_queue=None) as socket:
            subscriber = Subscriber(socket, needs_pose=not rtsp)
            for fault in faults:
                cycle(fault, subscriber, longest_s)
            before = steady(counted, subscriber)
            for index in range(count):
                fault = faults[index % len(faults)]
                cycles[fault.name].append(cycle(fault, subscriber, longest_s))
            after = steady(counted, subscriber)
        subscriber.join()
        assert counted.server.stop() == 0
        return Result(cycles, before, after, counted.server.log)


def row(name: str, values: Sequence[float]) -> str:
    return f"{np.median(values):.2f} | {max(values):.2f}" if any(values) else "- | -"


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--rtsp", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder), options.cycles, rtsp=options.rtsp)
    print("| fault | cycles | lost told s, median | longest | keypoints again s, median | longest |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, cycles in result.cycles.items():
        lost, back = row(name, [one.lost_s for one in cycles]), row(name, [one.back_s for one in cycles])
        print(f"| {name} | {len(cycles)} | {lost} | {back} |")
    print("\n| | resident MB | threads | open files | tasks |\n|---|---:|---:|---:|---:|")
    for name, census in (("before", result.before), ("after", result.after)):
        print(f"| {name} | {census.resident_mb:.1f} | {census.threads} | {census.files} | {census.tasks} |")
    print(f"\nerrors in the log: {result.log.count(' ERROR ')}")


if __name__ == "__main__":
    main()
