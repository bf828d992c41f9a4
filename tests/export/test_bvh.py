import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.humanoid import X, Y, random_pose, turn, walk
from protocol.skeleton import BONES, PARENTS
from streamer.export.bvh import FORMAT, euler_zxy
from streamer.export.performance import Performance
from streamer.export.stage import rest
from streamer.solver.quaternion import Array, about, angle_between, multiply
from tests.clients.test_blender import inside
from tests.export.blender import SCRIPT
from tests.takes import make_content, make_take, perform, pick, with_gap


def write(performance: Performance) -> str:
    [content] = make_content(FORMAT, performance).values()
    return content.decode()


def read(text: str) -> tuple[list[str], list[int], Array, Array, float]:
    """Names, parents, offsets (B, 3), numbers (K, channels) and seconds a frame, of the joints that have channels."""
    names, parents, offsets, above = [], [], [], []
    hierarchy, motion = text.split("MOTION\n")
    for line in hierarchy.splitlines():
        match line.split():
            case ["ROOT" | "JOINT", name]:
                names.append(name)
                parents.append(above[-1] if above else -1)
                above.append(len(names) - 1)
            case ["End", "Site"]:
                above.append(-2)
            case ["OFFSET", *place]:
                if above[-1] >= 0:
                    offsets.append([float(number) for number in place])
            case ["CHANNELS", count, *channels]:
                assert len(channels) == int(count)
                assert channels[-3:] == ["Zrotation", "Xrotation", "Yrotation"]
            case ["}"]:
                above.pop()
    frames, step, *rows = motion.splitlines()
    assert frames == f"Frames: {len(rows)}"
    return names, parents, np.array(offsets), np.array([line.split() for line in rows], float), float(step.split()[-1])


def joints(text: str) -> Array:
    """(K, B, 3) places by what BVH says, in its own units, worked out without the code that wrote it."""
    names, parents, offsets, rows, _ = read(text)
    turns = np.zeros((len(rows), len(names), 3, 3))
    places = np.zeros((len(rows), len(names), 3))
    angles = np.radians(rows[:, 3:]).reshape(len(rows), len(names), 3)
    c, s = np.cos(angles), np.sin(angles)
    one, nil = np.ones(len(rows)), np.zeros(len(rows))

    def stack(cells: list[list[Array]]) -> Array:
        return np.moveaxis(np.array(cells), -1, 0)

    for joint, parent in enumerate(parents):
        (cz, cx, cy), (sz, sx, sy) = c[:, joint].T, s[:, joint].T
        z = stack([[cz, -sz, nil], [sz, cz, nil], [nil, nil, one]])
        x = stack([[one, nil, nil], [nil, cx, -sx], [nil, sx, cx]])
        y = stack([[cy, nil, sy], [nil, one, nil], [-sy, nil, cy]])
        own = z @ x @ y
        turns[:, joint] = own if parent < 0 else turns[:, parent] @ own
        places[:, joint] = rows[:, :3] if parent < 0 else places[:, parent] + turns[:, parent] @ offsets[joint]
    return places


@pytest.mark.parametrize("move", [walk, turn, lambda: (random_pose(np.random.default_rng(0), 60), np.zeros((60, 3)))])
def test_joints_are_where_the_solver_has_them(move) -> None:
    performance = perform(make_take(move))
    [motion] = performance.motions
    text = write(performance)
    assert np.abs(joints(text) / 100 - performance.stage.joints(motion)).max() < 1e-5


def test_the_hierarchy_is_that_of_the_wire() -> None:
    performance = perform(make_take())
    names, parents, offsets, _, step = read(write(performance))
    assert (tuple(names), tuple(parents)) == (BONES, PARENTS)
    assert offsets[0].tolist() == [0, 0, 0]
    assert offsets[1:] == pytest.approx(100 * rest(performance.motions[0])[1:], abs=1e-4)
    assert step == pytest.approx(1 / 30, abs=1e-8)
    assert len(re.findall("End Site", write(performance))) == 5


def test_nothing_jumps_while_somebody_turns_round_and_bows() -> None:
    count = 240
    way = np.linspace(0, 1, count)
    bones, root = turn()
    bones = np.tile(bones[:1], (count, 1, 1))
    bones[:, 0] = multiply(about(Y, 8 * np.pi * way), about(X, 2 * np.pi * way))  # four turns, one somersault
    rows = read(write(perform(make_take(lambda: (bones, np.tile(root[:1], (count, 1)))))))[3]
    steps = np.abs(np.diff(rows[:, 3:6], axis=0))
    locked = np.abs(np.cos(np.radians(rows[:, 4]))) < 0.3  # near the pole of x, z and y may turn fast
    assert steps[~locked[1:] & ~locked[:-1]].max() < 40
    assert steps.max() < 180


angle = st.floats(-np.pi, np.pi)


@given(st.lists(st.tuples(angle, angle, angle), min_size=1, max_size=5))
def test_any_rotation_is_told(turns: list[tuple[float, float, float]]) -> None:
    z, x, y = np.array(turns).T
    axes = np.eye(3)
    given_turns = multiply(multiply(about(axes[2], z), about(axes[0], x)), about(axes[1], y))
    z, x, y = np.radians(euler_zxy(given_turns)).T
    told = multiply(multiply(about(axes[2], z), about(axes[0], x)), about(axes[1], y))
    assert angle_between(given_turns, told).max() < 1e-6


@pytest.mark.parametrize("degrees", [90.0, -90.0, 89.99999])
def test_a_right_angle_about_x_is_told(degrees: float) -> None:
    turned = multiply(about(Y, np.array([0.3, 0.4])), about(X, np.radians([degrees, degrees])))
    z, x, y = np.radians(euler_zxy(turned)).T
    axes = np.eye(3)
    told = multiply(multiply(about(axes[2], z), about(axes[0], x)), about(axes[1], y))
    assert angle_between(turned, told).max() < 1e-5


def test_in_a_gap_the_pose_is_held() -> None:
    rows = read(write(perform(with_gap(make_take(), 20, 50))))[3]
    assert np.isfinite(rows).all()
    assert (rows[20:50] == rows[19]).all()
    assert (rows[50] != rows[49]).any()


def test_who_comes_later_keeps_step_with_the_take() -> None:
    take = make_take()
    late = pick(take.tracks[1], np.arange(45, 90))
    take.tracks[1] = late
    rows = read(write(perform(take)))[3]
    assert len(rows) == 90
    assert (rows[:45] == rows[45]).all()


@pytest.mark.blender
@pytest.mark.timeout(600)
@pytest.mark.parametrize("move", [walk, lambda: (random_pose(np.random.default_rng(1), 60), np.zeros((60, 3)))])
def test_blender_has_the_joints_where_the_solver_has_them(move, tmp_path: Path) -> None:
    performance = perform(make_take(move))
    (tmp_path / "take.bvh").write_text(write(performance))
    inside(tmp_path, str(SCRIPT), "take.bvh", "joints.npz")
    found = np.load(tmp_path / "joints.npz")
    assert found["fps"] == pytest.approx(30, abs=1e-4)
    order = [found["names"].tolist().index(bone) for bone in BONES]
    x, y, z = np.moveaxis(found["joints"][:, order], -1, 0)
    truth = performance.stage.joints(performance.motions[0])
    assert np.abs(np.stack([x, z, -y], axis=-1) - truth).max() < 1e-4
