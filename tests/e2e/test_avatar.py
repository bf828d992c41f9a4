"""The page's avatars and joint angles in a real Chromium: our own figure, and real VRM files of both versions."""

import base64
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from protocol import ANGLES, BONES, PARENTS
from streamer.solver.kinematics import forward
from streamer.solver.quaternion import matrix
from tests.browser import Page, browse
from tests.harness import ServerProcess

VRM = Path(__file__).parent / "browser" / "vrm"
FILES = ["vrm1.vrm", "vrm1_fewer_bones.vrm", "vrm0.vrm"]

pytestmark = pytest.mark.browser

SAMPLES = """new Promise((done) => {
  const samples = [];
  const look = () => requestAnimationFrame(() => {
    const { frame, avatar } = posewire;
    if (frame?.poses.length === 1 && avatar?.seq === frame.seq && samples.at(-1)?.seq !== frame.seq) {
      samples.push({ seq: frame.seq, pose: frame.poses[0], joints: avatar.joints });
    }
    samples.length < 8 ? look() : done(samples);
  });
  look();
})"""


@pytest.fixture(scope="module")
def page(demo: ServerProcess) -> Iterator[Page]:
    with browse(demo.url) as page:
        page.until("posewire.avatar?.seq > 10", 20_000)
        yield page


def hint(page: Page) -> str:
    return page.text("#avatar-hint")


def wear(page: Page, path: Path) -> None:
    page.do(f'await page.setInputFiles("#vrm", {json.dumps(str(path))}) && null')


def drop(page: Page, name: str, content: bytes) -> None:
    """Let a file fall on the page, as from a file manager."""
    page.ask(
        f"""{{
        const bytes = Uint8Array.from(atob("{base64.b64encode(content).decode()}"), (c) => c.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], "{name}"));
        for (const kind of ["dragenter", "dragover", "drop"]) {{
          document.body.dispatchEvent(new DragEvent(kind, {{ dataTransfer, bubbles: true, cancelable: true }}));
        }}
      }}"""
    )


def from_hips(joints: dict[str, list[float]]) -> dict[str, np.ndarray]:
    return {bone: np.subtract(place, joints["hips"]) for bone, place in joints.items()}


