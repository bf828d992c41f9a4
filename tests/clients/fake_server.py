"""A server that says what a test wants, for receivers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from protocol import BONES, EDGES, LANDMARKS, PARENTS, REST, Bones, Hello, Skeleton, Subscribed, Time
from protocol.codec import decode, encode
from protocol.messages import StreamInfo, Subscribe

HELLO = Hello(
    server="fake 1",
    now_us=1_000_000,
    streams=(StreamInfo("cam", 640, 480, 30.0, "none", "none"),),
    skeleton=Skeleton(LANDMARKS, EDGES),
    bones=Bones(BONES, PARENTS, REST),
)


@contextmanager
def fake_server(talk: Callable[[ServerConnection], None]) -> Iterator[tuple[str, list[int]]]:
    """A server that says what a test wants. Yields its address and a list that grows with each connection."""
    connections: list[int] = []
    over = threading.Event()

    def handle(connection: ServerConnection) -> None:
        connections.append(1)
        try:
            talk(connection)
            while not over.is_set():
                try:
                    connection.recv(timeout=0.05)
                except TimeoutError:
                    continue
        except ConnectionClosed:
            pass

    with serve(handle, "127.0.0.1", 0, subprotocols=["posewire.v1.msgpack"], compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.socket.getsockname()[1]}", connections
        finally:
            over.set()
            server.shutdown()
            thread.join(10)


def subscribe(connection: ServerConnection) -> int:
    """The conversation up to `subscribed`. Returns the subscription's id."""
    connection.send(encode(HELLO))
    while True:
        match decode(connection.recv()):
            case Time(t0_us=t0):
                connection.send(encode(Time(t0, 1_000_000, 1_000_001)))
            case Subscribe(id=id, stream=stream, fields=fields):
                connection.send(encode(Subscribed(id, stream, fields, tuple(range(33)), "f32")))
                return id
