"""Unity's avatars, compiled against stubs and run by mono: what they show is what the wire says."""

import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest

from protocol import BONES, REST
from tests.clients.unity_scenes import (
    MIRROR,
    Scenes,
    ScriptedServer,
    degrees,
    in_space,
    matrix,
    multiply,
    random_bones,
    rotate,
    show,
    slerp,
    someone,
)
from tests.harness import ServerProcess, raw_client

pytestmark = pytest.mark.mono

VRM = Path(__file__).parents[1] / "e2e" / "browser" / "vrm"
RIGS = ["vrm", "mixamo", "few", "moved", "inexact", "sunk"]
LIMBS = {
    "leftUpperArm": ("leftLowerArm", [-1, 0, 0]),
    "leftLowerArm": ("leftHand", [-1, 0, 0]),
    "rightUpperArm": ("rightLowerArm", [1, 0, 0]),
    "rightLowerArm": ("rightHand", [1, 0, 0]),
    "leftUpperLeg": ("leftLowerLeg", [0, -1, 0]),
    "leftLowerLeg": ("leftFoot", [0, -1, 0]),
    "rightUpperLeg": ("rightLowerLeg", [0, -1, 0]),
    "rightLowerLeg": ("rightFoot", [0, -1, 0]),
}
MOST_DEGREES = 0.01
"""Of what single precision through a dozen of transforms leaves."""


def root_turn(avatar: dict[str, Any]) -> np.ndarray:
    return matrix(avatar["rootRotation"])


def in_root(avatar: dict[str, Any], bone: str) -> np.ndarray:
    """Where a bone is in the space of its avatar's root."""
    scale = np.linalg.norm(avatar["rootRight"])
    offset = np.subtract(avatar[bone]["position"], avatar["rootPosition"])
    return root_turn(avatar).T @ offset / scale


def limb_errors(avatar: dict[str, Any], turns: dict[str, np.ndarray]) -> dict[str, float]:
    return {
        bone: degrees(in_root(avatar, end) - in_root(avatar, bone), turns[bone] @ rest)
        for bone, (end, rest) in LIMBS.items()
    }


def turn_errors(
    avatar: dict[str, Any], tpose: dict[str, Any], turns: dict[str, np.ndarray], *without: str
) -> dict[str, float]:
    """Of whole rotations, twist and all, relative to the avatar's own T-pose."""
    return {
        bone: degrees(
            root_turn(avatar).T @ matrix(avatar[bone]["rotation"]), turns[bone] @ matrix(tpose[bone]["rotation"])
        )
        for bone in BONES
        if bone in tpose and bone not in without
    }


@contextmanager
def witness(server: ServerProcess) -> Iterator[dict[int, dict[str, Any]]]:
    """The frames that a client of its own gets, by number, while the block runs."""
    frames: dict[int, dict[str, Any]] = {}

    def read() -> None:
        for data in socket:
            message = msgpack.unpackb(data)
            if message["type"] == "frame":
                frames[message["seq"]] = message

    thread = threading.Thread(target=read)
    with raw_client(server, "?subscribe=*&fields=bones,rest") as socket:
        thread.start()
        yield frames
    thread.join(10)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def test_every_rig_moves_as_the_wire_says(scenes: Scenes, demo_server: ServerProcess) -> None:
    scenes.ask(f"receiver {demo_server.url}")
    for rig in RIGS:
        scenes.ask(f"avatar {rig} {rig}")
    with witness(demo_server) as sent:
        scenes.ask("until Live")
        # The clip has 50 frames and begins anew.
        snapshots = scenes.frames(60)
        wait_until(lambda: max(sent, default=0) >= snapshots[-1]["seq"])
    tposes = {rig: scenes.ask(f"tpose {rig}") for rig in RIGS}
    compared = 0
    worst: dict[str, float] = {}
    for snapshot in snapshots:
        frame = sent.get(snapshot["seq"])
        if frame is None or not frame["poses"]:
            continue
        compared += 1
        turns = in_space(np.frombuffer(frame["poses"][0]["bones"], "<f4").reshape(-1, 4))
        for rig in RIGS:
            # Of an inexact T-pose, limbs and hands are aligned: their directions tell.
            bent = [*LIMBS, "leftHand", "rightHand"] if rig == "inexact" else []
            directions = limb_errors(snapshot[rig], turns)
            rotations = turn_errors(snapshot[rig], tposes[rig], turns, *bent)
            for what, errors in (("points", directions), ("turns", rotations)):
                for bone, error in errors.items():
                    key = f"{rig}: {bone} {what}"
                    worst[key] = max(error, worst.get(key, 0.0))
    assert compared >= 40, f"{len(snapshots)} shown, {len(sent)} witnessed"
    assert {key: error for key, error in worst.items() if error > MOST_DEGREES} == {}


