"""deploy/haproxy.cfg before two real relays: only ports, names and the certificate replaced."""

import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.deploy.site import DEPLOY, Site
from tests.deploy.test_nats_ways import assert_frames_come, node
from tests.harness import ServerProcess, free_port, receive_type, running_server, until
from tests.nats_server import nats_server

pytestmark = [pytest.mark.nats, pytest.mark.haproxy]
ACCESS = ("--token", "a-secret", "--allow-host", "posewire.example", "--trusted-proxy", "127.0.0.1")


class Balancer:
    def __init__(self, folder: Path, site: Site, relays: list[ServerProcess]) -> None:
        self.port = free_port()
        self._trust = ssl.create_default_context(cafile=str(site.ca))
        files = [site.ca.parent / name for name in ("broker.pem", "broker-key.pem")]
        (folder / "posewire.pem").write_text("".join(file.read_text() for file in files))
        text = (DEPLOY / "haproxy.cfg").read_text()
        replaced = {"bind :443": f"bind 127.0.0.1:{self.port}", "/etc/ssl/posewire": str(folder)}
        for number, relay in enumerate(relays, 1):
            replaced[f"relay-{number} relay-{number}:8765"] = f"r{number} 127.0.0.1:{relay.port}"
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        self.config, self.log_path = folder / "haproxy.cfg", folder / "haproxy.log"
        self.config.write_text(text)

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self._request(path), context=self._trust) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def viewer(self):  # type: ignore[no-untyped-def]
        url = f"wss://127.0.0.1:{self.port}/stream?subscribe=*"
        options = {"compression": None, "max_queue": None, "close_timeout": 1}
        return connect(url, ssl=self._trust, additional_headers={"Authorization": "Bearer a-secret"}, **options)

    def _request(self, path: str) -> urllib.request.Request:
        return urllib.request.Request(
            f"https://127.0.0.1:{self.port}{path}", headers={"Authorization": "Bearer a-secret"}
        )


@contextmanager
def balanced(folder: Path, site: Site, relays: list[ServerProcess]) -> Iterator[Balancer]:
    haproxy = shutil.which("haproxy") or "/usr/sbin/haproxy"
    balancer = Balancer(folder, site, relays)
    subprocess.run([haproxy, "-c", "-f", balancer.config], check=True, capture_output=True)
    with balancer.log_path.open("w") as log:
        process = subprocess.Popen([haproxy, "-db", "-f", balancer.config], stdout=subprocess.DEVNULL, stderr=log)
    try:
        until(lambda: listens(balancer.port))
        yield balancer
    finally:
        process.terminate()
        process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def viewers(relay: ServerProcess) -> int:
    request = urllib.request.Request(relay.url + "metrics", headers={"Authorization": "Bearer a-secret"})
    with urllib.request.urlopen(request) as answer:
        lines = answer.read().decode().splitlines()
    return round(float(next(line for line in lines if line.startswith("posewire_clients ")).split()[1]))


def test_viewers_are_shared_out_and_no_one_goes_to_a_relay_without_nats(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with ExitStack() as stack:
        broker, other = (stack.enter_context(nats_server(site.folder, site.config)) for _ in range(2))
        for server in (broker, other):
            stack.enter_context(node(tmp_path, "studio", *site.options(server, "studio")))
        relays = [
            stack.enter_context(running_server(tmp_path, *ACCESS, *site.options(server, "relay"), command="relay"))
            for server in (broker, other)
        ]
        balancer = stack.enter_context(balanced(tmp_path, site, relays))
        until(lambda: balancer.status("/streams") == 200)
        open_now = [stack.enter_context(balancer.viewer()) for _ in range(4)]
        until(lambda: [viewers(relay) for relay in relays] == [2, 2])
        for viewer in open_now:
            assert receive_type(viewer, "frame")["stream"] == "studio.cam"
        assert balancer.status("/metrics") == 404
        other.kill()
        until(lambda: "relays/r2 is DOWN" in balancer.log_path.read_text())
        assert '"status":"degraded"' in health(relays[1])
        more = [stack.enter_context(balancer.viewer()) for _ in range(3)]
        for viewer in more:
            assert receive_type(viewer, "frame")["stream"] == "studio.cam"
        assert [viewers(relay) for relay in relays] == [5, 2]  # those it had stay
        other.restart()
        assert receive_type(open_now[0], "frame")
        until(lambda: "relays/r2 is UP" in balancer.log_path.read_text())
        stack.enter_context(balancer.viewer())
        until(lambda: [viewers(relay) for relay in relays] == [5, 3])


def test_a_lost_node_takes_no_relay_away(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with ExitStack() as stack:
        broker = stack.enter_context(nats_server(site.folder, site.config))
        relay = stack.enter_context(running_server(tmp_path, *site.options(broker, "relay"), command="relay"))
        with node(tmp_path, "studio", *site.options(broker, "studio")) as studio:
            assert_frames_come(relay, "studio.cam")
            studio.process.kill()
        until(lambda: '"studio.cam":"lost"' in health(relay))
        assert '"status":"ok"' in health(relay)


def health(server: ServerProcess) -> str:
    try:
        with urllib.request.urlopen(server.url + "healthz") as answer:
            return answer.read().decode().replace(": ", ":")
    except urllib.error.HTTPError as error:
        assert error.code == 503
        return error.read().decode().replace(": ", ":")
