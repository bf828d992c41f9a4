"""Nodes, relays and viewers as processes of their own, over a real nats-server."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection

from tests.harness import ServerProcess, metric, raw_client, receive_type, run_posewire, running_server, until
from tests.nats_server import NatsServer, nats_cluster, nats_server

pytestmark = pytest.mark.nats
LITE = ("--model", "lite")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    with nats_server(tmp_path) as server:
        yield server


def node(tmp_path: Path, url: str, name: str, *options: str):  # type: ignore[no-untyped-def]
    return running_server(tmp_path, *LITE, "--nats", url, "--node", name, *options)


def relay(tmp_path: Path, url: str, *options: str):  # type: ignore[no-untyped-def]
    return running_server(tmp_path, "--nats", url, *options, command="relay")


def streams(server: ServerProcess) -> dict[str, dict]:
    with urllib.request.urlopen(f"{server.url}streams") as answer:
        return {info["id"]: info for info in json.load(answer)["streams"]}


def healthy(server: ServerProcess) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}healthz") as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        assert error.code == 503, error
        return False


def frames(socket: ClientConnection, count: int) -> list[dict]:
    return [receive_type(socket, "frame", 20) for _ in range(count)]


def test_viewers_of_a_relay_see_what_viewers_of_the_node_see(tmp_path: Path, broker: NatsServer) -> None:
    with node(tmp_path, broker.url, "studio") as studio, relay(tmp_path, broker.url) as far:
        until(lambda: "studio.demo" in streams(far))
        told = streams(far)["studio.demo"]
        assert told | {"id": "demo", "node": "", "clock_error_us": None} == streams(studio)["demo"]
        assert told["node"] == "studio"
        query = "?subscribe=*&fields=image,world,bones,angles"
        with raw_client(studio, query) as near_socket, raw_client(far, query) as far_socket:
            near, there = {}, {}
            until(lambda: near.update(by_seq(near_socket)) or there.update(by_seq(far_socket)) or near.keys() & there)
            same = sorted(near.keys() & there)[0]
            assert there[same]["stream"] == "studio.demo"
            assert there[same]["poses"] == near[same]["poses"]  # to the bit
            # One machine, so one clock: what the relay makes of the node's is off by no more than it says.
            assert abs(there[same]["t_us"] - near[same]["t_us"]) <= told["clock_error_us"] + 200
            seen = [frame["seq"] for frame in frames(far_socket, 30)]
            assert seen == sorted(set(seen))
        assert healthy(far)
        assert metric(far, 'posewire_nats_frames_total{fate="shown",stream="studio.demo"}') > 30
        assert metric(studio, 'posewire_nats_frames_total{fate="sent",stream="demo"}') > 30
        assert studio.stop() == 0
        until(lambda: streams(far) == {})
        assert far.stop() == 0
    for log in (studio.log, far.log):
        assert "Traceback" not in log
        assert "connection was lost" not in log


def by_seq(socket: ClientConnection) -> dict[int, dict]:
    return {frame["seq"]: frame for frame in frames(socket, 5)}


def test_local_clients_go_on_whatever_becomes_of_nats(tmp_path: Path, broker: NatsServer) -> None:
    with node(tmp_path, broker.url, "studio") as studio, relay(tmp_path, broker.url) as far:
        until(lambda: "studio.demo" in streams(far))
        with raw_client(studio, "?subscribe=*") as near, raw_client(far, "?subscribe=*") as socket:
            frames(near, 5)
            frames(socket, 5)
            broker.kill()
            frames(near, 60)
            assert healthy(studio)
            lost = receive_type(socket, "status", 20)
            assert (lost["state"], lost["detail"].partition(":")[0]) == ("lost", "NATS is away")
            assert not healthy(far)  # a load balancer sends its viewers elsewhere
            broker.restart()
            while receive_type(socket, "status", 20)["state"] != "live":
                pass
            oldest_us = max(age_us(socket) for _ in range(30))
            assert oldest_us < 2_000_000  # nothing that had waited; benchmarks.nats measures it
            until(lambda: healthy(far))


def age_us(socket: ClientConnection) -> int:
    """Of the next frame; server, relay and test have one clock."""
    return time.monotonic_ns() // 1000 - receive_type(socket, "frame", 20)["t_us"]


def test_a_node_that_is_killed_and_started_again(tmp_path: Path, broker: NatsServer) -> None:
    with relay(tmp_path, broker.url) as far, raw_client(far, "?subscribe=*") as socket:
        with node(tmp_path, broker.url, "studio") as studio:
            frames(socket, 5)
            studio.stop(signal.SIGKILL)
            while (status := receive_type(socket, "status", 20))["state"] != "lost":
                pass
            assert status["detail"] == "node studio is out of reach"
        with node(tmp_path, broker.url, "studio"):
            while receive_type(socket, "status", 20)["state"] != "live":
                pass
            frames(socket, 5)


def test_viewers_of_a_relay_that_dies_go_on_with_another(tmp_path: Path, broker: NatsServer) -> None:
    with ExitStack() as stack:
        stack.enter_context(node(tmp_path, broker.url, "studio"))
        one, other = (stack.enter_context(relay(tmp_path, broker.url)) for _ in range(2))
        for far in (one, other):
            until(lambda far=far: "studio.demo" in streams(far))
        # As a load balancer does: to the first that is there.
        first = stack.enter_context(raw_client(one, "?subscribe=studio.demo"))
        before = frames(first, 5)[-1]
        one.stop(signal.SIGKILL)
        with raw_client(other, "?subscribe=studio.demo") as second:
            after = frames(second, 5)[0]
    assert after["seq"] > before["seq"]  # the node's own numbers: the viewer knows what it missed
    assert after["t_us"] > before["t_us"]


def test_the_ten_line_client_and_watch_know_no_difference(tmp_path: Path, broker: NatsServer) -> None:
    with node(tmp_path, broker.url, "studio"), relay(tmp_path, broker.url) as far:
        until(lambda: "studio.demo" in streams(far))
        watched = run_posewire("watch", far.ws, "--frames", "20", "--json", cwd=tmp_path)
        assert watched.returncode == 0, watched.stderr
        told = json.loads(watched.stdout.splitlines()[-1])
        assert told["frames"] >= 20


def test_two_nodes_and_streams_of_one_name(tmp_path: Path, broker: NatsServer) -> None:
    with ExitStack() as stack:
        for name in ("left", "right"):
            stack.enter_context(node(tmp_path, broker.url, name))
        far = stack.enter_context(relay(tmp_path, broker.url))
        until(lambda: set(streams(far)) == {"left.demo", "right.demo"})
        with raw_client(far, "?subscribe=*") as socket:
            seen: set[str] = set()
            until(lambda: seen.add(receive_type(socket, "frame", 20)["stream"]) or len(seen) == 2)


def test_a_cluster_that_loses_a_server_loses_no_viewer(tmp_path: Path) -> None:
    with nats_cluster(tmp_path) as servers:
        urls = [word for server in servers for word in ("--nats", server.url)]
        with (
            running_server(tmp_path, *LITE, *urls, "--node", "studio") as studio,
            running_server(tmp_path, *urls, command="relay") as far,
        ):
            until(lambda: "studio.demo" in streams(far))
            with raw_client(far, "?subscribe=*") as socket:
                for server in servers[:2]:
                    frames(socket, 10)
                    server.kill()
                    frames(socket, 60)
                    server.restart()
                    time.sleep(1)
                assert receive_type(socket, "frame", 20)
            assert healthy(studio)
            assert healthy(far)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("relay",), "a relay needs --nats URL, or POSEWIRE_NATS in the environment"),
        (
            ("relay", "--nats", "http://user:secret@host"),
            "'http://host' is no NATS server; it is like nats://HOST:4222",
        ),
        (("serve", "--node", "a"), "--node goes with --nats"),
        (("serve", "--nats", "nats://127.0.0.1:9", "--node", "a.b"), "a node can't be called 'a.b': letters, digits"),
        (("serve", "--nats", "nats://127.0.0.1:9", "--nats-creds", "none"), "--nats-creds none: there is no such file"),
    ],
)
def test_mistakes_are_told_in_a_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ended = run_posewire(*arguments, "--port", "0", cwd=tmp_path, env={"POSEWIRE_NATS": ""})
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert said in line
    assert "secret" not in line


def test_without_nats_a_node_serves_all_the_same(tmp_path: Path) -> None:
    with node(tmp_path, "nats://127.0.0.1:9", "studio") as studio, raw_client(studio, "?subscribe=*") as socket:
        frames(socket, 10)
        assert healthy(studio)
        until(lambda: "it is tried again until it works" in studio.log)
        assert studio.stop() == 0


def test_no_server_reads_nats_that_is_not_told_to(tmp_path: Path) -> None:
    code = "import sys, streamer.pipeline, streamer.cli; sys.exit('nats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
