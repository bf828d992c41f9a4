"""Nodes and relays with deploy/'s server: by key, password, credentials; over TLS; in a cluster; what is said."""

import re
import select
import signal
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.deploy.jwt import Operator
from tests.deploy.site import Site, tls_url
from tests.harness import ServerProcess, free_port, raw_client, receive_type, run_posewire, running_server, until
from tests.nats_server import NatsServer, nats_server
from tests.recording.made import frames, recording

pytestmark = pytest.mark.nats

PASSWORD = "Correct-Horse"
HASH = "$2b$04$wt9GRIxZftrO4.XUh3N52eMcYapDgwXubPg33.EHajzNpIXcupMGm"
WRONG = "Wrong-Horse"
WRONG_HASH = "$2b$04$28M1C39gU8.HHEWQUMnL.ONWMdFNkvBRx.gbfk4S08obOw.ZQ0Qx."


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@contextmanager
def node(folder: Path, name: str, *options: str, env: dict[str, str] | None = None) -> Iterator[ServerProcess]:
    """`posewire serve` of a small recording."""
    take = folder / "take.mcap"
    take.write_bytes(recording(frames(60)))
    with running_server(folder, "--source", f"cam={take}", "--node", name, *options, env=env) as server:
        yield server


def assert_frames_come(relay: ServerProcess, stream: str) -> None:
    until(lambda: stream in urllib.request.urlopen(relay.url + "streams").read().decode())
    with raw_client(relay, f"?subscribe={stream}") as viewer:
        assert receive_type(viewer, "frame")["stream"] == stream


def let_in_by_password(site: Site, user: str, hash: str = HASH) -> None:
    site.replace("nats-users.conf", f"    # {{ user: {user}", f"    {{ user: {user}")
    with (site.folder / "nats-keys.conf").open("a") as keys:
        keys.write(f'{user.upper()}_PASSWORD: "{hash}"\n')


def test_by_key(site: Site, tmp_path: Path) -> None:
    with nats_server(site.folder, site.config) as server, ExitStack() as stack:
        stack.enter_context(node(tmp_path, "studio", *site.options(server, "studio")))
        relay = stack.enter_context(running_server(tmp_path, *site.options(server, "relay"), command="relay"))
        assert_frames_come(relay, "studio.cam")
        assert "permission" not in server.log.lower()  # nothing that they need is refused


def test_by_password(site: Site, tmp_path: Path) -> None:
    let_in_by_password(site, "gym")
    let_in_by_password(site, "relay")
    with nats_server(site.folder, site.config) as server, ExitStack() as stack:
        gym, relay = ({"POSEWIRE_NATS": tls_url(server, f"{user}:{PASSWORD}")} for user in ("gym", "relay"))
        stack.enter_context(node(tmp_path, "gym", "--nats-ca", str(site.ca), env=gym))
        served = stack.enter_context(running_server(tmp_path, "--nats-ca", str(site.ca), command="relay", env=relay))
        assert_frames_come(served, "gym.cam")


def test_by_credentials(site: Site, tmp_path: Path) -> None:
    operator = Operator()
    own, files = "posewire.v1.studio", {name: tmp_path / f"{name}.creds" for name in ("studio", "relay")}
    hear = ["posewire.v1.*.hello", "posewire.v1.*.*.status", "posewire.v1.*.*.frame", "_INBOX.posewire.>"]
    files["relay"].write_text(operator.credentials("relay", ["posewire.v1.*.time", "posewire.v1.who"], hear))
    hear = [f"{own}.hello", f"{own}.time", "posewire.v1.who"]
    files["studio"].write_text(operator.credentials("studio", [f"{own}.>"], hear, answers=1))
    config = site.config.replace('include "nats-users.conf"', operator.config)
    assert config != site.config
    with nats_server(site.folder, config) as server, ExitStack() as stack:
        options = ["--nats", tls_url(server), "--nats-ca", str(site.ca), "--nats-creds"]
        stack.enter_context(node(tmp_path, "studio", *options, str(files["studio"])))
        relay = stack.enter_context(running_server(tmp_path, *options, str(files["relay"]), command="relay"))
        assert_frames_come(relay, "studio.cam")
        assert "permission" not in server.log.lower()


