import errno
import os
import socket
import subprocess
import sys

import pytest

from streamer.doctor.ports import check_connections, check_port, who_listens
from streamer.errors import UsageError
from streamer.server import server


def listening(host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket()
    sock.bind((host, 0))
    sock.listen()
    return sock


def test_a_free_port_and_a_taken_one() -> None:
    with listening() as sock:
        port = sock.getsockname()[1]
        [found] = check_port("127.0.0.1", port)
        assert found.level == "problem"
        assert found.text.startswith(f"127.0.0.1 port {port} is taken by ")
        assert f"(process {os.getpid()})" in found.text
        assert "--port" in found.todo
    [found] = check_port("127.0.0.1", port)
    assert (found.level, found.text) == ("ok", f"127.0.0.1 port {port} is free")
    assert check_port("127.0.0.1", 0)[0].level == "ok"


def test_who_listens_is_told_without_its_options() -> None:
    code = (
        "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
        "print(s.getsockname()[1], flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "--token", "s3cret"], stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            told = who_listens(port)
        finally:
            other.kill()
    assert told == f"{os.path.basename(sys.executable)} (process {other.pid})"
    assert who_listens(port) == ""


def test_an_address_that_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    [found] = check_port("203.0.113.9", 8765)
    assert (found.level, found.text) == ("problem", "203.0.113.9 is no address of this machine")

    def refuse(host: str, port: int) -> socket.socket:
        raise UsageError(f"can't listen on {host!r}: Name or service not known")

    monkeypatch.setattr(server, "listen", refuse)
    [found] = check_port("studio", 8765)
    assert (found.level, found.text) == ("problem", "can't listen on 'studio': Name or service not known")
    assert "--host" in found.todo


def test_a_port_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(server.socket, "socket", type("Guarded", (socket.socket,), {"bind": bind}))
    [found] = check_port("127.0.0.1", 80)
    assert (found.level, found.text) == ("problem", "you may not listen on port 80")


def test_fewer_files_than_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    for limits, level, todo in [
        ((1024, 1_000_000), "ok", ""),
        ((1024, 1024), "note", "LimitNOFILE="),
        ((65536, 65536), "ok", ""),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), "ok", ""),
    ]:
        monkeypatch.setattr(resource, "getrlimit", lambda kind, limits=limits: limits)
        [found] = check_connections()
        assert found.level == level
        assert todo in found.todo
