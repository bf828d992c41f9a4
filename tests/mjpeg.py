"""A camera on the network: multipart MJPEG over HTTP, which can close, stall, change size and come back on command."""

import contextlib
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np


class MjpegServer:
    """Serves BGR pictures in a loop at `fps` on 127.0.0.1. `port` stays over `gone` and `back`."""

    def __init__(self, pictures: Sequence[np.ndarray], fps: float = 30) -> None:
        self.jpegs = [encode(picture) for picture in pictures]
        self.fps = fps
        self.port = 0
        self.sent = 0
        self._flowing = threading.Event()
        self._flowing.set()
        self._noisy = False
        self._server: ThreadingHTTPServer | None = None
        self._hang_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cam.mjpg"

    def __enter__(self) -> "MjpegServer":
        self.back()
        return self

    def __exit__(self, *_: object) -> None:
        self.gone()

    def stall(self) -> None:
        """Send nothing more, but keep the connection."""
        self._flowing.clear()

    def flow(self) -> None:
        """Go on after `stall`."""
        self._flowing.set()

    def freeze(self) -> None:
        """As `stall`, until `serve_anew`."""
        self.stall()

    def serve_anew(self) -> None:
        """Serve new connections after `freeze`; those of before stay silent, as after a camera's restart."""
        self._flowing = threading.Event()
        self._flowing.set()

    def show(self, pictures: Sequence[np.ndarray]) -> None:
        """Serve other pictures from now on."""
        self._noisy = False
        self.jpegs = [encode(picture) for picture in pictures]

    def garbage(self) -> None:
        """Serve what is no picture, though it says so, until `show`."""
        rng = np.random.default_rng(0)
        self.jpegs = [rng.bytes(len(self.jpegs[0])) for _ in range(8)]

    def noise(self) -> None:
        """As `garbage`, without even the frame around each picture."""
        self.garbage()
        self._noisy = True

    def gone(self) -> None:
        """End all connections and stop listening."""
        self._hang_up.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def back(self) -> None:
        """Listen, on the port of before if there was one."""
        self._hang_up = hang_up = threading.Event()
        self._flowing.set()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                flowing = camera._flowing
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with contextlib.suppress(OSError):  # the reader left
                    camera._stream(self.wfile, hang_up, flowing)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _stream(self, wfile, hang_up: threading.Event, flowing: threading.Event) -> None:
        index, due = 0, time.monotonic()
        while not hang_up.is_set():
            if not flowing.wait(0.02):
                continue
            jpegs = self.jpegs
            jpeg = jpegs[index % len(jpegs)]
            if not self._noisy:
                wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
            wfile.write(jpeg + b"\r\n")
            self.sent += 1
            index += 1
            due = max(due + 1 / self.fps, time.monotonic() - 0.1)
            hang_up.wait(max(0.0, due - time.monotonic()))


def encode(picture: np.ndarray) -> bytes:
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert ok
    return data.tobytes()
