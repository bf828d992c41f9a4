import json
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from benchmarks.humanoid import random_pose
from protocol.skeleton import BONES
from streamer.export.gltf import FORMAT
from streamer.export.performance import Performance
from streamer.solver.quaternion import Array
from tests.browser import WEB, browse
from tests.clients.test_blender import inside
from tests.export.blender import SCRIPT
from tests.takes import make_content, make_take, perform, pick, with_gap

HERE = Path(__file__).parent / "gltf"
POSES = random_pose(np.random.default_rng(2), 40)


def write(performance: Performance) -> bytes:
    [content] = make_content(FORMAT, performance).values()
    return content


def poses() -> tuple[Array, Array]:
    return POSES, np.tile([0.4, -0.3, -3.0], (len(POSES), 1))


def late_with_gap() -> Performance:
    take = with_gap(make_take(), 50, 80)
    track = take.tracks[1]
    take.tracks[1] = pick(track, track.t_us >= take.t_us[30])
    return perform(take)


def document(content: bytes) -> dict:
    magic, version, size = struct.unpack_from("<4sII", content)
    assert (magic, version, size) == (b"glTF", 2, len(content))
    (length,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + length])


def accessor(content: bytes, number: int) -> np.ndarray:
    gltf = document(content)
    one = gltf["accessors"][number]
    view = gltf["bufferViews"][one["bufferView"]]
    (length,) = struct.unpack_from("<I", content, 12)
    start = 20 + length + 8 + view["byteOffset"]
    return np.frombuffer(content[start : start + view["byteLength"]], "<f4").reshape(one["count"], -1)


def test_nodes_are_the_bones() -> None:
    gltf = document(write(perform(make_take())))
    assert [node["name"] for node in gltf["nodes"]] == [*BONES, "person 1"]
    assert gltf["nodes"][-1] == {"name": "person 1", "mesh": 0, "skin": 0}
    assert len(gltf["animations"][0]["channels"]) == len(BONES) + 1


def test_a_rate_that_is_no_whole_number() -> None:
    content = write(perform(make_take(), 29.97))
    [animation] = document(content)["animations"]
    assert animation["extras"]["fps"] == 29.97
    times = accessor(content, animation["samplers"][0]["input"])[:, 0]
    assert times == pytest.approx(np.arange(120) / 29.97, abs=1e-6)


def test_times_are_those_of_the_take_and_a_gap_is_held() -> None:
    content = write(late_with_gap())
    [animation] = document(content)["animations"]
    times = accessor(content, animation["samplers"][0]["input"])[:, 0]
    frames = [*range(30, 50), 79, *range(80, 120)]
    assert times == pytest.approx(np.array(frames) / 30, abs=1e-6)
    for sampler in animation["samplers"]:
        values = accessor(content, sampler["output"])
        assert (values[20] == values[19]).all()
        assert np.isfinite(values).all()
    assert animation["extras"] == {"fps": 30, "gaps_s": [[pytest.approx(50 / 30), pytest.approx(80 / 30)]]}


@pytest.mark.browser
@pytest.mark.parametrize("performance", [perform(make_take()), perform(make_take(poses)), late_with_gap()])
def test_the_validator_has_nothing_to_say(performance: Performance, tmp_path: Path) -> None:
    path = tmp_path / "take.glb"
    path.write_bytes(write(performance))
    command = ["node", str(HERE / "validate.mjs"), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    report = json.loads(result.stdout)
    assert report["issues"]["messages"] == []
    assert report["info"]["hasSkins"]
    assert report["info"]["animationCount"] == 1


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_three_js_moves_it_as_the_solver_did(tmp_path: Path) -> None:
    (tmp_path / "viewer.html").symlink_to(HERE / "viewer.html")
    (tmp_path / "three").symlink_to(WEB / "node_modules" / "three")
    performance = late_with_gap()
    (tmp_path / "take.glb").write_bytes(write(performance))
    [motion] = performance.motions
    truth = performance.stage.joints(motion)[motion.held]
    with served(tmp_path) as url, browse(f"{url}/viewer.html?file=take.glb", width=480, height=540) as page:
        page.until("window.pose !== undefined", 30_000)
        assert page.ask("duration") == pytest.approx(119 / 30, abs=1e-5)
        for frame in (30, 37, 49, 60, 79, 80, 100, 119):
            found = page.ask(f"pose({frame / 30})")
            joints = np.array([found["joints"][bone] for bone in BONES])
            assert joints == pytest.approx(truth[frame - 30], abs=1e-4), frame
            low, high = np.array(found["box"])
            assert abs(low[1]) < 0.08
            assert 1.4 < high[1] - low[1] < 1.9
        page.shoot(tmp_path / "take.png")
        assert page.do("seen.errors") == []


@pytest.mark.blender
@pytest.mark.timeout(600)
def test_blender_has_the_joints_where_the_solver_has_them(tmp_path: Path) -> None:
    performance = perform(make_take(poses))
    (tmp_path / "take.glb").write_bytes(write(performance))
    inside(tmp_path, str(SCRIPT), "take.glb", "joints.npz")
    found = np.load(tmp_path / "joints.npz")
    order = [found["names"].tolist().index(bone) for bone in BONES]
    x, y, z = np.moveaxis(found["joints"][:, order], -1, 0)
    truth = performance.stage.joints(performance.motions[0])
    assert np.abs(np.stack([x, z, -y], axis=-1) - truth).max() < 1e-4
