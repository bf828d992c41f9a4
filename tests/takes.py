"""Takes for tests and benchmarks: a humanoid's whose rotations are known, and the demo clip's by the real engine."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.humanoid import OWN_REST, landmarks, project, walk
from protocol import Frame, Pose, StreamInfo
from protocol.skeleton import REST
from streamer.engine.base import Engine
from streamer.export.cut import WHOLE, Cut
from streamer.export.performance import Format, Performance
from streamer.export.resample import make_timeline, resample
from streamer.export.stage import make_stage
from streamer.filter import Smoother
from streamer.settings import Smoothing
from streamer.solver import Solver, joint_angles
from streamer.solver.quaternion import Array
from streamer.source.video import demo
from streamer.take.take import Take, Track
from tests.recording.made import recording

FLOOR_M = -1.2
SIZE = (1280, 720)
FPS = 30.0
START_US = 5_000_000


def times(count: int, fps: float = FPS, start_us: int = START_US) -> np.ndarray:
    return start_us + np.rint(np.arange(count) * 1e6 / fps).astype(np.int64)


def make_track(bones: Array, root: Array, t_us: np.ndarray, id: int = 1) -> Track:
    """What a flawless engine and solver would give of a humanoid in motion."""
    points = landmarks(bones, root)
    seen = np.full((*points.shape[:2], 1), 0.9)
    image = np.concatenate([project(points, SIZE[0] / SIZE[1]), seen], -1).astype(np.float32)
    world = np.concatenate([points - points[:, 23:25].mean(axis=1, keepdims=True), seen], -1).astype(np.float32)
    rest = np.tile(OWN_REST, (len(t_us), 1, 1)).astype(np.float32)
    rest[:, 0] = [0.0, REST[0][1], 0.0]
    return Track(
        id,
        t_us,
        score=np.full(len(t_us), 0.8, np.float32),
        image=image,
        world=world,
        image_raw=image,
        world_raw=world,
        bones=bones.astype(np.float32),
        root=root.astype(np.float32),
        rest=rest,
        floor=np.full(len(t_us), FLOOR_M, np.float32),
        contact=np.zeros((len(t_us), 2), bool),
        angles=joint_angles(world),
    )


def make_take(move: Callable[[], tuple[Array, Array]] = walk, stream: str = "cam") -> Take:
    """One person, captured evenly."""
    bones, root = move()
    t_us = times(len(bones))
    return Take(stream, SIZE, FPS, t_us, {1: make_track(bones, root, t_us)})


def pick(track: Track, chosen: np.ndarray) -> Track:
    """A track of the chosen frames only."""
    arrays = {
        name: value[chosen]
        for name in Track.__dataclass_fields__
        if name != "id" and (value := getattr(track, name)) is not None
    }
    return Track(track.id, **arrays)


def estimate_demo(engine: Engine, rounds: int = 1) -> Take:
    """The demo clip, several times over, as `posewire serve --pace max` tracks it."""
    smoother, solver = Smoother(Smoothing("one-euro")), Solver(65.0, smooth=True)
    source = demo()
    source.open()
    pictures = []
    while (picture := source.read()) is not None:
        pictures.append(picture)
    source.close()
    height, width = pictures[0].shape[:2]
    t_us = times(rounds * len(pictures))
    rows: dict[str, list[object]] = {name: [] for name in Track.__dataclass_fields__ if name != "id"}
    for index, now in enumerate(t_us.tolist()):
        found = engine.estimate(pictures[index % len(pictures)], now)[:1]
        for raw, (_, smooth) in zip(
            found, smoother.apply([(1, one) for one in found], now, width / height), strict=True
        ):
            body = solver.solve([(1, smooth)], now, width / height)[1]
            values = {name: getattr(body, name) for name in ("bones", "root", "rest", "floor", "contact")}
            values |= {"t_us": now, "score": smooth.score, "image": smooth.image, "world": smooth.world}
            values |= {"image_raw": raw.image, "world_raw": raw.world, "angles": joint_angles(smooth.world)}
            for name, value in values.items():
                rows[name].append(value)
    types = {"t_us": np.int64, "contact": bool}
    track = Track(1, **{name: np.array(values, types.get(name, np.float32)) for name, values in rows.items()})
    return Take("demo", (width, height), 0.0, t_us, {1: track})


def perform(take: Take, fps: float | None = None, layout: str = "BODY_25", cut: Cut = WHOLE) -> Performance:
    """All people of a take, as a format is given them."""
    timeline = make_timeline(take, fps, cut)
    motions = tuple(motion for track in take.tracks.values() if (motion := resample(track, timeline)) is not None)
    return Performance(take.stream, take.size, timeline, make_stage(take), motions, layout)


def with_gap(take: Take, start: int, end: int) -> Take:
    """The same take without its people in some of its frames."""
    chosen = np.ones(len(take.t_us), bool)
    chosen[start:end] = False
    return replace(take, tracks={id: pick(track, chosen) for id, track in take.tracks.items()})


def make_content(form: Format, performance: Performance, path: Path = Path("take")) -> dict[Path, bytes]:
    """The files of a format with what is in them."""
    return {where: b"".join(pieces()) for where, pieces in form.files(performance, path).items()}


def to_frames(take: Take) -> list[Frame]:
    """The messages that a recording of the take has."""
    rows = {id: {int(t_us): row for row, t_us in enumerate(track.t_us)} for id, track in take.tracks.items()}
    frames = []
    for seq, t_us in enumerate(take.t_us.tolist()):
        poses = []
        for id, track in take.tracks.items():
            if (row := rows[id].get(t_us)) is not None:
                names = ("image", "world", "image_raw", "world_raw", "bones", "root", "rest", "angles")
                arrays = {name: value[row] for name in names if (value := getattr(track, name)) is not None}
                floor = None if track.floor is None else float(track.floor[row])
                poses.append(Pose(id, float(track.score[row]), **arrays, floor=floor))
        frames.append(Frame(0, take.stream, seq, t_us, t_us + 20_000, take.size, tuple(poses)))
    return frames


def record(path: Path, *takes: Take) -> Path:
    """A recording of them all."""
    frames = sorted((frame for take in takes for frame in to_frames(take)), key=lambda frame: frame.t_us)
    streams = [StreamInfo(take.stream, *take.size, take.fps, "mediapipe", "full") for take in takes]
    path.write_bytes(recording(frames, streams))
    return path