def test_a_wrong_password_is_told_once_and_costs_the_clients_here_nothing(site: Site, tmp_path: Path) -> None:
    let_in_by_password(site, "gym")
    with nats_server(site.folder, site.config) as server:
        env = {"POSEWIRE_NATS": tls_url(server, f"gym:{WRONG}")}
        with node(tmp_path, "gym", "--verbose", "--nats-ca", str(site.ca), env=env) as served:
            until(lambda: server.log.count("authentication error") >= 3)
            with raw_client(served, "?subscribe=*") as viewer:
                receive_type(viewer, "frame")
            lines = [line for line in served.log.splitlines() if "NATS" in line]
            assert len(lines) == 1
            assert "eof_received" not in served.log
            assert lines[0].endswith("NATS: Authorization Violation; it is tried again until it works")
            site.replace("nats-keys.conf", HASH, WRONG_HASH)
            server.process.send_signal(signal.SIGHUP)  # nats-server --signal reload
            until(lambda: "NATS: connected" in served.log)
            told = served.log + "".join(read(served, path) for path in ("metrics", "healthz", "streams"))
            assert WRONG not in told


def test_a_server_that_another_authority_vouches_for_is_none(site: Site, tmp_path: Path) -> None:
    other = Site(tmp_path / "other")
    options = ["--nats-ca", str(other.ca), "--nats-nkey", str(site.seed("studio"))]
    with nats_server(site.folder, site.config) as server:
        with node(tmp_path, "studio", "--nats", tls_url(server), *options) as served:
            until(
                lambda: (
                    server.log.count("TLS handshake error: remote error: tls")
                    + server.log.count("handshake error: EOF")
                    >= 4
                )
            )
            lines = [line for line in served.log.splitlines() if "NATS" in line]
            assert len(lines) == 1
            assert "certificate verify failed" in lines[0]


@pytest.mark.parametrize("scheme", ["nats", "tls"])
def test_a_server_without_tls_is_told_nothing(site: Site, tmp_path: Path, scheme: str) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_pose_as_plain, args=(listening, heard), daemon=True).start()
        url = f"{scheme}://gym:{PASSWORD}@127.0.0.1:{listening.getsockname()[1]}"
        with node(tmp_path, "gym", "--nats-ca", str(site.ca), env={"POSEWIRE_NATS": url}) as served:
            until(lambda: len(heard) >= 3)
            lines = [line for line in served.log.splitlines() if "NATS" in line]
    assert set(heard) == {b""}
    assert len(lines) == 1
    assert "the server doesn't ask for TLS, so it isn't told who we are; it is tried again" in lines[0]


def _pose_as_plain(listening: socket.socket, heard: list[bytes]) -> None:
    """A server that says it needs no TLS, and notes what each client tells it."""
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client:
            client.sendall(b'INFO {"server_id":"N","version":"2.9.0","max_payload":65536,"auth_required":true}\r\n')
            ready, _, _ = select.select([client], [], [], 3)
            heard.append(client.recv(4096) if ready else b"silence")


