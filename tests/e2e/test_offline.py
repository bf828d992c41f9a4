"""Offline, proven: what the kernel saw the server do on the network, and a server that has no network at all."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import raw_client, receive_type, running_server

# Calls that send somewhere or ask for a connection. `sendto` on a connected socket shows no address and is covered by
# its `connect`.
TRACED = "connect,sendto,sendmsg,sendmmsg,bind"
INET = re.compile(r"sa_family=AF_INET6?, .*?(?:inet_addr\(\"([^\"]+)\"\)|inet_pton\(AF_INET6, \"([^\"]+)\")")

pytestmark = pytest.mark.witness


def addresses(trace: str) -> set[str]:
    """Every internet address in a trace."""
    return {v4 or v6 for v4, v6 in INET.findall(trace)}


def need(tool: str) -> str:
    path = shutil.which(tool)
    assert path, f"no {tool} on the PATH; on Debian: apt-get install {'strace' if tool == 'strace' else 'util-linux'}"
    return path


def test_the_witness_would_see_a_connection(tmp_path: Path) -> None:
    """The check itself is checked: a lookup and a connection that are made do show up in the trace."""
    trace = tmp_path / "trace"
    code = (
        "import socket\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 53))\n"
        "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
        "try: s.sendto(b'x', ('2001:db8::1', 9))\n"
        "except OSError: pass\n"
    )
    command = [need("strace"), "-f", "-qq", "-e", f"trace={TRACED}", "-o", str(trace), sys.executable, "-c", code]
    subprocess.run(command, check=True)
    assert addresses(trace.read_text()) >= {"192.0.2.1", "2001:db8::1"}


@pytest.mark.parametrize("engine", ["mediapipe", "openvino"])
def test_no_process_of_the_server_talks_to_anything_but_loopback(engine: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    prefix = [need("strace"), "-f", "-qq", "--seccomp-bpf", "-e", f"trace={TRACED}", "-o", str(trace)]
    with running_server(tmp_path, "--engine", engine, prefix=prefix) as server:
        with raw_client(server, "?subscribe=*") as client:
            frames = [receive_type(client, "frame", 30) for _ in range(240)]
        assert any(frame["poses"] for frame in frames)
        (child,) = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        subprocess.run(["kill", "-TERM", child], check=True)
        assert server.process.wait(20) == 0
    text = trace.read_text()
    assert "bind(" in text  # the trace is not empty: it saw the server listen
    assert addresses(text) <= {"127.0.0.1"}, addresses(text)
    assert "/run/systemd/resolve" not in text
    assert "nscd" not in text


def test_everything_works_with_loopback_as_the_only_network(tmp_path: Path) -> None:
    """Server and client in a network namespace of their own, where nothing but loopback exists."""
    script = (
        "ip link set lo up 2>/dev/null || ifconfig lo up; "
        f"{sys.executable} -m streamer serve --port 8765 --model lite & server=$!; "
        f"for i in $(seq 60); do {sys.executable} -m streamer watch ws://127.0.0.1:8765 --frames 60 --json && break; "
        "sleep 0.5; done; kill -TERM $server; wait $server; echo status $?"
    )
    command = [need("unshare"), "--net", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False)
    assert '"frames": 60' in done.stdout, done.stderr
    assert "posewire ready http://127.0.0.1:8765/" in done.stdout
    assert done.stdout.rstrip().endswith("status 0")
