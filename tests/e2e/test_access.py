"""Who gets in, and how much one of them can take, seen from outside."""

import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgpack
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.harness import ServerProcess, raw_client, receive_type, run_posewire, running_server

CONTROL, WATCHING = "c0ntrol-t0ken", "w4tching-t0ken"
TOKENS = {"POSEWIRE_TOKEN": CONTROL, "POSEWIRE_READ_TOKEN": WATCHING}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    arguments = ("--source", "browser", "--source", "demo", "--model", "lite", "--verbose")
    with running_server(tmp_path, *arguments, env=TOKENS) as server:
        yield server


def ask(
    server: ServerProcess, path: str, token: str | None, method: str = "GET", data: bytes | None = None
) -> tuple[int, dict]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(server.url.rstrip("/") + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or "{}")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def status_of(server: ServerProcess, path: str, token: str, source: str = "127.0.0.1") -> int:
    """Of an upgrade."""
    url = f"ws://127.0.0.1:{server.port}{path}?token={token}"
    try:
        with connect(url, source_address=(source, 0)):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def test_one_token_watches_the_other_controls(server: ServerProcess) -> None:
    assert server.token == CONTROL  # of the address that it prints
    wish = json.dumps({"mirror": True}).encode()
    status, problem = ask(server, "/settings/demo", WATCHING, "PATCH", wish)
    assert (status, problem["reason"]) == (403, "read_only")
    assert ask(server, "/settings", WATCHING)[1]["streams"]["demo"]["mirror"] is False
    assert ask(server, "/settings/demo", CONTROL, "PATCH", wish)[0] == 200
    assert ask(server, "/settings", WATCHING)[1]["streams"]["demo"]["mirror"] is True
    assert ask(server, "/settings", WATCHING)[1]["may_change"] is False
    assert ask(server, "/settings", CONTROL)[1]["may_change"] is True
    assert ask(server, "/cameras", WATCHING)[1]["may_publish"] is False
    assert status_of(server, "/publish/browser", WATCHING) == 403
    assert status_of(server, "/publish/browser", CONTROL) == 101
    with raw_client(server, f"?subscribe=demo&token={WATCHING}") as client:
        receive_type(client, "frame")


def test_guessing_is_stopped_for_who_guesses_alone(server: ServerProcess) -> None:
    with raw_client(server, f"?subscribe=demo&token={WATCHING}", source_address=("127.0.0.2", 0)) as inside:
        guesses = [status_of(server, "/stream", f"guess{n}", "127.0.0.2") for n in range(7)]
        assert guesses == [401] * 5 + [429] * 2
        assert status_of(server, "/stream", CONTROL, "127.0.0.2") == 429
        assert status_of(server, "/stream", CONTROL, "127.0.0.3") == 101
        receive_type(inside, "frame")  # who is in stays in


def test_no_token_is_ever_in_the_log(server: ServerProcess) -> None:
    """Of those shown, neither the right nor the wrong ones; --verbose or not."""
    wrong = "wr0ng-t0ken"
    guesses = [f"{wrong}-{number}" for number in range(5)]
    for token in (CONTROL, WATCHING, *guesses):
        for path in ("/", "/streams", "/nowhere", "/settings", "/metrics", "/invitation"):
            request = f"GET {path}?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            with socket.create_connection(("127.0.0.1", server.port), 5) as raw:
                raw.sendall(request.encode())
                assert raw.recv(100)
        for broken in ("GET /?token={} HTTP/9\r\n\r\n", "GET /stream?token={} HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), 5) as raw:
                raw.sendall(broken.format(token).encode())
                raw.recv(100)
        status_of(server, "/stream", token)
        status_of(server, "/publish/browser", token)
        ask(server, "/settings/demo", token, "PATCH", b"{not json")
        ask(server, "/settings/demo", token, "PATCH", json.dumps({"model": token + "?"}).encode())
    with raw_client(server, f"?subscribe=demo&token={CONTROL}", source_address=("127.0.0.9", 0)) as client:
        client.send(b"\xc1")
        receive_type(client, "error")
    assert server.stop() == 0
    assert "locked out" in server.log  # something was told
    for token in (CONTROL, WATCHING, wrong):
        assert token not in server.log


@pytest.mark.parametrize("options", [[], ["--tls", "auto"]], ids=["plain", "tls"])
def test_a_slow_handshake_is_closed_within_five_seconds(tmp_path: Path, options: list[str]) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    with running_server(tmp_path, "--model", "lite", *options, env=env) as server, ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(20)]
        begun_s = time.monotonic()
        for _ in range(6):
            for raw in slow[:10]:  # the others say nothing at all
                try:
                    raw.send(b"G" if not options else b"\x16")
                except OSError:
                    continue
            time.sleep(0.5)
        for raw in slow:
            try:
                while raw.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        assert 2 < time.monotonic() - begun_s < 5.5
        with socket.create_connection(("127.0.0.1", server.port), 5) as raw:
            if options:
                context = ssl.create_default_context(cafile=str(next(tmp_path.rglob("authority.pem"))))
                raw = context.wrap_socket(raw, server_hostname="127.0.0.1")
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            assert b" 200 " in raw.recv(100)
            raw.close()


def test_one_address_has_32_connections_and_others_are_unaffected(tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite") as server, ExitStack() as stack:
        for _ in range(32):
            client = stack.enter_context(connect(server.ws, source_address=("127.0.0.2", 0)))
            assert msgpack.unpackb(client.recv(5))["type"] == "hello"
        with pytest.raises(InvalidStatus) as refused, connect(server.ws, source_address=("127.0.0.2", 0)):
            pass
        assert refused.value.response.status_code == 429
        assert json.loads(refused.value.response.body)["reason"] == "connections_of_address"
        with raw_client(server, "?subscribe=*", source_address=("127.0.0.3", 0)) as other:
            receive_type(other, "frame")
    with running_server(tmp_path, "--model", "lite", "--max-per-address", "40") as server, ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(raw_client(server))


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        (["--token", "x", "--read-token", "x"], {}, "are the same"),
        (["--no-auth", "--read-token", "x"], {}, "--no-auth lets everyone in"),
        (["--read-token", " "], {}, "--read-token is empty"),
        ([], {"POSEWIRE_TOKEN": ""}, "--token is empty"),
        (["--max-per-address", "0"], {}, "'0' is not a number from 1 to 4096"),
        (["--trusted-proxy", "proxy.local"], {}, "'proxy.local' is not an IP address"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, arguments: list[str], env: dict[str, str], words: str) -> None:
    done = run_posewire("serve", "--port", "0", *arguments, cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert words in done.stderr
