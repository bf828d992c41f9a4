"""A camera that publishes, as a browser would: JPEG pictures, paced by what the server acknowledges."""

import json
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from streamer.clock import now_us
from tests.harness import ServerProcess

MAX_WAITING = 2
"""Pictures not yet acknowledged at a time."""


def as_jpegs(pictures: Sequence[np.ndarray], width: int = 480) -> list[bytes]:
    """BGR pictures as a phone would send them."""
    scale = width / pictures[0].shape[1]
    return [cv2.imencode(".jpg", cv2.resize(one, None, fx=scale, fy=scale))[1].tobytes() for one in pictures]


class Publisher:
    """Sends pictures at `fps` in a thread of its own, over and over. `floods`: as fast as the connection takes them."""

    def __init__(self, socket: ClientConnection, jpegs: Sequence[bytes], fps: float, floods: bool) -> None:
        self.sent = self.acknowledged = 0
        self.closed: ConnectionClosed | None = None
        self.socket = socket
        self.limits = json.loads(self.socket.recv(10))
        self._offset_us = self._synchronise()
        self._jpegs = jpegs
        self._fps = fps
        self._floods = floods
        self._news = threading.Condition()
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._listen)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ending.set()
        self.socket.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _synchronise(self) -> int:
        """Server clock minus ours, from the quickest of eight questions."""
        samples = []
        for _ in range(8):
            self.socket.send(json.dumps({"type": "time", "t0_us": now_us()}))
            answer, t3_us = json.loads(self.socket.recv(10)), now_us()
            t0_us, t1_us, t2_us = answer["t0_us"], answer["t1_us"], answer["t2_us"]
            samples.append((t3_us - t0_us - (t2_us - t1_us), (t1_us - t0_us + t2_us - t3_us) // 2))
        return min(samples)[1]

    def _send(self) -> None:
        start = time.monotonic()
        try:
            while not self._ending.is_set():
                with self._news:
                    if not self._floods and self.sent - self.acknowledged >= MAX_WAITING:
                        self._news.wait(0.1)
                        continue
                jpeg = self._jpegs[self.sent % len(self._jpegs)]
                self.socket.send(struct.pack("<Q", now_us() + self._offset_us) + jpeg)
                self.sent += 1
                if not self._floods:
                    self._ending.wait(max(0.0, start + self.sent / self._fps - time.monotonic()))
        except ConnectionClosed as error:
            self.closed = error

    def _listen(self) -> None:
        try:
            for text in self.socket:
                with self._news:
                    self.acknowledged += json.loads(text)["type"] == "ack"
                    self._news.notify_all()
        except ConnectionClosed as error:
            self.closed = error


@contextmanager
def publishing(
    server: ServerProcess, stream: str, jpegs: Sequence[bytes], fps: float = 30, floods: bool = False
) -> Iterator[Publisher]:
    """A publisher at work until the block is left."""
    token = f"?token={server.token}" if server.token else ""
    url = server.url.replace("http", "ws", 1) + f"publish/{stream}{token}"
    with connect(url, compression=None, max_queue=None, close_timeout=2) as socket:
        publisher = Publisher(socket, jpegs, fps, floods)
        publisher.start()
        try:
            yield publisher
        finally:
            publisher.stop()
