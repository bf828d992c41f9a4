"""The Unity receiver's core: its NUnit tests, and its receiver against real and misbehaving servers, all under mono."""

import shutil
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection

from protocol import Frame, Subscribed, Time
from protocol.codec import decode, encode
from protocol.messages import Subscribe
from tests.clients.fake_server import HELLO, fake_server, subscribe
from tests.clients.mono import LIMIT_S, build, listening, tls_front
from tests.harness import running_server

pytestmark = pytest.mark.mono

UNITY = Path(__file__).resolve().parents[2] / "clients" / "unity"
NUNIT = Path("/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the core, its tests and the listener, compiled."""
    folder = tmp_path_factory.mktemp("unity-core")
    core = f"-r:{folder / 'Posewire.Core.dll'}"
    build(folder / "Posewire.Core.dll", UNITY / "Runtime" / "Core", "-target:library")
    build(folder / "Posewire.Core.Tests.dll", UNITY / "Tests" / "Core", "-target:library", core, f"-r:{NUNIT}")
    build(folder / "Listener.exe", UNITY / "Tests~" / "Console", core)
    shutil.copy(NUNIT, folder)
    return folder


def test_core(built: Path) -> None:
    command = ["nunit-console", "-nologo", "-xml:result.xml", "Posewire.Core.Tests.dll"]
    done = subprocess.run(command, cwd=built, capture_output=True, text=True, timeout=150, check=False)
    assert (built / "result.xml").exists(), done.stdout + done.stderr
    root = ElementTree.parse(built / "result.xml").getroot()
    failed = [case.get("name") for case in root.iter("test-case") if case.get("success") != "True"]
    assert not failed, f"{failed}\n{done.stdout}"
    assert int(root.get("total", "0")) > 150
    assert [root.get(key) for key in ("errors", "failures", "not-run", "inconclusive")] == ["0"] * 4
    assert done.returncode == 0


def test_frames_of_a_real_server_and_its_end_and_return(built: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite") as server, listening(built, server.url) as listener:
        port = server.port
        listener.state("Live")
        shown = listener.until(lambda line: line["received"] >= 60)
        assert (shown["stream"], shown["reason"]) == ("demo", "")
        assert shown["server"].startswith("posewire ")
        assert shown["rate"] > 0
        assert shown["latency_ms"] > 0
        assert 0 < shown["error_us"] < 1e6
        server.process.kill()
        lost = listener.state("Lost")
        assert lost["reason"]
        assert lost["seq"] is not None  # what was shown last is still there
        after = len(listener.lines)
        with running_server(tmp_path, "--model", "lite", port=port):
            listener.state("Live", after)
            again = listener.until(lambda line: line["received"] >= lost["received"] + 30, after)
            assert again["reason"] == ""
            listener.stop()


def test_token(built: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, "--token", "s3cret", "--model", "lite") as server:
        with listening(built, server.url, "wrong") as listener:
            assert listener.state("Refused")["reason"].startswith("401 ")
            assert "token" in listener.lines[-1]["reason"]
            listener.stop()
        with listening(built, server.url, "s3cret") as listener:
            listener.until(lambda line: line["received"] > 0)
            listener.stop()
        with listening(built, f"{server.url}?token=s3cret") as listener:
            listener.until(lambda line: line["received"] > 0)


def test_an_unknown_stream_and_path_are_refused(built: Path, tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite") as server:
        with listening(built, server.url, stream="nosuch") as listener:
            assert listener.state("Refused")["reason"] == "unknown_stream: no stream 'nosuch'; streams: demo"
        with listening(built, f"{server.url}nowhere") as listener:
            assert listener.state("Refused")["reason"].startswith("404")


@pytest.mark.parametrize(
    ("address", "token", "reason"),
    [
        ("ftp://host/", "", "'ftp://host/' is no address of a server; it looks like ws://HOST:PORT/"),
        ("host:1", "two words", "the token holds a character that isn't printable ASCII"),
    ],
)
def test_a_faulty_setting_is_refused_in_one_line(built: Path, address: str, token: str, reason: str) -> None:
    with listening(built, address, token) as listener:
        assert listener.state("Refused")["reason"] == reason
        listener.stop()


def test_nobody_there(built: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound, not listening: nobody else takes it meanwhile
        with listening(built, f"127.0.0.1:{free.getsockname()[1]}") as listener:
            assert "refused" in listener.state("Lost")["reason"]
            listener.stop()


@pytest.mark.parametrize(
    ("status", "kind", "body", "state", "reason"),
    [
        (200, "text/html", "<html>", "Refused", "200 is no answer of a Posewire server"),
        (302, "text/html", "<html>", "Refused", "302 is no answer of a Posewire server"),
        (403, "text/html", "<html>", "Refused", "403 Forbidden"),
        (403, "text/plain", "not\nfrom here", "Refused", "403 not from here"),
        (403, "application/problem+json", '{"title": "x", "detail": "not \\"here\\""}', "Refused", '403 not "here"'),
        (503, "text/plain", "4096 connections; as many as there may be", "Lost", "503 4096 connections"),
        (408, "text/plain", "too slow", "Lost", "408 too slow"),
        (429, "application/problem+json", '{"detail": "32 connections"}', "Lost", "429 32 connections"),
    ],
)
def test_an_answer_that_is_no_upgrade(built: Path, status: int, kind: str, body: str, state: str, reason: str) -> None:
    with answering(status, kind, body) as (port, _), listening(built, f"127.0.0.1:{port}") as listener:
        assert listener.state(state)["reason"].startswith(reason)
        listener.stop()


@contextmanager
def answering(status: int, kind: str, body: str, **headers: str) -> Iterator[tuple[int, list[float]]]:
    """An HTTP server with one answer to everything. Yields its port, and a list that gets the time of each request."""
    asked_s: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked_s.append(time.monotonic())
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked_s
        finally:
            server.shutdown()
            thread.join(10)


def test_a_server_that_asks_to_wait_is_asked_again_after_that(built: Path) -> None:
    words = "5 wrong tokens came from 192.0.2.1"
    with answering(429, "text/plain", words, **{"Retry-After": "2"}) as (port, asked_s):
        with listening(built, f"127.0.0.1:{port}") as listener:
            assert listener.state("Lost")["reason"] == f"429 {words}"
            # Each attempt asks twice: for the upgrade, and why there was none.
            listener.until(lambda _: len(asked_s) >= 4)
            assert asked_s[2] - asked_s[1] >= 1.9
            assert listener.lines[-1]["state"] == "Lost"
            listener.stop()


def test_a_wait_ends_when_it_is_told_to_stop(built: Path) -> None:
    with answering(429, "text/plain", "not now", **{"Retry-After": "99999"}) as (port, asked_s):
        with listening(built, f"127.0.0.1:{port}") as listener:
            listener.state("Lost")
            listener.stop()
    assert len(asked_s) == 2


def test_who_never_answers_is_lost_and_stopping_meanwhile_is_prompt(built: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        with listening(built, address) as listener:
            connection, _ = deaf.accept()
            assert listener.lines == [] or listener.lines[-1]["state"] == "Connecting"
            listener.stop()
            connection.close()
        with listening(built, address) as listener:
            assert listener.state("Lost")["reason"] == f"no answer from {address} in 5 s"


def test_wss_with_a_certificate_that_is_trusted_and_one_that_isnt(built: Path, tmp_path: Path) -> None:
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*make, "-days", "2", *subject], cwd=tmp_path, check=True, capture_output=True, timeout=LIMIT_S)
    name = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", "cert.pem"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    stranger, friend = tmp_path / "stranger", tmp_path / "friend"
    stranger.mkdir()
    # Where `cert-sync --user cert.pem` of mono-devel puts it.
    store = friend / ".config" / ".mono" / "new-certs" / "Trust"
    store.mkdir(parents=True)
    shutil.copy(tmp_path / "cert.pem", store / f"{name}.0")
    with running_server(tmp_path, "--model", "lite") as server, tls_front(tmp_path, server.port) as port:
        with listening(built, f"wss://localhost:{port}/", home=stranger) as listener:
            assert "certificate isn't accepted" in listener.state("Lost")["reason"]
            listener.stop()
        with listening(built, f"wss://localhost:{port}/", home=friend) as listener:
            listener.until(lambda line: line["received"] > 0)
            listener.stop()


def oversized(connection: ServerConnection) -> None:
    connection.send(bytes(2 << 20))


def oversized_in_pieces(connection: ServerConnection) -> None:
    connection.send(bytes(100_000) for _ in range(12))


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (lambda connection: connection.send(b"\xc1"), "the server sent something that isn't the protocol: "),
        (
            lambda connection: connection.send("hello"),
            "the server sent something that isn't the protocol: a text message",
        ),
        (lambda connection: connection.send(b""), "the server sent something that isn't the protocol: "),
        (lambda connection: connection.send(encode(Time(1, 2, 3))), "the first message isn't hello"),
        (oversized, "a message of over 1048576 bytes"),
        (oversized_in_pieces, "a message of over 1048576 bytes"),
        (
            lambda connection: connection.close(1011, "out of order"),
            "the server ended the connection (1011): out of order",
        ),
    ],
    ids=["garbage", "text", "empty", "no hello", "oversized", "oversized in pieces", "closed"],
)
def test_misbehaving_server(built: Path, misbehave: Callable[[ServerConnection], None], reason: str) -> None:
    with fake_server(misbehave) as (address, connections), listening(built, address) as listener:
        assert reason in listener.state("Lost")["reason"]
        listener.until(lambda _: len(connections) >= 2)  # and it goes on trying
        listener.stop()


def test_garbage_in_the_midst_ends_the_connection_and_the_next_is_good(built: Path) -> None:
    turns = iter([b"\xc1"])

    def talk(connection: ServerConnection) -> None:
        subscribe(connection)
        for garbage in turns:
            connection.send(garbage)

    with fake_server(talk) as (address, _), listening(built, address) as listener:
        assert listener.state("Lost")["reason"].endswith("not msgpack as it is used here: the reserved byte 0xc1")
        listener.state("Live", len(listener.lines) - 1)
        listener.stop()


def test_a_server_that_falls_silent_is_lost(built: Path) -> None:
    with fake_server(subscribe) as (address, _), listening(built, address) as listener:
        listener.state("Live")
        assert listener.state("Lost")["reason"] == "nothing came for 5 s"
    with fake_server(lambda _: None) as (address, _), listening(built, address) as listener:
        assert listener.state("Lost")["reason"] == "the server said nothing for 5 s"


def test_a_slow_display_gets_the_newest_and_fragments_are_put_together(built: Path) -> None:
    count = 500

    def talk(connection: ServerConnection) -> None:
        hello = encode(HELLO)
        connection.send([hello[:7], hello[7:100], hello[100:]])
        id = -1
        while id < 0:
            match decode(connection.recv()):
                case Subscribe(id=number):
                    id = number
        connection.send(encode(Subscribed(id, "cam", ("world",), tuple(range(33)), "f32")))
        for seq in range(count):
            frame = encode(Frame(id, "cam", seq, seq * 1000, seq * 1000, (640, 480), ()))
            connection.send([frame[:9], frame[9:]])
        while True:  # until it goes
            match decode(connection.recv()):
                case Time(t0_us=t0):
                    connection.send(encode(Time(t0, 1_000_000, 1_000_001)))

    with fake_server(talk) as (address, _), listening(built, address, pause_ms=3000) as listener:
        shown = listener.until(lambda line: line["received"] == count and line["event"] == "tick")
        assert shown["seq"] == count - 1
        listener.stop()
