"""Viewers in a process of their own: raw sockets that note when a frame was captured and when it came."""

import argparse
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgpack
import numpy as np

from benchmarks.fanout import open_socket
from streamer.clock import now_us

NOTE = struct.Struct("<qqqqq")
NOTES = np.dtype([(name, "<i8") for name in ("viewer", "stream", "seq", "t_us", "came_us")])
TOGETHER = -1
"""For a viewer, in a note of how many messages (`seq`) and bytes (`t_us`) all of them have by then."""
SAMPLED = 10
"""Viewers whose frames are noted; of the others the messages are counted."""
WRITE_US = 50_000
RECEIVE_BYTES = 16_384
PATIENCE_S = 20.0
_PING = 0x9
_CONTROL = 0x8


def _messages(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole WebSocket frames of a server off a buffer: opcode and payload."""
    while len(buffer) >= 4:
        head, length = (2, buffer[1]) if buffer[1] < 126 else (4, int.from_bytes(buffer[2:4], "big"))
        if len(buffer) < head + length:
            return
        opcode, payload = buffer[0] & 0x0F, bytes(buffer[head : head + length])
        del buffer[: head + length]
        yield opcode, payload


class _Reader:
    def __init__(self, path: str, count: int) -> None:
        self._log = open(path, "wb", buffering=0)  # noqa: SIM115 - as long as the process
        self._step = max(1, count // SAMPLED)
        self._streams: dict[str, int] = {}
        self._notes: list[bytes] = []
        self._total = self._bytes = 0
        self._write_us = 0
        self._selector = selectors.DefaultSelector()

    def add(self, sock: socket.socket, index: int) -> None:
        self._selector.register(sock, selectors.EVENT_READ, (index, sock, bytearray()))

    def read(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for ready, _ in self._selector.select(0.05):
                index, sock, buffer = ready.data
                data = sock.recv(RECEIVE_BYTES)
                if not data:
                    raise SystemExit(f"viewer {index} lost its connection")
                self._bytes += len(data)
                if index % self._step == 0 or buffer or not _is_whole(data):
                    buffer += data
                    self._take(index, sock, buffer, now_us())
                else:
                    self._total += 1

    def _take(self, index: int, sock: socket.socket, buffer: bytearray, came_us: int) -> None:
        for opcode, payload in _messages(buffer):
            if opcode == _PING:
                sock.send(bytes([0x8A, 0x80 | len(payload), 0, 0, 0, 0]) + payload)  # masked with nothing
            if opcode >= _CONTROL:
                continue
            self._total += 1
            if index % self._step == 0:
                message = msgpack.unpackb(payload)
                if message["type"] == "frame":
                    stream = self._streams.setdefault(message["stream"], len(self._streams))
                    self._notes.append(NOTE.pack(index, stream, message["seq"], message["t_us"], came_us))
        if came_us >= self._write_us:
            self._write_us = came_us + WRITE_US
            self._log.write(b"".join([*self._notes, NOTE.pack(TOGETHER, TOGETHER, self._total, self._bytes, came_us)]))
            self._notes.clear()


def _is_whole(data: bytes) -> bool:
    """Whether it is one message of a frame's usual size and nothing else, so that it can be counted as it is."""
    return len(data) > 4 and data[0] & 0x0F < _CONTROL and data[1] == 126 and len(data) == 4 + (data[2] << 8 | data[3])


class Viewers:
    """Running; `streams` is how many each of them is to get."""

    def __init__(self, process: "subprocess.Popen[str]", path: Path, count: int, streams: int) -> None:
        self.count = count
        self._process = process
        self._path = path
        self._streams = streams

    def notes(self, start_us: int, end_us: int) -> np.ndarray:
        """Of frames that came meanwhile, as NOTES; those of the sampled viewers."""
        found = self._all()
        return found[(found["viewer"] != TOGETHER) & (found["came_us"] >= start_us) & (found["came_us"] < end_us)]

    def messages(self, start_us: int, end_us: int) -> tuple[float, float]:
        """How many all of them got meanwhile, and bytes with the WebSocket's heads."""
        found = self._all()
        totals = found[found["viewer"] == TOGETHER]
        counts, sizes = (np.interp([start_us, end_us], totals["came_us"], totals[key]) for key in ("seq", "t_us"))
        return float(counts[1] - counts[0]), float(sizes[1] - sizes[0])

    def settle(self, seconds: float = 1.0) -> None:
        """Wait until every sampled viewer has all its streams' frames, and a little more."""
        until = time.monotonic() + PATIENCE_S
        wanted = self._streams * min(self.count, SAMPLED)
        while len(set(self._recent()[["viewer", "stream"]].tolist())) < wanted:
            assert time.monotonic() < until, f"not all of {wanted} streams come"
            time.sleep(0.1)
        time.sleep(seconds)

    def watch(self, seconds: float) -> np.ndarray:
        """The notes of so many seconds from now."""
        start_us = now_us()
        time.sleep(seconds)
        end_us = now_us()
        self.written(end_us)
        return self.notes(start_us, end_us)

    def written(self, until_us: int) -> None:
        """Wait until all that had come by then is noted; where nothing comes any more, for a second at most."""
        for _ in range(20):
            found = self._all()
            if len(found) and found["came_us"][-1] >= until_us:
                return
            time.sleep(0.05)

    def _recent(self) -> np.ndarray:
        return self.notes(now_us() - 500_000, now_us())

    def _all(self) -> np.ndarray:
        assert self._process.poll() is None, "the viewers have ended"
        data = self._path.read_bytes()
        return np.frombuffer(data[: len(data) // NOTE.size * NOTE.size], NOTES)


@contextmanager
def viewers(
    port: int, folder: Path, count: int = 1, names: Sequence[str] = ("*",), streams: int = 1, prefix: Sequence[str] = ()
) -> Iterator[Viewers]:
    """`count` of them, connected; each watches one of `names` in turn, in which it finds so many streams."""
    path = folder / f"notes-{time.monotonic_ns()}"
    command = [*prefix, sys.executable, "-m", "benchmarks.nats.viewers", str(port), str(path), "--count", str(count)]
    process = subprocess.Popen([*command, "--names", *names], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n", "the viewers can't connect"
        yield Viewers(process, path, count, streams)
    finally:
        process.terminate()
        process.communicate()
        path.unlink(missing_ok=True)


def lost(notes: np.ndarray) -> tuple[int, int]:
    """Frames that are missing between those that came, by their numbers, and how many there should be."""
    missing = due = 0
    for viewer, stream in set(notes[["viewer", "stream"]].tolist()):
        seq = notes["seq"][(notes["viewer"] == viewer) & (notes["stream"] == stream)]
        span = int(seq.max() - seq.min() + 1)
        missing, due = missing + span - len(np.unique(seq)), due + span
    return missing, due


def ages_ms(notes: np.ndarray) -> np.ndarray:
    """From capture until a viewer had it."""
    return (notes["came_us"] - notes["t_us"]) / 1000


def main() -> None:
    """Connect, say so, and read until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--names", nargs="+", default=["*"])
    options = parser.parse_args()
    reader = _Reader(options.path, options.count)
    for index in range(options.count):
        reader.add(open_socket(options.port, index, options.names[index % len(options.names)]), index)
        if index % 50 == 49:  # a server lets them in at its pace, and drops who reads nothing meanwhile
            reader.read(0.1)
    print("connected", flush=True)
    while True:
        reader.read(3600.0)


if __name__ == "__main__":
    main()
