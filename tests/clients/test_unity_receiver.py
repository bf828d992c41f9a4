"""Unity's receiver component, run by mono: connection, settings, events and the end of its thread."""

from pathlib import Path

import pytest

from tests.clients.unity_scenes import (
    Scenes,
    ScriptedServer,
    compile_scenes,
    playing,
    scripted,
    someone,
)
from tests.harness import running_server

pytestmark = pytest.mark.mono


def test_a_server_that_dies_is_lost_and_found_again(scenes: Scenes, tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite") as server:
        port = server.port
        scenes.ask(f"receiver {server.url}")
        scenes.ask("avatar a mixamo")
        scenes.ask("until Live")
        shown = scenes.frames(3)[-1]["a"]
        state = scenes.ask("state")
        assert state["server"].startswith("posewire ")
        assert state["people"] == 1
        server.process.kill()
    lost = scenes.ask("until Lost")
    assert lost["reason"]
    # The avatar holds its last pose, which the frames that were on their way still changed.
    held = scenes.ask("step 20")
    assert scenes.ask("step 20") == held
    assert held["a"].keys() == shown.keys()
    with running_server(tmp_path, "--model", "lite", port=port):
        scenes.ask("until Live")
        assert scenes.frames(3)[-1]["a"] != held["a"]
    states = [event for event in scenes.ask("state")["events"] if event.startswith("state")]
    assert states[:4] == ["state Connecting", "state Live", "state Lost", "state Live"]
    assert scenes.ask("state")["events"].count("heard Lost") >= 1


def test_a_token_that_is_wrong_is_refused_until_it_is_right(scenes: Scenes, tmp_path: Path) -> None:
    with running_server(tmp_path, "--model", "lite", "--token", "open-sesame-open-sesame") as server:
        scenes.ask(f"receiver {server.url} wrong")
        refused = scenes.ask("until Refused")
        assert "401" in refused["reason"]
        assert f"Warning: {refused['reason']}" in scenes.ask("inspect Receiver")["lines"]
        scenes.ask("set Receiver token=open-sesame-open-sesame")
        assert scenes.ask("until Live")["reason"] == ""


def test_only_what_is_needed_is_asked_for(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    assert scenes.ask("until Live")["fields"] == "image,world"
    scenes.ask("avatar a few")
    scenes.ask("step 1")
    assert scenes.ask("until Live")["fields"] == "bones,rest"
    scenes.ask("skeleton Off")
    scenes.ask("step 1")
    assert scenes.ask("until Live")["fields"] == "world,bones,rest"
    # Nobody needs bones any more; that alone is no reason to connect anew.
    scenes.ask("set a enabled=False")
    scenes.ask("step 5")
    state = scenes.ask("state")
    assert (state["state"], state["fields"]) == ("Live", "world,bones,rest")


def test_another_address_is_another_connection(scenes: Scenes, server: ScriptedServer) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("until Live")
    scenes.ask(f"seq {server.send(someone(id=3))}")
    with scripted() as other:
        scenes.ask(f"set Receiver address={other.url}")
        other.send(someone(id=5))
        scenes.ask("step 1")
        scenes.ask("people 1")
        assert scenes.ask("threads")["threads"] == 1
        events = scenes.ask("state")["events"]
    assert [event for event in events if event.startswith(("appeared", "gone"))] == [
        "appeared 3",
        "gone 3",
        "appeared 5",
    ]


def test_an_address_that_is_none_is_refused(scenes: Scenes) -> None:
    scenes.ask("receiver ftp://somewhere/")
    assert "ftp" in scenes.ask("until Refused")["reason"]


@pytest.mark.parametrize("end", ["set Receiver enabled=False", "destroy", "pause True"])
def test_its_thread_ends_with_it(scenes: Scenes, server: ScriptedServer, end: str) -> None:
    scenes.ask(f"receiver {server.url}")
    scenes.ask("until Live")
    assert scenes.ask("threads")["threads"] == 1
    scenes.ask(end)
    assert scenes.ask("threads")["threads"] == 0
    back = {"set Receiver enabled=False": "set Receiver enabled=True", "pause True": "pause False"}.get(end)
    if back:
        scenes.ask("step 3")
        assert scenes.ask("state")["state"] == "Off"
        assert scenes.ask("threads")["threads"] == 0
        scenes.ask(back)
        scenes.ask("until Live")
        assert scenes.ask("threads")["threads"] == 1


def test_its_thread_ends_while_nobody_is_there(scenes: Scenes) -> None:
    with scripted() as server:
        scenes.ask(f"receiver {server.url}")
        scenes.ask("until Live")
    scenes.ask("until Lost")
    scenes.ask("destroy")
    assert scenes.ask("threads")["threads"] == 0


def test_webgl_says_that_it_has_no_sockets(tmp_path: Path, server: ScriptedServer) -> None:
    program = compile_scenes(tmp_path, "UNITY_WEBGL")
    with playing(program, tmp_path / "scenes.log") as scenes:
        scenes.ask(f"receiver {server.url}")
        assert scenes.ask("until Refused")["reason"].startswith("WebGL has no sockets")
        assert scenes.ask("threads")["threads"] == 0
