"""Servers for tests: one that says byte by byte what a test wants, and one that speaks the protocol and obeys."""

import base64
import hashlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from protocol import (
    BONES,
    EDGES,
    LANDMARKS,
    PARENTS,
    REST,
    Bones,
    Dropped,
    Error,
    Frame,
    Hello,
    Message,
    Pose,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    decode,
    encode,
)

GENEROUS_S = 30
SUBPROTOCOL = "posewire.v1.msgpack"
REST_ARRAY = np.array(REST, "<f4")


def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for a condition; fail where it doesn't come true in a generous time."""
    deadline = time.monotonic() + GENEROUS_S
    while not condition():
        assert time.monotonic() < deadline, what or "it never came true"
        time.sleep(0.005)


def accept_head(request: bytes, subprotocol: str = SUBPROTOCOL) -> bytes:
    """The answer that opens a WebSocket connection, without the empty line at its end."""
    key = re.search(rb"Sec-WebSocket-Key: (\S+)\r\n", request)[1]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    lines += [b"Sec-WebSocket-Accept: " + accept, b"Sec-WebSocket-Protocol: " + subprotocol.encode()]
    return b"\r\n".join(lines) + b"\r\n"


def raw_frame(opcode: int, payload: bytes = b"", fin: int = 0x80, rsv: int = 0, mask: bool = False) -> bytes:
    """A server's frame, faulty where asked for."""
    flag = 0x80 if mask else 0
    if len(payload) < 126:
        head = bytes((fin | rsv | opcode, flag | len(payload)))
    elif len(payload) < 65_536:
        head = struct.pack(">BBH", fin | rsv | opcode, flag | 126, len(payload))
    else:
        head = struct.pack(">BBQ", fin | rsv | opcode, flag | 127, len(payload))
    return head + (b"\0\0\0\0" if mask else b"") + payload


def unmask(data: bytes) -> tuple[int, bytes]:
    """Opcode and payload of a client's first frame, which has to be masked and whole."""
    assert data[1] & 0x80, "a client's frame has to be masked"
    length, at = data[1] & 0x7F, 2
    if length == 126:
        length, at = int.from_bytes(data[2:4], "big"), 4
    mask, payload = data[at : at + 4], data[at + 4 : at + 4 + length]
    assert len(payload) == length
    return data[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class RawServer:
    """Runs `script(connection)` for each connection, in a thread of its own."""

    def __init__(self, script: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._listening.getsockname()[1]
        self.accepted = 0
        self._acceptor = threading.Thread(target=self._accept)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.settimeout(GENEROUS_S)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._script(connection)
        connection.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._acceptor.join(GENEROUS_S)
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(GENEROUS_S)
        for connection in self._open:
            connection.close()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("the client left")
        data += part
    return data


def wait_for_end(connection: socket.socket) -> bytes:
    """Everything the client still sends, until it closes."""
    data = b""
    with suppress(OSError):
        while part := connection.recv(65_536):
            data += part
    return data


@contextmanager
def raw_server(script: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    server = RawServer(script, context)
    try:
        yield server
    finally:
        server.close()


def opened(then: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """A script that answers the handshake rightly and goes on with `then`."""

    def script(connection: socket.socket) -> None:
        connection.sendall(accept_head(read_request(connection)) + b"\r\n")
        then(connection)

    return script


def a_pose(id: int = 1, x: float = 0.0) -> Pose:
    bones = np.tile(np.array((0, 0, 0, 1), "<f4"), (len(BONES), 1))
    world = np.full((len(LANDMARKS), 4), x, "<f4")
    root = np.array((x, 0.0, -3.0), "<f4")
    return Pose(id, 0.9, None, world, bones, root, (), (True, True), -0.9, REST_ARRAY)


class FakeServer:
    """Speaks the protocol and does what a test says; the real server is in test_receiver_live."""

    def __init__(self, port: int = 0, clock_ahead_us: int = 5_000_000, context: ssl.SSLContext | None = None) -> None:
        self.clock_ahead_us = clock_ahead_us
        self.connections: list[ServerConnection] = []
        self.wishes: list[Subscribe] = []
        self.refusal: Error | None = None
        self.answers_time = True
        self._subscribed = threading.Event()
        self._server = serve(
            self._handle, "127.0.0.1", port, subprotocols=[SUBPROTOCOL], compression=None, close_timeout=1, ssl=context
        )
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def now_us(self) -> int:
        return time.perf_counter_ns() // 1000 + self.clock_ahead_us

    def _handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        with suppress(ConnectionClosed):
            info = StreamInfo("cam", 640, 480, 30.0, "none", "none")
            bones = Bones(BONES, PARENTS, REST)
            hello = Hello("fake", self.now_us(), (info,), Skeleton(LANDMARKS, EDGES), bones, ("left_elbow_flexion",))
            connection.send(encode(hello))
            for data in connection:
                self._answer(connection, decode(data))

    def _answer(self, connection: ServerConnection, message: Message) -> None:
        match message:
            case Subscribe(id=id) as wish:
                answer = Subscribed(id, wish.stream, wish.fields, tuple(range(len(LANDMARKS))), wish.dtype)
                connection.send(encode(self.refusal or answer))
                self.wishes.append(wish)
                self._subscribed.set()
            case Time(t0_us=t0_us) if self.answers_time:
                connection.send(encode(Time(t0_us, self.now_us(), self.now_us())))

    def wait(self) -> None:
        """Until somebody subscribed."""
        assert self._subscribed.wait(GENEROUS_S)

    def send(self, message: Message) -> None:
        self.connections[-1].send(encode(message))

    def frame(self, seq: int, t_us: int, *poses: Pose, stream: str = "cam") -> Frame:
        return Frame(self.wishes[-1].id, stream, seq, t_us, t_us, (640, 480), poses or (a_pose(),))

    def dropped(self, total: int, stream: str = "cam") -> Dropped:
        return Dropped(self.wishes[-1].id, stream, total)

    def status(self, state: str, detail: str) -> Status:
        return Status("cam", state, detail, self.now_us())

    def cut(self) -> None:
        """End the connection without a word."""
        self.connections[-1].socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._server.shutdown()
        for connection in self.connections:
            connection.close()
        self._thread.join(GENEROUS_S)


@contextmanager
def fake_server(port: int = 0, **options: object) -> Iterator[FakeServer]:
    server = FakeServer(port, **options)
    try:
        yield server
    finally:
        server.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
