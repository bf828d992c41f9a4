"""What end-to-end tests share: a real server in a process of its own, clips made on the spot, raw WebSocket clients."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import msgpack
import numpy as np
from websockets.sync.client import ClientConnection, connect

DEMO_CLIP = Path(__file__).parent.parent / "streamer" / "clips" / "demo.mp4"
READY = re.compile(r"^posewire ready (https?://\S+/)(\?token=(\S+))?$")


class ServerProcess:
    """A running `posewire serve`. Ends with the context manager that made it, by its own pid."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, token: str | None, log_path: Path) -> None:
        self.process = process
        self.url = url
        self.token = token
        self.log_path = log_path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].strip("/"))

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1) + "stream"

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal it and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(10)


@contextmanager
def running_server(
    tmp_path: Path,
    *arguments: str,
    prefix: Sequence[str] = (),
    port: int = 0,
    env: dict[str, str] | None = None,
    command: str = "serve",
) -> Iterator[ServerProcess]:
    """`posewire serve ARGUMENTS` on a free port, ready; it is ended, by force if need be, when the block is left.

    command: another that serves, `relay`.
    """
    log_path = tmp_path / f"server-{time.monotonic_ns()}.log"
    words = [*prefix, sys.executable, "-m", "streamer", command, "--port", str(port), *arguments]
    with log_path.open("w") as log:
        process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=log,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
        )
    try:
        line = read_line(process, 60)
        match = READY.match(line.rstrip("\n"))
        assert match, f"no ready line but {line!r}; log:\n{log_path.read_text()}"
        yield ServerProcess(process, match[1], match[3], log_path)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def read_line(process: "subprocess.Popen[str]", timeout_s: float) -> str:
    """One line of its standard output; an error where none comes in time."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], timeout_s)
    assert ready, f"no line on standard output in {timeout_s} s"
    return process.stdout.readline()


def run_posewire(
    *arguments: str, cwd: Path, timeout_s: float = 60, env: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """A posewire command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streamer", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        timeout=timeout_s,
        check=False,
        env={**os.environ, **(env or {})},
    )


@contextmanager
def raw_client(server: ServerProcess, query: str = "", **options: object) -> Iterator[ClientConnection]:
    """A plain WebSocket connection that has read `hello`."""
    with connect(server.ws + query, compression=None, max_queue=None, close_timeout=2, **options) as socket:  # type: ignore[arg-type]
        assert receive(socket)["type"] == "hello"
        yield socket


def receive(socket: ClientConnection, timeout_s: float = 10) -> dict:
    """The next message as a map."""
    return msgpack.unpackb(socket.recv(timeout_s))


def receive_type(socket: ClientConnection, kind: str, timeout_s: float = 10) -> dict:
    """The next message of a type; others are passed over."""
    deadline = time.monotonic() + timeout_s
    while True:
        message = receive(socket, max(0.01, deadline - time.monotonic()))
        if message["type"] == kind:
            return message


def read_clip(path: Path = DEMO_CLIP, count: int | None = None) -> list[np.ndarray]:
    """Pictures of a clip, BGR."""
    capture = cv2.VideoCapture(str(path))
    pictures = []
    while count is None or len(pictures) < count:
        ok, picture = capture.read()
        if not ok:
            break
        pictures.append(picture)
    capture.release()
    return pictures


def write_clip(path: Path, pictures: Sequence[np.ndarray], fps: float = 30) -> Path:
    """A video file of BGR pictures; MJPG in .avi, else mp4v."""
    height, width = pictures[0].shape[:2]
    codec = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
    writer = cv2.VideoWriter(str(path), codec, fps, (width, height))
    assert writer.isOpened()
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


def until(condition: Callable[[], object], what: str = "it", timeout_s: float = 20) -> None:
    """Wait for something that has to come."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what} didn't come in {timeout_s:g} s"
        time.sleep(0.05)


def metric(server: ServerProcess, name: str) -> float:
    """The first sample of a metric at `/metrics`; name: as far as is needed to tell it, labels too."""
    with urllib.request.urlopen(f"{server.url}metrics", timeout=10) as answer:
        found = [line for line in answer.read().decode().splitlines() if line.startswith(name)]
    return float(found[0].rpartition(" ")[2])


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