def test_three_servers_stand_in_for_one_another(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster(site, monkeypatch) as servers, ExitStack() as stack:
        first_two = [word for server in servers[:2] for word in ("--nats", tls_url(server))]
        own = ["--nats-ca", str(site.ca), "--nats-nkey"]
        stack.enter_context(node(tmp_path, "studio", *site.options(servers[2], "studio")))
        gym = stack.enter_context(node(tmp_path, "gym", *first_two, *own, str(site.seed("gym"))))
        relay = stack.enter_context(running_server(tmp_path, *site.options(servers[2], "relay"), command="relay"))
        for stream in ("studio.cam", "gym.cam"):
            assert_frames_come(relay, stream)
        port = int(re.findall(r"NATS: connected to tls://127\.0\.0\.1:(\d+)", gym.log)[0])
        next(server for server in servers if server.port == port).kill()
        until(lambda: gym.log.count("NATS: connected") >= 2)
        assert_frames_come(relay, "gym.cam")


def test_only_a_server_with_a_certificate_joins(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Site(tmp_path / "other")
    with cluster(site, monkeypatch) as servers:
        route = re.findall(r"route connections on 127\.0\.0\.1:(\d+)", servers[0].log)[0]
        files = f'cert_file: "{other.ca.parent}/broker.pem", key_file: "{other.ca.parent}/broker-key.pem"'
        tls = f'tls {{ {files}, ca_file: "{site.ca}" }}'
        joined = f'cluster {{ name: posewire, listen: "127.0.0.1:{free_port()}", routes: ["nats://127.0.0.1:{route}"]'
        with nats_server(tmp_path, f"server_name: stranger\n{joined}, {tls} }}") as stranger:
            until(lambda: "TLS route handshake error" in servers[0].log + stranger.log)
            until(lambda: "Router connection closed" in stranger.log)
        assert all("stranger" not in server.log for server in servers)


@contextmanager
def cluster(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[NatsServer]]:
    """deploy/nats-cluster on loopback, complete."""
    routes = [free_port() for _ in range(3)]
    site.replace("nats-cluster/broker.conf", '"certificates/', f'"{site.folder}/certificates/')
    for number, route in enumerate(routes, 1):
        site.replace("nats-cluster/broker.conf", f"broker-{number}:6222", f"127.0.0.1:{route}")
    text = (site.folder / "nats-cluster" / "broker.conf").read_text()
    with ExitStack() as stack:
        servers = []
        for number, route in enumerate(routes, 1):
            monkeypatch.setenv("BROKER", f"broker-{number}")
            config = text.replace("0.0.0.0:6222", f"127.0.0.1:{route}")
            assert config != text
            servers.append(stack.enter_context(nats_server(site.folder / "nats-cluster", config)))
        until(lambda: all(len(set(re.findall(r"rid:(\d+) - Route connection", s.log))) >= 2 for s in servers))
        yield servers


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--nats", "http://me:Hidden-1@a"], "'http://a' is no NATS server; it is like nats://HOST:4222"),
        (["--nats", "nats://me:Hidden-1@"], "'nats://' is no NATS server"),
        (["--nats", "nats://me:Hidden-1@a:x"], "'nats://a:x' is no NATS server"),
        (["--nats", "nats://me:Hidden-1@a:99999"], "'nats://a:99999' is no NATS server"),
        (["--nats", "me:Hidden-1@a"], "'a' is no NATS server"),
        (["--nats", "nats://me:Hid/den-1@a"], "is no NATS server"),
        (["--nats", "nats://a", "--nats-creds", "none.creds"], "--nats-creds none.creds: there is no such file"),
        (["--nats", "nats://a", "--nats-creds", "text"], "--nats-creds text: it holds no credentials as nsc"),
        (["--nats", "nats://a", "--nats-nkey", "none.nk"], "--nats-nkey none.nk: there is no such file"),
        (["--nats", "nats://a", "--nats-nkey", "text"], "--nats-nkey text: it holds no NKey seed (SU...)"),
        (["--nats", "nats://a", "--nats-ca", "none.pem"], "--nats-ca none.pem: No such file or directory"),
        (["--nats", "nats://a", "--nats-ca", "text"], "--nats-ca text: "),
        (["--nats", "nats://a", "--nats-nkey", "text", "--nats-creds", "text"], "one is needed"),
        (["--nats-ca", "text"], "--nats-ca goes with --nats"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "relay"])
def test_what_cant_be_used_is_one_line_without_secrets(
    tmp_path: Path, command: str, options: list[str], expected: str
) -> None:
    (tmp_path / "text").write_text("Hidden-1")
    done = run_posewire(command, "--port", "0", *options, cwd=tmp_path, timeout_s=20)
    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert not re.search("Hid", done.stderr + done.stdout)


@pytest.mark.parametrize(("name", "shown"), [("n" * 33, "n" * 33), ("a.b", "a.b"), ("", "")])
def test_a_name_that_no_node_can_have(tmp_path: Path, name: str, shown: str) -> None:
    done = run_posewire("serve", "--port", "0", "--nats", "nats://127.0.0.1:1", "--node", name, cwd=tmp_path)
    assert done.returncode == 2
    assert f"a node can't be called '{shown}': letters, digits, - and _, 32 at most" in done.stderr
    assert done.stderr.count("\n") == 1


def read(server: ServerProcess, path: str) -> str:
    with urllib.request.urlopen(server.url + path) as answer:
        return answer.read().decode()
