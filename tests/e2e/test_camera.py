"""A browser as a camera, seen from outside: `--source browser`, a publisher at /publish/ID, and a client at /stream."""

import struct
import time

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from streamer.clock import now_us
from tests.harness import ServerProcess, raw_client, read_clip, receive, receive_type, running_server
from tests.publisher import as_jpegs, publishing


@pytest.fixture(scope="module")
def jpegs() -> list[bytes]:
    return as_jpegs(read_clip(count=90))


def receive_state(client, state: str) -> dict:
    while (message := receive_type(client, "status", 30))["state"] != state:
        pass
    return message


def landmarks(frame: dict) -> np.ndarray:
    return np.frombuffer(frame["poses"][0]["image"], "<f4").reshape(-1, 4)


def resident_mb(server: ServerProcess) -> float:
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def test_a_phones_pictures_become_landmarks_and_it_may_leave_and_come_back(tmp_path, jpegs) -> None:
    options = ("--source", "phone=browser", "--source", "demo", "--model", "lite")
    with running_server(tmp_path, *options) as server, raw_client(server, "?subscribe=phone&fields=image") as client:
        assert receive(client)["type"] == "subscribed"
        status = receive(client)
        assert (status["type"], status["state"]) == ("status", "lost")
        assert status["detail"] == "no camera connected; open /camera in a browser"
        people: list[np.ndarray] = []
        for _ in range(2):
            with publishing(server, "phone", jpegs):
                receive_state(client, "live")
                last_us = 0
                for _ in range(40):
                    frame = receive_type(client, "frame", 30)
                    assert last_us < frame["t_us"] <= now_us()  # one machine, one monotonic clock
                    assert frame["size"] == [480, 853]
                    last_us = frame["t_us"]
                    people += [landmarks(frame)] if frame["poses"] else []
            assert receive_state(client, "lost")["detail"] == status["detail"]
        assert len(people) > 60
        shoulders = np.array([person[11:13] for person in people])
        assert (shoulders[..., 3] > 0.5).mean() > 0.9  # the man of the clip is seen ...
        assert (np.ptp(shoulders[:, :, 0], axis=0) > 0.02).all()  # ... and moves
        assert server.stop() == 0
        assert server.log.count("stream phone: live") == 2


def test_silence_is_lost_and_a_picture_makes_it_live_again(tmp_path, jpegs) -> None:
    with running_server(tmp_path, "--source", "browser", "--model", "lite") as server:
        with raw_client(server, "?subscribe=*") as client:
            with connect(server.url.replace("http", "ws", 1) + "publish/browser") as phone:
                for _ in range(2):
                    phone.send(struct.pack("<Q", now_us()) + jpegs[0])
                    receive_state(client, "live")
                    assert "stalled: no picture for" in receive_state(client, "lost")["detail"]


def test_a_flood_is_thinned_out_and_makes_nothing_late(tmp_path, jpegs) -> None:
    with running_server(tmp_path, "--source", "browser", "--model", "lite") as server:
        with raw_client(server, "?subscribe=*&fields=image") as client:
            with publishing(server, "browser", jpegs, floods=True) as flood:
                ages, sizes, until = [], [], time.monotonic() + 6
                while time.monotonic() < until:
                    frame = receive_type(client, "frame", 30)
                    ages.append((now_us() - frame["t_us"]) / 1e6)
                    sizes.append(resident_mb(server))
                assert flood.closed is None
                assert flood.sent > 1.5 * len(ages)
    half = len(ages) // 2
    assert np.median(ages[half:]) < 1, ages  # a queue of what was sent would be seconds long by now
    assert max(sizes[half:]) < max(sizes[:half]) + 50


def test_bad_pictures_harm_nobody_else(tmp_path, jpegs) -> None:
    options = ("--source", "browser", "--source", "demo", "--model", "lite")
    bomb = bytearray(jpegs[0])
    at = bomb.index(b"\xff\xc0")
    bomb[at + 5 : at + 9] = b"\xff\xdc\xff\xdc"
    with running_server(tmp_path, *options) as server, raw_client(server, "?subscribe=demo") as client:
        before_mb = resident_mb(server)
        for data in (b"garbage", jpegs[0][:-900], bytes(bomb), b"\xff\xd8" + bytes(1_900_000)):
            with connect(server.url.replace("http", "ws", 1) + "publish/browser", close_timeout=2) as phone:
                phone.recv(10)
                for _ in range(10):
                    phone.send(struct.pack("<Q", now_us()) + data)
                    assert '"bad_picture"' in str(phone.recv(10))
                with pytest.raises(ConnectionClosed) as closed:
                    phone.recv(10)
                assert closed.value.rcvd.code == 1007
        with connect(server.url.replace("http", "ws", 1) + "publish/browser", close_timeout=2) as phone:
            phone.recv(10)
            phone.send(bytes(2_000_009))
            with pytest.raises(ConnectionClosed) as closed:
                phone.recv(10)
            assert closed.value.rcvd.code == 1009
        assert resident_mb(server) < before_mb + 100
        for _ in range(5):
            assert receive_type(client, "frame", 30)["stream"] == "demo"
        assert "Traceback" not in server.log
        assert "ERROR" not in server.log
        assert server.stop() == 0


def test_wrong_times_are_moved_to_where_they_can_be(tmp_path, jpegs) -> None:
    with running_server(tmp_path, "--source", "browser", "--model", "lite") as server:
        with raw_client(server, "?subscribe=*&fields=image") as client:
            with connect(server.url.replace("http", "ws", 1) + "publish/browser") as phone:
                last_us = 0
                for claimed_us in (0, 2**64 - 1, 0, now_us() - 60_000_000):
                    before_us = now_us()
                    phone.send(struct.pack("<Q", claimed_us) + jpegs[0])
                    frame = receive_type(client, "frame", 30)
                    assert max(before_us - 2_000_000, last_us + 1) <= frame["t_us"] <= now_us()
                    last_us = frame["t_us"]


def test_access_is_checked_as_for_the_stream(tmp_path) -> None:
    options = ("--source", "browser", "--model", "lite", "--token", "s3cret")
    with running_server(tmp_path, *options) as server:
        url = server.url.replace("http", "ws", 1) + "publish/browser"
        for address, options, status in [
            (url, {}, 401),
            (f"{url}?token=s3cret", {"origin": "http://evil.example"}, 403),
            (f"{url}2?token=s3cret", {}, 404),
        ]:
            with pytest.raises(InvalidStatus) as refused:
                connect(address, **options)  # type: ignore[arg-type]
            assert refused.value.response.status_code == status
        with connect(f"{url}?token=s3cret"):
            with pytest.raises(InvalidStatus) as refused:
                connect(f"{url}?token=s3cret")
            assert refused.value.response.status_code == 409
            assert server.stop() == 0  # whoever is connected doesn't hold it up
