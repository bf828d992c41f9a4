"""The Unity receiver under mono: `python -m benchmarks.unity`. Needs mcs and mono; starts servers of its own.

What reading a frame costs and allocates; how late frames are decoded, and how old the motion is that an avatar shows,
with the player loop at 60 steps a second; how far the bones of two avatars are from the solver's. The engine's part is
that of the tests' stubs: a real Unity's transforms and renderer cost more.
"""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from websockets.sync.server import ServerConnection

from protocol.codec import join_frame
from protocol.messages import SOLVED_FIELDS
from protocol.skeleton import PRESETS
from streamer.body import Person
from streamer.clock import now_us
from streamer.engine.mediapipe import MediaPipeEngine
from streamer.hub.outgoing import Estimate, encode_view
from streamer.hub.session import View
from streamer.solver import Solver
from streamer.source.video import demo
from tests.clients.fake_server import HELLO, fake_server, subscribe
from tests.clients.mono import build
from tests.clients.test_unity_layer import turn_errors, witness
from tests.clients.unity_scenes import compile_scenes, in_space, playing
from tests.harness import running_server

UNITY = Path(__file__).resolve().parent.parent / "clients" / "unity"
VIEW = View(("bones", "rest", "world"), PRESETS["all"], "f32")
FRAMES = 1000
FLOOD = 5000
COMPARED = 200
PACED_STEPS = 900
RIGS = ("vrm", "mixamo")
NURSERY_BYTES = 256 << 10


def frames() -> dict[str, bytes]:
    """A frame of the clip with one person, and the same with four."""
    source, engine = demo(), MediaPipeEngine("full")
    source.open()
    people = engine.estimate(source.read(), 0)
    engine.close()
    body = Solver(65.0, smooth=True).solve([(1, people[0])], 0, 720 / 1280)[1]
    person = Person(1, people[0], body, None)
    messages = {}
    for count in (1, 4):
        everyone = [replace(person, id=id) for id in range(1, count + 1)]
        estimate = Estimate(HELLO.streams[0].id, 1234, now_us(), (720, 1280), everyone, SOLVED_FIELDS)
        messages[f"{count} {'person' if count == 1 else 'people'}"] = join_frame(
            1, encode_view(estimate, VIEW, "msgpack"), "msgpack"
        )
    return messages


def measure(program: Path, *arguments: str, **variables: str) -> dict[str, float]:
    """What the benchmark's program says."""
    command = ["mono", str(program), *arguments]
    env = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=env)
    return json.loads(done.stdout)


def flood(message: bytes) -> Callable[[ServerConnection], None]:
    """A server's talk: a frame again and again, slowly enough that the receiver waits for each."""

    def talk(connection: ServerConnection) -> None:
        subscribe(connection)
        while True:
            connection.send(message)
            time.sleep(0.002)

    return talk


def print_errors(
    snapshots: list[dict[str, Any]], sent: dict[int, dict[str, Any]], tposes: dict[str, dict[str, Any]]
) -> None:
    """How far each bone's whole rotation, relative to the avatar's T-pose, is from the solver's."""
    errors: dict[str, list[float]] = {}
    for snapshot in snapshots:
        frame = sent.get(snapshot["seq"])
        if frame is None or not frame["poses"]:
            continue
        turns = in_space(np.frombuffer(frame["poses"][0]["bones"], "<f4").reshape(-1, 4))
        for rig in RIGS:
            for bone, error in turn_errors(snapshot[rig], tposes[rig], turns).items():
                errors.setdefault(bone, []).append(error)
    print("\n| bone | mean, degrees | most |\n|---|---:|---:|")
    for bone, values in errors.items():
        print(f"| {bone} | {sum(values) / len(values):.6f} | {max(values):.6f} |")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        core, program = folder / "Posewire.Core.dll", folder / "Posewire.Core.Benchmark.exe"
        build(core, UNITY / "Runtime" / "Core", "-target:library", "-optimize")
        build(program, UNITY / "Tests~" / "Benchmark", f"-r:{core}", "-optimize")
        messages = frames()
        print("| bones, rest, world | bytes | decode, us | with ring and smooth playout, us | allocated, bytes |")
        print("|---|---:|---:|---:|---:|")
        for label, message in messages.items():
            path = folder / "frame.msgpack"
            path.write_bytes(message)
            seen = measure(program, "decode", str(path))
            costs = f"{seen['decode_us']:.1f} | {seen['all_us']:.1f} | {seen['all_bytes']:.0f}"
            print(f"| {label} | {len(message)} | {costs} |")
        with fake_server(flood(messages["1 person"])) as (address, _):
            socket = measure(program, "socket", address, str(FLOOD), MONO_GC_PARAMS=f"nursery-size={NURSERY_BYTES}")
        with running_server(folder) as server:
            ages = measure(program, "latency", server.ws, str(FRAMES))
        with running_server(folder) as server, playing(compile_scenes(folder), folder / "scenes.log") as scenes:
            scenes.ask(f"receiver {server.url}")
            for rig in RIGS:
                scenes.ask(f"avatar {rig} {rig}")
            with witness(server) as sent:
                scenes.ask("until Live")
                snapshots = scenes.frames(COMPARED)
            tposes = {rig: scenes.ask(f"tpose {rig}") for rig in RIGS}
            shown = {mode: scenes.ask(f"pace {mode} {PACED_STEPS}") for mode in ("Latest", "Smooth")}
    print("\n| a real server, demo clip | p50, ms | p99, ms |\n|---|---:|---:|")
    print(f"| captured to decoded | {ages['captured_p50_ms']:.1f} | {ages['captured_p99_ms']:.1f} |")
    print(f"| sent to decoded | {ages['sent_p50_ms']:.2f} | {ages['sent_p99_ms']:.2f} |")
    for mode, seen in shown.items():
        label = f"captured to applied, {mode.lower()}"
        print(f"| {label} | {seen['age_p50_ms']:.1f} | {seen['age_p99_ms']:.1f} |")
    cost_us = shown["Smooth"]["step_p50_us"]
    print(f"\nA step of receiver and {len(RIGS)} avatars costs {cost_us:.0f} us (smooth, median, stubs).")
    print_errors(snapshots, sent, tposes)
    print(f"\nThe clocks are known to {ages['error_us'] / 1000:.2f} ms.")
    socket_bytes = socket["collections"] * NURSERY_BYTES / socket["messages"]
    print(f"mono's socket allocates about {socket_bytes:.0f} bytes a message.")


if __name__ == "__main__":
    main()
