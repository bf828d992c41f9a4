"""Unity's skeleton, samples, menus and inspectors, run by mono; what a frame costs; the README's script."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from protocol import LANDMARKS
from tests.clients.unity_scenes import CORE, ENGINE, LAYER, MIRROR, UNITY, Scenes, ScriptedServer, show, someone
from tests.harness import ServerProcess

pytestmark = pytest.mark.mono


def test_the_skeleton_is_where_the_person_is(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("skeleton Full")
    random = np.random.default_rng(6)
    world = np.hstack([random.uniform(-1, 1, (len(LANDMARKS), 3)), np.full((len(LANDMARKS), 1), 0.8)])
    world[LANDMARKS.index("left_wrist"), 3] = 0.2
    show(scenes, server, someone(world=world, root=(0, 0.7, -2), floor=-0.2))
    points = show(scenes, server, someone(world=world, root=(0.5, 0.6, -1), floor=-0.2))["Skeleton"]
    hips = np.array([-0.5, 0.8, 1.0])
    for name, point, row in zip(LANDMARKS, points, world, strict=True):
        if name == "left_wrist":
            assert point is None
        else:
            assert point["at"] == pytest.approx(hips + MIRROR @ row[:3], abs=1e-5)
            assert point["alpha"] == pytest.approx(0.8 * 255, abs=1)
    # Off is off: nothing is left standing.
    scenes.ask("set Receiver enabled=False")
    assert scenes.ask("step 1")["Skeleton"] == [None] * len(LANDMARKS)


@pytest.mark.parametrize("playout", ["Latest", "Smooth"])
def test_a_frame_costs_no_memory(scenes: Scenes, demo_server: ServerProcess, playout: str) -> None:
    scenes.ask(f"receiver {demo_server.url}")
    scenes.ask(f"set Receiver playout={playout}")
    scenes.ask("skeleton Full")
    scenes.ask("avatar full mixamo mirror=True")
    scenes.ask("avatar half few weight=0.5")
    scenes.ask("until Live")
    scenes.frames(20)
    assert scenes.ask("allocated 500")["bytes"] == 0
    # What allocates is noticed: the stand-in for an animation does.
    scenes.ask("avatar animated few animated=1")
    assert scenes.ask("allocated 10")["bytes"] > 0


@pytest.mark.parametrize("sample", ["Points", "StickFigure", "HumanoidAvatar"])
def test_the_samples_play(scenes: Scenes, demo_server: ServerProcess, sample: str) -> None:
    played = scenes.ask(f"sample {sample} {demo_server.url}")
    assert played["shown"]
    if sample == "Points":
        assert played["children"] == len(LANDMARKS)
        assert 1.2 < played["nose"][1] < 2
    if sample == "StickFigure":
        assert 1 < played["height"] < 2.5
    if sample == "HumanoidAvatar":
        assert played["hand"] != pytest.approx([-0.594, 1.615, 0], abs=0.05)


def test_the_script_of_the_readme_compiles(unity_program: Path, tmp_path: Path) -> None:
    script = re.search(r"```csharp\n(.*?)```", (UNITY / "README.md").read_text(), re.DOTALL)
    assert script
    source = tmp_path / "RaisedHand.cs"
    source.write_text(script[1])
    references = [f"-r:{unity_program.parent / name}" for name in (CORE, LAYER, ENGINE)]
    command = ["mcs", "-nologo", "-warnaserror", "-target:library", f"-out:{tmp_path / 'RaisedHand.dll'}", *references]
    built = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def test_the_menus_make_what_they_say(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar a vrm")
    made = scenes.ask("menu Receiver a")
    assert (made["made"], made["parent"], made["receiver"]) == ("Posewire Receiver", "a", True)
    assert scenes.ask("menu Skeleton")["skeleton"]
    assert scenes.ask("menu Avatar a")["avatar"]
    assert scenes.ask("menu Avatar") == {
        "made": "",
        "parent": "",
        "receiver": False,
        "skeleton": False,
        "avatar": False,
    }


def test_the_inspector_tells_how_it_is(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("avatar a vrm")
    scenes.ask("until Live")
    show(scenes, server, someone(id=3))
    inspector = scenes.ask("inspect Receiver")
    assert inspector["repaints"]
    for line in ("State: Live", "People: 1", "Server: scripted", "Stream: scripted, 640 x 480, none none"):
        assert line in inspector["lines"]
    assert "Follows: person 3" in scenes.ask("inspect a")["lines"]
