import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from protocol.skeleton import BONES, PARENTS
from streamer.export.performance import Performance
from streamer.export.stage import rest
from streamer.export.vrma import FORMAT
from streamer.solver.quaternion import Array
from tests.browser import WEB, browse
from tests.clients.test_blender import inside
from tests.e2e.test_avatar import expected_joints, joints_at_rest
from tests.export import test_gltf as gltf
from tests.export.blender import AVATAR
from tests.takes import make_content, make_take, perform, with_gap

VRM = Path(__file__).parents[1] / "e2e" / "browser" / "vrm"
INFORMATION = 2
"""The validator's severity below error and warning."""


def write(performance: Performance) -> bytes:
    [content] = make_content(FORMAT, performance).values()
    return content


def wander() -> tuple[Array, Array]:
    return gltf.POSES, np.linspace([0.4, -0.3, -3.0], [-0.5, -0.1, -2.4], len(gltf.POSES))


def with_a_gap() -> Performance:
    return perform(with_gap(make_take(wander), 10, 30))


def test_the_bones_are_named_and_nothing_is_to_be_seen() -> None:
    made = gltf.document(write(perform(make_take())))
    assert [node["name"] for node in made["nodes"]] == list(BONES)
    assert made["extensionsUsed"] == ["VRMC_vrm_animation"]
    humanoid = {"humanBones": {bone: {"node": node} for node, bone in enumerate(BONES)}}
    assert made["extensions"] == {"VRMC_vrm_animation": {"specVersion": "1.0", "humanoid": humanoid}}
    assert not {"meshes", "skins", "materials", "extensionsRequired"} & set(made)


def test_it_rests_in_the_t_pose_and_only_the_hips_are_moved() -> None:
    performance = perform(make_take())
    made = gltf.document(write(performance))
    offsets = rest(performance.motions[0])
    assert made["scenes"] == [{"nodes": [0]}]
    for node, offset in zip(made["nodes"], offsets, strict=True):
        assert not {"rotation", "scale", "matrix"} & set(node)
        assert node["translation"] == offset.tolist()
    [animation] = made["animations"]
    targets = [(channel["target"]["node"], channel["target"]["path"]) for channel in animation["channels"]]
    assert targets == [(0, "translation"), *((node, "rotation") for node in range(len(BONES)))]


def test_the_animation_is_that_of_gltf() -> None:
    performance = with_a_gap()
    content, other = write(performance), gltf.write(performance)
    [animation], [known] = gltf.document(content)["animations"], gltf.document(other)["animations"]
    assert animation["extras"] == known["extras"]
    for one, same in zip(animation["samplers"], known["samplers"], strict=True):
        for end in ("input", "output"):
            assert (gltf.accessor(content, one[end]) == gltf.accessor(other, same[end])).all()


@pytest.mark.browser
@pytest.mark.parametrize("performance", [perform(make_take()), with_a_gap()])
def test_the_validator_only_misses_the_extension_and_a_figure(performance: Performance, tmp_path: Path) -> None:
    path = tmp_path / "take.vrma"
    path.write_bytes(write(performance))
    command = ["node", str(gltf.HERE / "validate.mjs"), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    report = json.loads(result.stdout)
    told = [(one["code"], one["severity"], one["pointer"]) for one in report["issues"]["messages"]]
    ends = [index for index, name in enumerate(BONES) if index not in PARENTS]
    assert [BONES[index] for index in ends] == ["head", "leftHand", "rightHand", "leftFoot", "rightFoot"]
    empty = [("NODE_EMPTY", INFORMATION, f"/nodes/{index}") for index in ends]
    assert told == [("UNSUPPORTED_EXTENSION", INFORMATION, "/extensionsUsed/0"), *empty]


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.parametrize("avatar", ["vrm1.vrm", "vrm1_fewer_bones.vrm", "vrm0.vrm"])
def test_three_vrm_moves_avatars_as_the_solver_says(avatar: str, tmp_path: Path) -> None:
    """The rotations of all bones that an avatar has, and the hips where its own height has them."""
    performance = with_a_gap()
    [motion] = performance.motions
    assert motion.gaps == [(10, 30)]
    (tmp_path / "take.vrma").write_bytes(write(performance))
    (tmp_path / "avatar.html").symlink_to(gltf.HERE / "avatar.html")
    (tmp_path / avatar).symlink_to(VRM / avatar)
    (tmp_path / "three").symlink_to(WEB / "node_modules" / "three")
    (tmp_path / "three-vrm").symlink_to(WEB / "node_modules" / "@pixiv" / "three-vrm")
    (tmp_path / "three-vrm-animation").symlink_to(gltf.HERE / "node_modules" / "@pixiv" / "three-vrm-animation")
    places = performance.stage.hips(motion)
    with gltf.served(tmp_path) as url:
        address = f"{url}/avatar.html?file=take.vrma&avatar={avatar}"
        with browse(address, width=480, height=540) as page:
            page.until("window.about !== undefined", 30_000)
            about = page.ask("about")
            assert about["duration"] == pytest.approx(39 / 30, abs=1e-5)
            # VRM 0 faces -Z
            turned = np.array([-1, 1, -1]) if about["version"] == "0" else np.ones(3)
            scale = about["height"] / rest(motion)[0, 1]
            for frame in (0, 3, 9, 20, 29, 30, 36, 39):
                found, truth = page.ask(f"pose({frame / 30})"), motion.held[frame]
                ours = motion.bones[truth] * [*turned, 1]
                shared = [bone for bone in BONES if bone in found["rotations"]]
                assert len(shared) == (15 if "fewer" in avatar else 19)
                for bone in shared:
                    cosine = abs(np.dot(found["rotations"][bone], ours[BONES.index(bone)]))
                    assert np.degrees(2 * np.arccos(min(1, cosine))) < 0.1, (frame, bone)
                assert found["hips"] == pytest.approx(places[truth] * turned * scale, abs=1e-4), frame
            page.shoot(tmp_path / "avatar.png")
            assert page.ask("warnings") == []
            assert page.do("seen.errors") == []


@pytest.mark.blender
@pytest.mark.timeout(600)
def test_blenders_vrm_add_on_has_an_avatars_joints_where_they_belong(tmp_path: Path) -> None:
    performance = with_a_gap()
    [motion] = performance.motions
    (tmp_path / "take.vrma").write_bytes(write(performance))
    inside(tmp_path, str(AVATAR), str(VRM / "vrm1.vrm"), "take.vrma", "joints.npz")
    found = np.load(tmp_path / "joints.npz")
    x, y, z = np.moveaxis(found["joints"], -1, 0)
    joints = np.stack([x, z, -y], axis=-1)
    assert len(joints) == len(motion.held)
    avatar = joints_at_rest(VRM / "vrm1.vrm")
    places = performance.stage.hips(motion) * avatar["hips"][1] / rest(motion)[0, 1]
    names = found["names"].tolist()
    for frame, truth in enumerate(motion.held):
        for bone, place in expected_joints(avatar, motion.bones[truth].astype(float)).items():
            assert joints[frame, names.index(bone)] == pytest.approx(place + places[truth], abs=1e-4), (frame, bone)
