"""Recordings as live streams, from outside: what comes is what was recorded, wherever one goes in it."""

import itertools
import json
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import msgpack
import pytest

from streamer.recording.reader import Recording
from tests.harness import ServerProcess, raw_client, receive, receive_type, run_posewire, running_server
from tests.recording.made import CAM, SIDE, STEP_US, T0_US, frame, frames, pose, write

FIELDS = "image,world,bones,rest,angles,image_raw,world_raw"


def made(path: Path, count: int = 60, finish: bool = True) -> Path:
    with path.open("xb") as output:
        write(output, frames(count), finish=finish)
    return path


def recorded(path: Path, stream: str) -> list[dict]:
    with Recording.open(path) as recording:
        return [msgpack.unpackb(one.data) for one in recording.messages(kinds=("frame",), streams=[stream])]


def intervals(found: list[dict]) -> list[int]:
    return [after["t_us"] - before["t_us"] for before, after in itertools.pairwise(found)]


def ask(
    server: ServerProcess, path: str, wish: object = None, method: str = "PATCH", token: str | None = None
) -> tuple[int, dict]:
    body = None if wish is None else json.dumps(wish).encode()
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"{server.url}{path}", body, headers, method=method if wish is not None else "GET")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def through(server: ServerProcess, stream: str = "*") -> list[dict]:
    """Every frame from the first to the end."""
    found = []
    with raw_client(server, f"?subscribe={stream}&fields={FIELDS}") as socket:
        while True:
            message = receive(socket)
            if message["type"] == "frame":
                found.append(message)
            elif message.get("state") == "ended":
                return found


def test_a_recorded_clip_comes_back_frame_for_frame_every_time(tmp_path: Path) -> None:
    take = tmp_path / "take.mcap"
    with running_server(tmp_path, "--model", "lite", "--smoothing", "kalman", "--record", str(take)) as server:
        with raw_client(server, f"?subscribe=*&fields={FIELDS}") as socket:
            for _ in range(60):
                receive_type(socket, "frame")
        assert server.stop() == 0
    kept = recorded(take, "demo")
    assert len(kept) >= 60
    rounds = []
    for _ in range(2):
        with running_server(tmp_path, "--source", str(take), "--pace", "max", "--no-loop") as server:
            [info] = ask(server, "streams")[1]["streams"]
            assert (info["id"], info["model"], info["smoothing"], info["width"]) == ("demo", "lite", "kalman", 720)
            rounds.append(through(server))
            assert server.stop(signal.SIGTERM) == 0
    for found in rounds:
        assert [one["poses"] for one in found] == [one["poses"] for one in kept]
        assert [one["size"] for one in found] == [one["size"] for one in kept]
        assert intervals(found) == intervals(kept)
        assert [one["seq"] for one in found] == list(range(1, len(kept) + 1))
    assert any("bones" in pose and "angles" in pose for one in kept for pose in one["poses"])


def test_in_real_time_it_goes_on_the_servers_clock_and_where_it_is_told_to(tmp_path: Path) -> None:
    take = made(tmp_path / "take.mcap", 90)
    kept = recorded(take, "cam")
    with running_server(tmp_path, "--source", f"dance={take}", "--speed", "2") as server:
        with raw_client(server, f"?subscribe=dance&fields={FIELDS}") as socket:
            found = [receive_type(socket, "frame") for _ in range(20)]
            assert all(one["sent_us"] >= one["t_us"] for one in found)
            status, standing = ask(server, "replay/dance", {"paused": True, "position_s": 2.0, "speed": 1})
            assert status == 200
            assert (standing["paused"], standing["speed"]) == (True, 1.0)
            assert 2.0 <= standing["position_s"] < 2.0 + STEP_US / 1e6  # or at the frame that is there
            assert (standing["duration_s"], standing["streams"]) == (89 * STEP_US / 1e6, ["dance"])
            while (told := receive(socket))["type"] != "status":
                found.append(told)
            assert (told["state"], told["detail"]) == ("live", "paused")
            shown = next(one for one in kept if one["t_us"] - kept[0]["t_us"] >= 2_000_000)
            while found[-1]["poses"] != shown["poses"]:
                found.append(receive_type(socket, "frame"))
            with raw_client(server, "?subscribe=*") as late:
                assert receive_type(late, "status")["detail"] == "paused"
            with pytest.raises(TimeoutError):
                receive_type(socket, "frame", 0.3)
            assert ask(server, "replay/dance", {"paused": False})[1]["paused"] is False
            after = [receive_type(socket, "frame") for _ in range(10)]
            assert [one["poses"] for one in after] == [one["poses"] for one in kept[kept.index(shown) + 1 :][:10]]
            assert intervals(after) == [STEP_US] * 9
            found += after
        assert all(step > 0 for step in intervals(found))
        numbers = [one["seq"] for one in found]
        assert numbers == sorted(set(numbers))
        status, problem = ask(server, "replay/dance", {"position_s": 3.5})
        assert (status, problem["detail"]) == (422, "position_s is 3.5; from 0 to 2.966637")
        assert ask(server, "replay/dance", {"speed": 20})[0] == 422
        assert ask(server, "replay/nobody", {"speed": 1})[0] == 404
        assert ask(server, "settings/dance", {"model": "lite"})[0] == 409
        assert ask(server, "settings")[1]["streams"] == {}
        status, health = ask(server, "healthz")
        assert (status, health["streams"], health["details"]["dance"]["camera"]) == (200, {"dance": "live"}, "live")
        metrics = urllib.request.urlopen(f"{server.url}metrics", timeout=10).read().decode()
        assert 'posewire_frames_captured_total{stream="dance"}' in metrics
        assert server.stop() == 0


