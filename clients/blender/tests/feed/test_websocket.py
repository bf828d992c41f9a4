"""The WebSocket client against the usual server, and against servers that misbehave in every way."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.sync.server import ServerConnection, serve

from clients.blender.tests.feed.servers import (
    GENEROUS_S,
    accept_head,
    free_port,
    opened,
    raw_frame,
    raw_server,
    read_request,
    unmask,
    wait_for_end,
)
from posewire.feed.address import parse_address
from posewire.feed.errors import ConnectionLost, Refused, Stopped
from posewire.feed.frames import close_reason
from posewire.feed.limits import MAX_SERVER_MESSAGE_BYTES
from posewire.feed.websocket import WebSocket

BINARY, CLOSE, PING, PONG = 2, 8, 9, 10


def connect(port: int, limit_s: float = 5.0, stop: Callable[[], bool] = lambda: False, token: str = "") -> WebSocket:
    return WebSocket(parse_address(f"127.0.0.1:{port}"), token, None, stop, limit_s)


def in_time() -> float:
    return time.monotonic() + GENEROUS_S


@pytest.fixture
def echo() -> "Iterator[int]":
    """The port of a real server that sends back what it gets; a text says what else to do."""

    def handle(connection: ServerConnection) -> None:
        for message in connection:
            if message == b"text":
                connection.send("ä")
            elif message == b"ping":
                connection.ping(b"are you there").wait(GENEROUS_S)
                connection.send(b"it ponged")
            elif message == b"pieces":
                connection.send([b"a", b"", b"b" * 70_000])
            elif message == b"close":
                connection.close(4001, "enough")
            else:
                connection.send(message)

    server = serve(handle, "127.0.0.1", 0, subprotocols=["posewire.v1.msgpack"], max_size=None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.socket.getsockname()[1]
    server.shutdown()
    thread.join(GENEROUS_S)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 500_000])
def test_messages_go_there_and_back(echo: int, length: int) -> None:
    client = connect(echo)
    message = bytes(range(256)) * (length // 256 + 1)
    client.send(message[:length])
    assert client.receive(in_time()) == message[:length]
    client.close()


def test_pings_pieces_and_texts(echo: int) -> None:
    client = connect(echo)
    for ask, answer in ((b"ping", b"it ponged"), (b"pieces", b"ab" + b"b" * 69_999), (b"text", "ä")):
        client.send(ask)
        assert client.receive(in_time()) == answer
    client.close()


def test_nothing_until_the_deadline_is_none(echo: int) -> None:
    client = connect(echo)
    assert client.receive(time.monotonic() + 0.05) is None
    client.send(b"x")
    assert client.receive(in_time()) == b"x"
    client.close()


def test_the_server_says_why_it_ends(echo: int) -> None:
    client = connect(echo)
    client.send(b"close")
    with pytest.raises(ConnectionLost, match=r"ended the connection \(4001: enough\)"):
        client.receive(in_time())
    client.close()
    client.close()


def test_a_message_over_the_limit_is_refused(echo: int) -> None:
    client = connect(echo)
    client.send(bytes(MAX_SERVER_MESSAGE_BYTES + 1))
    with pytest.raises(ConnectionLost, match="1048577 bytes"):
        client.receive(in_time())
    client.close()


def closing_of(then: Callable[[socket.socket], None], reads: int = 1) -> "tuple[str, tuple[int | None, str]]":
    """What the client says is wrong, and the close frame that it sent."""
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        then(connection)
        heard.append(wait_for_end(connection))

    with raw_server(opened(script)) as server:
        client = connect(server.port)
        with pytest.raises(ConnectionLost) as caught:
            for _ in range(reads):
                client.receive(in_time())
        client.close()
    opcode, payload = unmask(heard[0])
    assert opcode == CLOSE
    return str(caught.value), close_reason(payload)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (raw_frame(BINARY, b"x", rsv=0x40), 1002, "reserved bits"),
        (raw_frame(3), 1002, "reserved kind 3"),
        (raw_frame(11), 1002, "reserved kind 11"),
        (raw_frame(BINARY, b"x", mask=True), 1002, "masked"),
        (raw_frame(PING, b"x" * 126), 1002, "control frame"),
        (raw_frame(PING, fin=0), 1002, "control frame"),
        (raw_frame(0, b"x"), 1002, "continuation"),
        (raw_frame(BINARY, fin=0) + raw_frame(BINARY), 1002, "within another"),
        (raw_frame(1, b"\xff\xfe"), 1007, "UTF-8"),
        (b"\x82\x7f" + struct.pack(">Q", 2**63 + 5), 1009, "9223372036854775813"),
        (b"\x82\x7f" + struct.pack(">Q", 2**40), 1009, "1099511627776"),
        (raw_frame(CLOSE, b"\x03"), 1002, "one byte"),
        (raw_frame(CLOSE, struct.pack(">H", 1005)), 1002, "1005"),
        (raw_frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007, "UTF-8"),
        (raw_frame(CLOSE), 1000, "no code"),
        (raw_frame(CLOSE, struct.pack(">H", 1001) + b"bye\n\x1b"), 1001, "1001: bye"),
    ],
)
def test_a_faulty_frame_is_answered_with_its_close_code(data: bytes, code: int, words: str) -> None:
    message, (sent, _) = closing_of(lambda connection: connection.sendall(data))
    assert words in message
    assert sent == code
    assert message.isprintable()


def test_what_came_before_the_end_is_still_handed_out() -> None:
    data = raw_frame(BINARY, b"one") + raw_frame(BINARY, b"two") + raw_frame(CLOSE)
    with raw_server(opened(lambda connection: (connection.sendall(data), wait_for_end(connection)))) as server:
        client = connect(server.port)
        assert client.receive(in_time()) == b"one"
        assert client.receive(in_time()) == b"two"
        with pytest.raises(ConnectionLost):
            client.receive(in_time())
        client.close()


def test_frames_that_come_with_the_handshake_arent_lost() -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(accept_head(read_request(connection)) + b"\r\n" + raw_frame(BINARY, b"early"))
        wait_for_end(connection)

    with raw_server(script) as server:
        client = connect(server.port)
        assert client.receive(in_time()) == b"early"
        client.close()


def test_a_ping_is_ponged_with_its_bytes() -> None:
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        connection.sendall(raw_frame(PING, b"abc"))
        heard.append(connection.recv(100))
        connection.sendall(raw_frame(BINARY, b"ok"))
        wait_for_end(connection)

    with raw_server(opened(script)) as server:
        client = connect(server.port)
        assert client.receive(in_time()) == b"ok"
        client.close()
    assert unmask(heard[0]) == (PONG, b"abc")


def test_a_message_byte_by_byte() -> None:
    def script(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw_frame(BINARY, b"slowly"):
            connection.sendall(bytes((byte,)))
        wait_for_end(connection)

    with raw_server(opened(script)) as server:
        client = connect(server.port)
        assert client.receive(in_time()) == b"slowly"
        client.close()


def test_half_a_frame_and_then_silence_is_nothing() -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(raw_frame(BINARY, b"whole") + raw_frame(BINARY, b"x" * 1000)[:500])
        wait_for_end(connection)

    with raw_server(opened(script)) as server:
        client = connect(server.port)
        assert client.receive(in_time()) == b"whole"
        heard_s = client.heard_s
        assert client.receive(time.monotonic() + 0.1) is None
        assert client.heard_s == heard_s, "half a frame is no sign of life"
        client.close()


def test_a_reset() -> None:
    def script(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with raw_server(opened(script)) as server:
        client = connect(server.port)
        with pytest.raises(ConnectionLost, match="reset"):
            client.receive(in_time())
        client.close()


def test_an_end_without_a_goodbye() -> None:
    with raw_server(opened(lambda connection: None)) as server:
        client = connect(server.port)
        with pytest.raises(ConnectionLost, match="ended the connection"):
            client.receive(in_time())
        client.close()


def refused_by(script: Callable[[socket.socket], None], limit_s: float = GENEROUS_S) -> "Refused | ConnectionLost":
    with raw_server(script) as server:
        with pytest.raises((Refused, ConnectionLost)) as caught:
            connect(server.port, limit_s)
    return caught.value


def answering(data: Callable[[bytes], bytes]) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        connection.sendall(data(read_request(connection)))
        wait_for_end(connection)

    return script


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda r: b"HTTP/1.1 401 No\r\nContent-Length: 11\r\n\r\nwrong token", Refused, "HTTP 401: wrong token"),
        (lambda r: b"HTTP/1.1 401 No\r\nContent-Length: 900\r\n\r\nwro", Refused, "HTTP 401: wro"),
        (lambda r: b"HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n", ConnectionLost, "HTTP 503: Full"),
        (lambda r: b"HTTP/1.1 200 OK\r\n\r\n", Refused, "HTTP 200: OK"),
        (lambda r: accept_head(r).replace(b"Accept: ", b"Accept: x") + b"\r\n", ConnectionLost, "Sec-WebSocket-Accept"),
        (lambda r: accept_head(r, "posewire.v1.json") + b"\r\n", ConnectionLost, "Sec-WebSocket-Protocol"),
        (lambda r: accept_head(r) + b"Sec-WebSocket-Extensions: x\r\n\r\n", ConnectionLost, "Extensions"),
        (lambda r: accept_head(r) + accept_head(r)[34:] + b"\r\n", ConnectionLost, "Sec-WebSocket-Accept"),
        (lambda r: accept_head(r) + b"x: " + b"y" * 100_000, ConnectionLost, "16384"),
        (lambda r: b"220 mail.example ESMTP\r\n", ConnectionLost, "no HTTP server"),
        (lambda r: bytes(range(256)) * 10, ConnectionLost, "no HTTP server"),
    ],
    ids=range(11),
)
def test_an_answer_that_opens_nothing_says_why(answer: Callable[[bytes], bytes], kind: type, words: str) -> None:
    limit_s = 1.0 if b"900" in answer(b"Sec-WebSocket-Key: x\r\n") else GENEROUS_S
    error = refused_by(answering(answer), limit_s)
    assert type(error) is kind
    assert words in str(error)


def test_a_handshake_byte_by_byte_has_one_deadline_for_all() -> None:
    def script(connection: socket.socket) -> None:
        request = read_request(connection)
        for byte in accept_head(request) + b"x: " + b"y" * 10_000:
            connection.sendall(bytes((byte,)))
            time.sleep(0.01)

    assert "in time" in str(refused_by(script, 0.5))


def test_a_server_that_never_answers() -> None:
    assert "in time" in str(refused_by(lambda connection: wait_for_end(connection), 0.3))


def test_nobody_there() -> None:
    with pytest.raises(ConnectionLost, match="refused"):
        connect(free_port())


def test_no_such_name() -> None:
    with pytest.raises(ConnectionLost, match=r"nobody\.invalid"):
        WebSocket(parse_address("nobody.invalid:1"), "", None, lambda: False)


def test_the_token_is_shown() -> None:
    heard: list[bytes] = []

    def script(connection: socket.socket) -> None:
        heard.append(read_request(connection))

    with raw_server(script) as server, pytest.raises(ConnectionLost):
        connect(server.port, token="secret")
    assert b"\r\nAuthorization: Bearer secret\r\n" in heard[0]


class Black:
    """A listening socket that never accepts, its queue full: connecting to it gets no answer at all."""

    def __enter__(self) -> int:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(0)
        self._fillers = [socket.socket() for _ in range(3)]
        for filler in self._fillers:
            filler.setblocking(False)
            filler.connect_ex(self._listening.getsockname())
        return self._listening.getsockname()[1]

    def __exit__(self, *_: object) -> None:
        for each in (*self._fillers, self._listening):
            each.close()


def test_a_black_hole_has_its_deadline() -> None:
    with Black() as port, pytest.raises(ConnectionLost, match=r"no answer|in time"):
        connect(port, 0.3)


@pytest.mark.parametrize("where", ["connecting", "handshake", "receiving"])
def test_it_stops_when_it_should(where: str) -> None:
    stop = threading.Event()
    waiting = threading.Timer(0.2, stop.set)
    waiting.start()
    if where == "connecting":
        with Black() as port, pytest.raises(Stopped):
            connect(port, GENEROUS_S, stop.is_set)
    elif where == "handshake":
        with raw_server(lambda c: wait_for_end(c)) as server, pytest.raises(Stopped):
            connect(server.port, GENEROUS_S, stop.is_set)
    else:
        with raw_server(opened(lambda c: wait_for_end(c))) as server:
            client = connect(server.port, GENEROUS_S, stop.is_set)
            with pytest.raises(Stopped):
                client.receive(in_time())
            client.close()
    waiting.join()


def test_a_server_that_reads_nothing_doesnt_hold_us_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posewire.feed.websocket.WRITE_LIMIT_S", 0.3)
    over = threading.Event()
    with raw_server(opened(lambda connection: over.wait(GENEROUS_S))) as server:
        client = connect(server.port)
        with pytest.raises(ConnectionLost, match="takes nothing"):
            for _ in range(200):
                client.send(bytes(500_000))
        client.close()
        over.set()


def test_goodbye_is_said() -> None:
    heard: list[bytes] = []
    with raw_server(opened(lambda connection: heard.append(wait_for_end(connection)))) as server:
        client = connect(server.port)
        client.close(1001, "over")
    assert unmask(heard[0]) == (CLOSE, struct.pack(">H", 1001) + b"over")


def test_a_goodbye_waits_a_moment_only() -> None:
    with raw_server(
        opened(lambda connection: [connection.sendall(raw_frame(BINARY, b"x")) for _ in range(10**6)])
    ) as s:
        client = connect(s.port)
        client.receive(in_time())
        client.close()  # in the middle of a flood: it ends


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_another_address_of_the_same_name_is_tried() -> None:
    # localhost is ::1 and 127.0.0.1 on most machines; the server listens on one of them.
    with raw_server(opened(lambda connection: connection.sendall(raw_frame(BINARY, b"hi")))) as server:
        client = WebSocket(parse_address(f"localhost:{server.port}"), "", None, lambda: False)
        assert client.receive(in_time()) == b"hi"
        client.close()