def read_glb(path: Path) -> dict:
    """The JSON part of a binary glTF file."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + length])


def joints_at_rest(path: Path) -> dict[str, np.ndarray]:
    """Where a VRM has its bones in the T-pose, facing +Z, metres."""
    gltf = read_glb(path)
    places: dict[int, np.ndarray] = {}

    def place(index: int, rotation: np.ndarray, origin: np.ndarray) -> None:
        node = gltf["nodes"][index]
        places[index] = origin + rotation @ node.get("translation", [0, 0, 0])
        for child in node.get("children", ()):
            place(child, rotation @ matrix(np.array(node.get("rotation", [0, 0, 0, 1.0]))), places[index])

    for root in gltf["scenes"][0]["nodes"]:
        place(root, np.eye(3), np.zeros(3))
    extensions = gltf["extensions"]
    if "VRMC_vrm" in extensions:
        named = {name: bone["node"] for name, bone in extensions["VRMC_vrm"]["humanoid"]["humanBones"].items()}
        facing = [1, 1, 1]
    else:
        named = {bone["bone"]: bone["node"] for bone in extensions["VRM"]["humanoid"]["humanBones"]}
        facing = [-1, 1, -1]
    return {bone: places[named[bone]] * facing for bone in BONES if bone in named}


def expected_joints(rest: dict[str, np.ndarray], bones: np.ndarray) -> dict[str, np.ndarray]:
    """Forward kinematics with the bones that an avatar has, from its hips; the others hang on those above them."""
    turns = forward(bones, np.zeros(3), np.zeros((len(BONES), 3)))[1]
    places = {"hips": np.zeros(3)}
    for bone, parent in list(zip(BONES, PARENTS, strict=True))[1:]:
        while BONES[parent] not in rest:
            parent = PARENTS[parent]
        if bone in rest:
            above = BONES[parent]
            places[bone] = places[above] + turns[parent] @ (rest[bone] - rest[above])
    return places


def test_the_figure_has_its_joints_where_the_solver_has_them(page: Page) -> None:
    for sample in page.ask(SAMPLES):
        pose = sample["pose"]
        expected = forward(np.array(pose["bones"]), np.zeros(3), np.array(pose["rest"]))[0]
        joints = from_hips(sample["joints"])
        assert set(joints) == set(BONES)
        for bone, place in zip(BONES, expected, strict=True):
            np.testing.assert_allclose(joints[bone], place, atol=1e-3, err_msg=bone)
        assert sample["joints"]["hips"][1] == pytest.approx(pose["root"][1] - pose["floor"], abs=1e-3)


@pytest.mark.parametrize("name", FILES)
def test_a_vrm_moves_as_the_solver_says(page: Page, name: str) -> None:
    wear(page, VRM / name)
    page.until(f'posewire.avatar?.name === "{name}"')
    assert hint(page) == f"{name}, in this page only."
    rest = joints_at_rest(VRM / name)
    assert len(rest) == (15 if "fewer" in name else 19)
    hips_m = rest["hips"][1]
    for sample in page.ask(SAMPLES):
        pose = sample["pose"]
        joints = from_hips(sample["joints"])
        assert set(joints) == set(rest)
        for bone, place in expected_joints(rest, np.array(pose["bones"])).items():
            np.testing.assert_allclose(joints[bone], place, atol=2e-3, err_msg=bone)
        height = (pose["root"][1] - pose["floor"]) * hips_m / pose["rest"][0][1]
        assert sample["joints"]["hips"][1] == pytest.approx(height, abs=2e-3)


def test_a_file_is_dropped_worn_and_taken_off(page: Page) -> None:
    drop(page, "mine.vrm", (VRM / FILES[0]).read_bytes())
    page.until('posewire.avatar?.name === "mine.vrm"')
    assert page.ask('document.querySelector(".dropping")') is None
    page.do('await page.click("#take-off") && null')
    page.until('posewire.avatar?.name === ""')
    assert hint(page).startswith("Drop a .vrm file")
    assert page.ask('document.querySelector("#take-off").hidden') is True


def glb(gltf: dict) -> bytes:
    """A binary glTF file without numbers of its own."""
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text


WITHOUT_VRM = glb({"asset": {"version": "2.0"}})
"""Sound, but no avatar."""
WITH_REFERENCE = glb(
    {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"uri": "http://127.0.0.1:9/far.bin", "byteLength": 36}],
    }
)
"""Its numbers lie in another file."""


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("photo.jpg", b"\xff\xd8", "photo.jpg is no .vrm file."),
        ("text.vrm", b"this is no avatar", "text.vrm is no VRM file."),
        ("empty.vrm", b"", "empty.vrm is no VRM file."),
        ("cut.vrm", (VRM / FILES[0]).read_bytes()[:9000], "cut.vrm can't be read: "),
        ("chair.glb", WITHOUT_VRM, "chair.glb is glTF, but no VRM: it has no humanoid."),
        ("far.glb", WITH_REFERENCE, "far.glb can't be read: "),
    ],
)
def test_a_file_that_is_no_avatar_says_so_and_changes_nothing(
    page: Page, demo: ServerProcess, name: str, content: bytes, says: str
) -> None:
    wear(page, VRM / FILES[0])
    page.until(f'document.querySelector("#avatar-hint").textContent === "{FILES[0]}, in this page only."')
    drop(page, name, content)
    page.until('document.querySelector("#avatar-hint.fault")')
    assert hint(page).startswith(says)
    assert page.ask("posewire.avatar.name") == FILES[0]
    assert "far.bin" not in "".join(page.do("seen.requests"))


def test_the_angles_of_the_stream_are_shown(page: Page) -> None:
    rows = page.ask('[...document.querySelectorAll("#angle-rows button")].map((row) => row.dataset.angle)')
    assert rows == list(dict.fromkeys(name.removeprefix("left_").removeprefix("right_") for name in ANGLES))
    outputs = '[...document.querySelectorAll("#angle-rows output")]'
    page.until(f"{outputs}.filter((o) => /^−?[0-9]+°$/.test(o.textContent)).length > 12")
    assert len(page.ask("posewire.frame.poses[0].angles")) == len(ANGLES)
    assert page.text("#title-plot") == "Elbow flexion"
    page.do("await page.click('[data-angle=\"neck_flexion\"]') && null")
    assert page.text("#title-plot") == "Neck flexion"
    page.do("await page.click('[data-angle=\"knee_flexion\"]') && null")
    assert page.ask("document.querySelectorAll('#angle-rows [aria-pressed=\"true\"]').length") == 1


PANEL = """import("/static/parts.js").then(({ Angles, degrees, rowsOf }) => {
  const list = document.createElement("div");
  const canvas = document.createElement("canvas");
  const angles = new Angles(list, canvas, document.createElement("h2"));
  angles.meet(["left_knee_flexion", "right_knee_flexion", "trunk_lean_left"]);
  const shown = (isLive) => (angles.write(isLive), [...list.querySelectorAll("output")].map((o) => o.textContent));
  const empty = shown(true);
  angles.take({ id: 1, angles: [12.6, -0.4, NaN] }, 1e6);
  angles.take({ id: 1, angles: [13, NaN, -7.5] }, 1.1e6);
  const live = shown(true);
  const curve = [0, 1].map((i) => [...angles.values.slice(angles.slot(i) * 3, angles.slot(i) * 3 + 3)].map(String));
  const still = shown(false);
  const range = angles.rangeOf([0, 1]);
  angles.take({ id: 2, angles: [90, 90, 90] }, 3e6);
  for (let i = 0; i < 3000; i++) angles.take({ id: 2, angles: [i, -i, 0] }, 4e6 + i * 1e4);
  const rows = rowsOf(["left_knee_flexion", "right_knee_flexion", "trunk_lean_left"]).map((row) => row.columns);
  return { empty, live, still, curve, range, rows, stored: angles.stored, bytes: angles.values.byteLength };
})"""


def test_the_panel_shows_each_angle_where_it_belongs(page: Page, tmp_path: Path) -> None:
    page.parts(tmp_path, "live/angles")
    shown = page.ask(PANEL)
    assert shown["rows"] == [[0, 1], [2]]
    assert shown["empty"] == ["–", "–", "–"]
    assert shown["live"] == ["13°", "–", "−7°"]
    assert shown["still"] == ["–", "–", "–"]
    assert shown["curve"] == [["13", "NaN", "-7.5"], ["12.600000381469727", "-0.4000000059604645", "NaN"]]
    low, high, step = shown["range"]
    assert low <= -0.4
    assert high >= 13
    assert (high - low) % step == 0
    assert shown["stored"] == 1024
    assert shown["bytes"] == 4 * 3 * 1024


def test_the_page_complains_of_nothing(page: Page) -> None:
    assert page.do("seen.errors") == []


def test_without_webgl_the_rest_of_the_page_works(demo: ServerProcess) -> None:
    with browse(demo.url, argument="--disable-3d-apis") as page:
        page.until("posewire.frames > 10 && posewire.picture[0] > 0")
        page.until('document.querySelector("#avatar-hint").textContent.includes("no WebGL")')
        assert page.ask("posewire.avatar") is None
        page.until('/[0-9]/.test(document.querySelector("#angle-rows output").textContent)')


def test_two_people_have_a_figure_each_and_both_views_look_from_the_same_place(page: Page, tmp_path: Path) -> None:
    """The page's own code, given a frame of two people far apart: each stands where they are."""
    page.do("await page.reload() && null")  # a browser keeps the modules it has read
    page.until("posewire.frame?.poses.length === 1")
    page.parts(tmp_path, "avatar/stage", "live/camera", "live/canvas", "live/skeleton")
    found = page.ask(
        """import("/static/parts.js").then(({ AvatarStage, Camera, readTheme, Slots }) => {
          const canvas = document.body.appendChild(document.createElement("canvas"));
          const camera = new Camera(document.createElement("canvas"));
          camera.update(300, 300, 0, 2);
          const stage = new AvatarStage(canvas, camera);
          stage.visible = true;
          const [pose] = posewire.frame.poses;
          const names = NAMES;
          const bones = { names, parents: PARENTS, rest: pose.rest };
          const flat = (rows) => Float32Array.from(rows.flat());
          const solved = { ...pose, bones: flat(pose.bones), rest: flat(pose.rest) };
          const at = (id, x, z) => ({ ...solved, id, root: [x, pose.root[1], z] });
          const poses = [at(7, 0.5, -3), at(9, -0.5, -2)];
          const slots = new Slots();
          slots.update(poses);
          stage.draw({ poses }, bones, slots, readTheme(), 1000);
          const joints = [7, 9].map((id) => stage.jointsOf(id).hips);
          const spread = stage.spread;
          stage.aim.set(0, stage.aim.y, 0);
          stage.spread = 0;
          stage.resize({ width: 300, height: 200 });
          camera.turn(0.9, 0.3);
          camera.update(300, 200, 0, 2);
          stage.place();
          stage.eye.updateMatrixWorld();
          const there = stage.aim.clone().set(0.4, 1.3, -0.2);
          const seen = [0, 0, 0];
          camera.project(there.x, there.y, there.z, seen, 0);
          const { x, y } = there.project(stage.eye);
          const apart = [150 * (1 + x) - seen[0], 100 * (1 - y) - seen[1]];
          const later = performance.now() + 1e6;
          stage.draw(null, bones, slots, readTheme(), later);
          const left = stage.figures.size;
          canvas.remove();
          stage.renderer.dispose();
          return { joints, left, apart, spread };
        })""".replace("NAMES", json.dumps(list(BONES))).replace("PARENTS", json.dumps(list(PARENTS)))
    )
    (x0, _, z0), (x1, _, z1) = found["joints"]
    assert (x0, z0) == pytest.approx((0.0, 0.0), abs=1e-6)
    assert (x1, z1) == pytest.approx((-1.0, 1.0), abs=1e-6)
    assert found["left"] == 0
    assert found["spread"] > 0.7
    assert found["apart"] == pytest.approx((0, 0), abs=0.01)  # the eye of both views sees a point at the same place
