"""deploy/nats.conf and what it includes, in a real nats-server: who may do what, and what one client can cost."""

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from protocol import Time, decode, encode
from protocol.limits import MAX_PEOPLE, MAX_STREAMS
from streamer.nats import announcement, subjects
from streamer.nats.announcement import Announcement
from tests.deploy.site import Raw, Site, connected, tls_url
from tests.harness import running_server
from tests.nats_server import NatsServer, nats_server
from tests.recording.made import CAM, frame, frames, hello, pose, recording

pytestmark = pytest.mark.nats

OF_STUDIO = {f"posewire.v1.studio.{name}" for name in ("hello", "time", "cam.frame", "cam.status")}
OF_GYM = {f"posewire.v1.gym.{name}" for name in ("hello", "time", "cam.frame", "cam.status")}
WHO = "posewire.v1.who"
ELSEWHERE = {"posewire.v1.studio", "posewire.v2.studio.hello", "_INBOX.posewire.a.b", "_INBOX.a.b", "orders", "$SYS.a"}
WILDCARDS = {">", "*.v1.*.hello", "posewire.>", "posewire.v1.>", "posewire.v1.gym.>", "posewire.v1.*.time", "_INBOX.>"}
EVERY_NODE = {"posewire.v1.*.hello", "posewire.v1.*.*.status", "posewire.v1.*.*.frame"}
MAY_PUBLISH = {
    "studio": OF_STUDIO,
    "gym": OF_GYM,
    "relay": {"posewire.v1.studio.time", "posewire.v1.gym.time", WHO},
}
MAY_SUBSCRIBE = {
    "studio": {"posewire.v1.studio.hello", "posewire.v1.studio.time", WHO},
    "gym": {"posewire.v1.gym.hello", "posewire.v1.gym.time", WHO},
    "relay": EVERY_NODE
    | {"_INBOX.posewire.a.b"}
    | {subject for subject in OF_STUDIO | OF_GYM if not subject.endswith("time")},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[NatsServer]:
    with nats_server(site.folder, site.config) as server:
        yield server


@pytest.mark.parametrize("name", MAY_PUBLISH)
def test_each_may_publish_what_is_its_own_and_nothing_else(site: Site, server: NatsServer, name: str) -> None:
    let = set()
    with Raw(site, server, name) as client:
        for subject in OF_STUDIO | OF_GYM | ELSEWHERE | {WHO}:
            answers = client.say(f"PUB {subject} 0", "")
            assert answers in ([], [f"-ERR 'Permissions Violation for Publish to \"{subject}\"'"])
            if not answers:
                let.add(subject)
    assert let == MAY_PUBLISH[name]


@pytest.mark.parametrize("name", MAY_SUBSCRIBE)
def test_each_may_hear_what_it_needs_and_nothing_else(site: Site, server: NatsServer, name: str) -> None:
    let = set()
    with Raw(site, server, name) as client:
        for number, subject in enumerate(OF_STUDIO | OF_GYM | ELSEWHERE | EVERY_NODE | WILDCARDS | {WHO}):
            answers = client.say(f"SUB {subject} {number}")
            assert answers in ([], [f"-ERR 'Permissions Violation for Subscription to \"{subject}\"'"])
            if not answers:
                let.add(subject)
    assert let == MAY_SUBSCRIBE[name]


def test_a_node_answers_whoever_asked_and_once(site: Site, server: NatsServer) -> None:
    with Raw(site, server, "studio") as node, Raw(site, server, "relay") as relay:
        node.say("SUB posewire.v1.studio.time 1")
        relay.say("SUB _INBOX.posewire.a.* 1", "PUB posewire.v1.studio.time _INBOX.posewire.a.b 0", "")
        assert "_INBOX.posewire.a.b" in node.say()[0]
        assert node.say("PUB _INBOX.posewire.a.b 3", "now") == []
        assert relay.say()[-1] == "now"
        assert "Permissions Violation for Publish" in node.say("PUB _INBOX.posewire.a.b 3", "now")[0]


async def test_a_node_answers_to_no_subject_of_another(site: Site, server: NatsServer, tmp_path: Path) -> None:
    # The server would let the answer pass: who may answer, may answer anywhere.
    async with connected(site, tls_url(server), "relay") as relay:
        heard = await relay.subscribe("posewire.v1.gym.cam.frame")
        inbox = relay.new_inbox()
        answers = await relay.subscribe(inbox)
        with node(site, server, tmp_path, "studio"):
            await until_heard(relay, "studio")
            await relay.publish(subjects.time("studio"), encode(Time(1)), reply="posewire.v1.gym.cam.frame")
            await relay.publish(subjects.time("studio"), encode(Time(2)), reply=inbox)
            answer = decode((await answers.next_msg(5)).data)  # to the second, so the first was seen before
            assert isinstance(answer, Time)
            assert answer.t0_us == 2
        assert heard.pending_msgs == 0


async def test_whoever_isnt_known_or_has_no_tls_stays_out(site: Site, server: NatsServer) -> None:
    site.add_seed("stranger")
    with pytest.raises(Exception, match="Authorization Violation"):
        async with connected(site, tls_url(server), "stranger"):
            pass
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    assert b'"tls_required":true' in await reader.readline()
    writer.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
    assert b"PONG" not in await reader.read()  # to the end: it hangs up
    writer.close()


def test_what_a_node_says_at_most_fits(site: Site) -> None:
    limit = 1024 * int(re.findall(r"^max_payload: (\d+)KB", (site.folder / "nats-limits.conf").read_text(), re.M)[0])
    crowd = encode(frame(1, *(pose(id=id) for id in range(MAX_PEOPLE))))
    streams = hello(*[CAM] * MAX_STREAMS)
    announced = announcement.encode(Announcement("n" * 32, "r" * 12, streams))
    assert max(len(crowd), len(announced)) < limit


STUCK = """
import asyncio, ssl, sys, nats
async def main(url, ca, seed):
    tls = ssl.create_default_context(cafile=ca)
    client = await nats.connect(url, nkeys_seed=seed, tls=tls, allow_reconnect=False)
    count = 0
    async def take(message):
        nonlocal count
        count += 1
        if count == 1000:
            print("warm", flush=True)
    await client.subscribe("posewire.v1.*.*.frame", cb=take)
    await client.flush()
    print("ready", flush=True)
    await asyncio.Event().wait()
asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_relay_that_is_stuck_costs_a_few_megabytes_until_it_is_dropped(site: Site, tmp_path: Path) -> None:
    data = bytes(30_000)

    async def say(count: int) -> None:
        for _ in range(count):
            await node.publish("posewire.v1.studio.cam.frame", data)
            await node.flush()

    with nats_server(site.folder, site.config) as server:
        words = [tls_url(server), str(site.ca), str(site.seed("relay"))]
        relay = await asyncio.create_subprocess_exec(sys.executable, "-c", STUCK, *words, stdout=subprocess.PIPE)
        assert relay.stdout is not None
        try:
            assert await relay.stdout.readline() == b"ready\n"
            async with connected(site, tls_url(server), "studio") as node:
                await say(1000)
                assert await relay.stdout.readline() == b"warm\n"
                broker = psutil.Process(server.process.pid)
                before = most = broker.memory_info().rss
                relay.send_signal(signal.SIGSTOP)
                deadline = time.monotonic() + 60
                while "Slow Consumer" not in server.log:
                    assert time.monotonic() < deadline, server.log
                    await say(100)
                    most = max(most, broker.memory_info().rss)
                await say(100)
                most = max(most, broker.memory_info().rss)
                print(f"\nthe broker grew by {(most - before) / 1e6:.1f} MB")
                assert most - before < 8e6  # 64 MB would wait for it by default
        finally:
            relay.kill()
            await relay.wait()


def node(site: Site, server: NatsServer, folder: Path, name: str):  # type: ignore[no-untyped-def]
    """`posewire serve` of a small recording."""
    take = folder / "take.mcap"
    take.write_bytes(recording(frames(60)))
    return running_server(folder, "--source", f"cam={take}", "--node", name, *site.options(server, name))


async def until_heard(client, name: str) -> None:  # type: ignore[no-untyped-def]
    hellos = await client.subscribe(subjects.hello(name))
    await hellos.next_msg(30)
    await hellos.unsubscribe()
