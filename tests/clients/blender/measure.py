"""Measures inside Blender for benchmarks/blender.py: `python measure.py SECONDS SERVER_PYTHON ZIP` prints Markdown."""

import statistics
import sys
import time
from pathlib import Path

import bpy
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import inside
from inside import body_frame, choose, connected, empty_scene, errors, install, live, mixamo_like, showing, wait

SECONDS = float(sys.argv[1])
ROUNDS = 300


def rig_own():
    assert bpy.ops.posewire.make_figure() == {"FINISHED"}
    target = bpy.context.scene.posewire.armature
    return target, target.posewire.mapping()


def rig_mixamo():
    target = mixamo_like(45)
    return target, choose(target)


def rig_rigify():
    inside.addon_utils.enable("rigify", default_set=True)
    bpy.ops.object.armature_human_metarig_add()
    metarig = bpy.context.object
    bpy.ops.pose.rigify_generate()
    [rig] = [thing for thing in bpy.data.objects if thing.type == "ARMATURE" and thing is not metarig]
    mapping = choose(rig)
    bpy.ops.posewire.switch_to_fk()
    return rig, mapping


def points():
    assert bpy.ops.posewire.make_points() == {"FINISHED"}


RIGS = {"own figure": rig_own, "Mixamo-like, A-pose": rig_mixamo, "Rigify": rig_rigify}


def milliseconds() -> "tuple[float, float]":
    """Median of a beat that sets a new frame, alone and with Blender's evaluation."""
    scene = bpy.context.scene
    alone, whole = [], []
    frame = wait(body_frame, "a frame")
    with showing(frame):
        for _ in range(ROUNDS):
            live()._shown = ()
            start = time.perf_counter()
            live()._beat(scene.posewire, scene)
            middle = time.perf_counter()
            bpy.context.view_layer.update()
            alone.append(1e3 * (middle - start))
            whole.append(1e3 * (time.perf_counter() - start))
    return statistics.median(alone), statistics.median(whole)


def latencies(playout: str) -> "list[float]":
    """From capture to the bones being set, of each frame that was set."""
    bpy.context.scene.posewire.playout = playout
    ages, shown = [], None
    start = time.perf_counter()
    tick = start
    while tick - start < SECONDS:
        inside.pump()
        if live()._ages_ms and live()._shown != shown:
            shown = live()._shown
            if tick - start > 2:
                ages.append(live()._ages_ms[-1])
        tick += 1 / 60
        time.sleep(max(0.0, tick - time.perf_counter()))
    return ages


def main() -> None:
    install()
    with inside.server() as (_, port):
        connected(port)
        exact, costs = {}, {}
        for name, make in RIGS.items():
            empty_scene()
            target, mapping = make()
            costs[name] = milliseconds()
            tree = live().receiver.hello.bones
            samples: dict[str, list[float]] = {}
            for _ in range(30):
                frame = wait(body_frame, "a frame")
                with showing(frame):
                    for bone, degrees in errors(target, mapping, frame.poses[0], tree).items():
                        samples.setdefault(bone, []).append(degrees)
                time.sleep(0.1)
            exact[name] = samples
        empty_scene()
        points()
        costs["33 points"] = milliseconds()
        print("| target | set, ms | with Blender's evaluation, ms |\n|---|---:|---:|")
        for name, (alone, whole) in costs.items():
            print(f"| {name} | {alone:.2f} | {whole:.2f} |")
        print("\nDegrees between bones as evaluated and the solver's, 30 frames, mean / max:\n")
        print(f"| bone | {' | '.join(exact)} |\n|---|{'---:|' * len(exact)}")
        for bone in exact["own figure"]:
            cells = [
                f"{np.mean(rig[bone]):.4f} / {max(rig[bone]):.4f}" if bone in rig else "" for rig in exact.values()
            ]
            print(f"| {bone} | {' | '.join(cells)} |")
        empty_scene()
        rig_own()
        print("\n| playout | capture to pose, p50 ms | p99 ms | frames |\n|---|---:|---:|---:|")
        for playout in ("LATEST", "SMOOTH"):
            ages = latencies(playout)
            p50, p99 = np.percentile(ages, (50, 99))
            print(f"| {playout.lower()} | {p50:.0f} | {p99:.0f} | {len(ages)} |", flush=True)
        inside.main({})


main()