def test_streams_of_a_recording_are_streams_of_the_server_and_keep_step(tmp_path: Path) -> None:
    take = tmp_path / "two.mcap"
    both = [*frames(30), *(frame(n, pose(9, n), stream="side", t_us=T0_US + n * STEP_US + 500) for n in range(1, 31))]
    with take.open("wb") as output:
        write(output, both, (CAM, SIDE))
    with running_server(
        tmp_path, "--source", str(take), "--source", "cam=demo", "--token", "all", "--read-token", "see"
    ) as server:
        assert set(ask(server, "replay", token="see")[1]["replays"]) == {"cam", "side"}
        assert ask(server, "replay/side", {"paused": True}, token="see")[0] == 403
        assert ask(server, "replay/side", {"paused": True}, token="all")[0] == 200
        standing = ask(server, "replay/cam", token="see")[1]
        assert (standing["paused"], standing["streams"]) == (True, ["cam", "side"])
        assert [one["id"] for one in ask(server, "streams", token="see")[1]["streams"]] == ["cam", "side", "cam-2"]


def test_a_cut_recording_is_replayed_up_to_the_cut(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mcap")
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    kept = recorded(cut, "cam")
    assert 10 < len(kept) < 60
    with running_server(tmp_path, "--source", str(cut), "--pace", "max", "--no-loop") as server:
        assert [one["poses"] for one in through(server)] == [one["poses"] for one in kept]
        assert server.log.count("it was cut off; it is replayed as far as it goes") == 1


def test_what_is_asked_in_vain_is_said_in_one_line(tmp_path: Path) -> None:
    take = made(tmp_path / "take.mcap")
    (tmp_path / "bad.mcap").write_bytes(take.read_bytes()[:300])
    (tmp_path / "not.mcap").write_bytes(b"\0" * 1000)
    for options, text in [
        (("--source", "take.mcap", "--smoothing", "kalman"), "--smoothing is for pictures; a recording is replayed as"),
        (("--source", "take.mcap", "--mirror"), "--mirror is for pictures"),
        (("--source", "take.mcap", "--start", "2"), "recording take.mcap can't start at 2 s; it has 1.96665 s"),
        (("--source", "take.mcap", "--speed", "0"), "'0' is not a number from 0.1 to 10"),
        (("--source", "take.mcap", "--speed", "2", "--pace", "max"), "--speed doesn't go with --pace max"),
        (("--speed", "2"), "--speed is for recordings (--source FILE.mcap)"),
        (("--source", "bad.mcap"), "bad.mcap"),
        (("--source", "not.mcap"), "not.mcap: it isn't an MCAP file"),
        (("--source", "none.mcap"), "none.mcap: No such file or directory"),
    ]:
        ended = run_posewire("serve", "--port", "0", *options, cwd=tmp_path)
        assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
        assert text in ended.stderr


def test_a_replay_can_be_recorded_again(tmp_path: Path) -> None:
    take, again = made(tmp_path / "take.mcap"), tmp_path / "again.mcap"
    options = ("--source", str(take), "--pace", "max", "--no-loop", "--record", str(again))
    with running_server(tmp_path, *options) as server:
        deadline = time.monotonic() + 20
        while ask(server, "healthz")[1]["streams"] != {"cam": "ended"}:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert server.stop() == 0
    first, second = recorded(take, "cam"), recorded(again, "cam")
    assert [one["poses"] for one in second] == [one["poses"] for one in first]
    assert intervals(second) == intervals(first)