def rig_file(vrm: Path, into: Path) -> Path:
    """The skeleton of a VRM 1.0 file as an importer would make it in Unity: x mirrored."""
    data = vrm.read_bytes()
    gltf = json.loads(data[20 : 20 + struct.unpack_from("<I", data, 12)[0]])
    human = {bone["node"]: name for name, bone in gltf["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].items()}
    lines = []

    def walk(node: int, parent: str, position: np.ndarray, turn: np.ndarray) -> None:
        local = gltf["nodes"][node]
        position = position + rotate(turn, local.get("translation", [0, 0, 0]))
        turn = multiply(turn, local.get("rotation", [0, 0, 0, 1]))
        bone = human.get(node, "-")
        numbers = [-position[0], *position[1:], turn[0], -turn[1], -turn[2], turn[3]]
        lines.append(
            f"n{node} {parent} {bone[0].upper() + bone[1:]} " + " ".join(f"{number:.9f}" for number in numbers)
        )
        for child in local.get("children", []):
            walk(child, f"n{node}", position, turn)

    for root in gltf["scenes"][0]["nodes"]:
        walk(root, "-", np.zeros(3), np.array([0.0, 0, 0, 1]))
    into.write_text("\n".join(lines))
    return into


@pytest.mark.parametrize("name", ["vrm1", "vrm1_fewer_bones"])
def test_the_skeleton_of_a_real_vrm(scenes: Scenes, server: ScriptedServer, tmp_path: Path, name: str) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask(f"avatar a {rig_file(VRM / f'{name}.vrm', tmp_path / 'rig.txt')}")
    tpose = scenes.ask("tpose a")
    assert tpose["hipHeight"] > 0.5
    for seed in range(10):
        bones = random_bones(seed)
        avatar = show(scenes, server, someone(bones))["a"]
        turns = in_space(bones)
        assert max(limb_errors(avatar, turns).values()) < MOST_DEGREES
        assert max(turn_errors(avatar, tpose, turns, *LIMBS, "leftHand", "rightHand").values()) < MOST_DEGREES


def test_an_avatar_stands_in_its_t_pose_whatever_pose_it_had(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar inexact inexact")
    before = scenes.ask("step 1")["inexact"]
    assert limb_errors(before, in_space(someone().bones))["leftUpperArm"] > 30
    after = show(scenes, server, someone())["inexact"]
    assert max(limb_errors(after, in_space(someone().bones)).values()) < MOST_DEGREES
    # A hand goes along with its forearm, so the wrist is as straight as in the T-pose. A foot stays as flat as it was.
    tpose = scenes.ask("tpose inexact")
    wrist = [
        matrix(pose["leftLowerArm"]["rotation"]).T @ matrix(pose["leftHand"]["rotation"]) for pose in (after, tpose)
    ]
    assert degrees(*wrist) < MOST_DEGREES
    assert degrees(matrix(after["leftFoot"]["rotation"]), matrix(tpose["leftFoot"]["rotation"])) < MOST_DEGREES


@pytest.mark.parametrize("rig", ["vrm", "mixamo", "few", "moved"])
def test_a_mirrored_avatar_is_the_mirror_image(scenes: Scenes, server: ScriptedServer, rig: str) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask(f"avatar plain {rig}")
    scenes.ask(f"avatar mirrored {rig} mirror=True")
    show(scenes, server, someone())
    snapshot = show(scenes, server, someone(random_bones(1), root=(0.3, 0.8, -2.2)))
    plain, mirrored = snapshot["plain"], snapshot["mirrored"]
    for bone in [bone for bone in BONES if bone in plain]:
        other = bone.replace("left", "*").replace("right", "left").replace("*", "right")
        assert in_root(mirrored, bone) == pytest.approx(MIRROR @ in_root(plain, other), abs=1e-4)
    turns = in_space(random_bones(1))
    swapped = {
        name.replace("left", "*").replace("right", "left").replace("*", "right"): turn for name, turn in turns.items()
    }
    expected = {name: MIRROR @ turn @ MIRROR for name, turn in swapped.items()}
    assert max(turn_errors(mirrored, scenes.ask("tpose mirrored"), expected).values()) < MOST_DEGREES


def test_root_motion(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    for motion in ("Full", "Height", "Off"):
        scenes.ask(f"avatar {motion} moved motion={motion}")
    scenes.ask("avatar sunk sunk")
    show(scenes, server, someone(root=(0.5, 0.7, -2.0), floor=-0.2))
    snapshot = show(scenes, server, someone(root=(0.9, 0.4, -1.5), floor=-0.2))
    tpose = scenes.ask("tpose Full")
    hip_height = tpose["hipHeight"]
    assert hip_height == pytest.approx(0.9 * 1.25, abs=1e-4)
    scale = hip_height / REST[0][1]
    assert in_root(snapshot["Full"], "hips") == pytest.approx([-0.4 * scale, 0.6 * scale, 0.5 * scale], abs=1e-4)
    assert in_root(snapshot["Height"], "hips") == pytest.approx([0, 0.6 * scale, 0], abs=1e-4)
    assert in_root(snapshot["Off"], "hips") == pytest.approx([0, hip_height, 0], abs=1e-4)
    # A model whose origin is in its hips stands on its feet.
    sunk = scenes.ask("tpose sunk")
    assert sunk["floor"] == pytest.approx(sunk["leftFoot"]["position"][1])
    assert in_root(snapshot["sunk"], "hips")[1] == pytest.approx(
        sunk["floor"] + 0.6 * sunk["hipHeight"] / 0.9, abs=1e-4
    )


def test_half_a_weight_is_half_way_and_stays_there(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    for name, settings in {"full": "", "half": " weight=0.5"}.items():
        scenes.ask(f"avatar {name} mixamo{settings}")
        scenes.ask(f"avatar {name}Animated mixamo animated=1{settings}")
    base = scenes.ask("step 1")["half"]
    pose = someone(random_bones(2), root=(0.1, 0.8, -2.0))
    first = show(scenes, server, pose)
    later = scenes.ask("step 200")
    for bone in BONES:
        expected = slerp(base[bone]["local"], first["full"][bone]["local"], 0.5)
        assert degrees(matrix(first["half"][bone]["local"]), matrix(expected)) < MOST_DEGREES
        assert later["half"][bone]["local"] == first["half"][bone]["local"]
        full = later["fullAnimated"]
        expected = slerp(full["animated"], full[bone]["local"], 0.5)
        assert degrees(matrix(later["halfAnimated"][bone]["local"]), matrix(expected)) < MOST_DEGREES
    middle = np.add(base["hips"]["localPosition"], first["full"]["hips"]["localPosition"]) / 2
    assert later["half"]["hips"]["localPosition"] == pytest.approx(middle, abs=1e-4)
    # No weight, no trace.
    scenes.ask("set half weight=0")
    scenes.ask("set halfAnimated weight=0")
    gone = scenes.ask("step 5")
    for bone in BONES:
        assert gone["half"][bone]["local"] == pytest.approx(base[bone]["local"], abs=1e-6)
        assert gone["halfAnimated"][bone]["local"] == pytest.approx(gone["halfAnimated"]["animated"], abs=1e-6)
    assert gone["half"]["hips"]["localPosition"] == pytest.approx(base["hips"]["localPosition"], abs=1e-6)


def test_who_is_gone_is_held_or_let_go(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar hold vrm")
    scenes.ask("avatar back vrm gone=BlendBack")
    scenes.ask("avatar slow vrm gone=BlendBack blend=1000")
    scenes.ask("avatar second vrm person=2")
    base = scenes.ask("step 1")
    pose = someone(random_bones(3), id=4)
    seen = show(scenes, server, pose)
    assert seen["hold"] == seen["back"] != base["hold"]
    assert seen["second"] == base["second"]
    # Missed for a moment is not gone.
    assert show(scenes, server, after_us=500_000)["back"] == seen["back"]
    # Blending takes its time.
    assert degrees(matrix(base["slow"]["hips"]["local"]), matrix(seen["slow"]["hips"]["local"])) < 5
    show(scenes, server, after_us=600_000)
    gone = scenes.ask("step 2")
    assert gone["hold"] == seen["hold"]
    assert gone["back"] == base["back"]
    # Two come: the lower id first.
    other = someone(random_bones(4), id=9)
    both = show(scenes, server, other, someone(id=7))
    assert max(turn_errors(both["second"], scenes.ask("tpose second"), in_space(other.bones)).values()) < MOST_DEGREES
    assert max(turn_errors(both["back"], scenes.ask("tpose back"), in_space(someone().bones)).values()) < MOST_DEGREES
    events = [event for event in scenes.ask("state")["events"] if not event.startswith(("state", "heard"))]
    assert events == ["appeared 4", "gone 4", "appeared 9", "appeared 7"]


def test_an_avatar_switched_off_is_as_it_was(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar a few")
    base = scenes.ask("step 1")["a"]
    shown = show(scenes, server, someone(random_bones(5)))["a"]
    scenes.ask("set a enabled=False")
    assert scenes.ask("step 2")["a"] == base != shown
    scenes.ask("set a enabled=True")
    assert scenes.ask("step 2")["a"] == shown


def test_an_avatar_that_is_none_says_so(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar a vrm avatar=")
    show(scenes, server, someone())
    problem = scenes.ask("problem a")["problem"]
    assert problem == "'a' has no Humanoid avatar: set Rig > Animation Type to Humanoid in its import settings"
    assert scenes.log.count(problem) == 1
    assert f"Error: {problem}" in scenes.ask("inspect a")["lines"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("without=Armature", "the T-pose of avatar 'a' has no transform 'Armature': configure its avatar anew"),
        ("twice=J_Spine", "the T-pose of avatar 'a' has two transforms 'J_Spine': rename one in the model"),
        ("sibling=J_Spine", ""),
    ],
)
def test_an_avatar_whose_t_pose_is_not_told_says_so(
    scenes: Scenes, server: ScriptedServer, change: str, problem: str
) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar a vrm")
    before = scenes.ask("step 1")["a"]
    show(scenes, server, someone(random_bones(7)))
    scenes.ask(f"set a {change}")
    after = scenes.ask("step 5")["a"]
    assert scenes.ask("problem a")["problem"] == problem
    assert (after == before) == bool(problem)
    assert scenes.log.count("error") == bool(problem)
