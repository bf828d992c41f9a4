"""How far the fast engine's world landmarks are from the truth, by model and precision, and what a precision changes.

    pip download --no-deps pose2sim==0.10.49 && unzip -q pose2sim-*.whl
    python -m benchmarks.accuracy Pose2Sim/Demo_SinglePerson [--models lite,full,heavy] [--precisions f32,bf16]

The truth: twelve joints of one person before four calibrated cameras, triangulated from the heavy model's image
landmarks. It is free of what one camera can't see, depth, but shares the model's idea of where in the body a joint is.
Each camera's world landmarks are laid onto it, turned, moved and scaled to fit best, since a single camera knows
neither its place nor the person's size. "from f32": the 33 world landmarks of the same pictures, as they come; rows
with noise say what it takes to move them as far: normally distributed grey levels, added to every value of a picture.
"""

import argparse
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from streamer.engine.base import Mode
from streamer.engine.blazepose.networks import Tuning, default_threads
from streamer.engine.openvino import OpenVinoEngine
from streamer.source.base import Image

STEP = 2
"""Of the frames one in so many is compared with the truth."""
FRAME_US = 16_667
JOINTS = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
MIN_JOINTS = 10
MIN_VISIBILITY = 0.5
MAX_REPROJECTION_PX = 25.0
"""A joint that the cameras see further apart, on average, isn't taken for true."""
NOISE = (1.0, 2.0)
"""Standard deviations, grey levels."""

Values = NDArray[np.float64]
Tracks = list[Values]
"""For each camera (frames, 33, 6): x, y in pixels, visibility, x, y, z in the world; NaN where nobody is found."""


@dataclass(frozen=True)
class Camera:
    """video: its file. pose: (3, 4), from the room in metres to its axes. matrix: (3, 3), pixels. distortion: (4,)."""

    video: Path
    pose: Values
    matrix: Values
    distortion: Values

    def frames(self) -> Iterator[Image]:
        capture = cv2.VideoCapture(str(self.video))
        while (read := capture.read())[0]:
            yield cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB)
        capture.release()

    def rays(self, pixels: Values) -> Values:
        """(n, 2) pixels without distortion, at a distance of 1."""
        rays: Values = cv2.undistortPoints(pixels[:, None], self.matrix, self.distortion)[:, 0]
        return rays


def cameras(folder: Path) -> list[Camera]:
    """As Qualisys writes them: millimetres, 64ths of a pixel, and axes with y up and z toward the camera."""
    found = []
    videos = sorted((folder / "videos").glob("*.mp4"))
    elements = ET.parse(folder / "calibration" / "Calib.qca.txt").getroot().iter("camera")
    for video, element in zip(videos, elements, strict=True):
        place = {key: float(value) for key, value in element.find("transform").attrib.items()}
        lens = {key: float(value) for key, value in element.find("intrinsic").attrib.items() if key != "model"}
        rotation = np.diag([1.0, -1, -1]) @ [[place[f"r{row}{column}"] for column in (1, 2, 3)] for row in (1, 2, 3)]
        position = np.array([place["x"], place["y"], place["z"]]) / 1000
        matrix = np.diag([lens["focalLengthU"] / 64, lens["focalLengthV"] / 64, 1])
        matrix[:2, 2] = lens["centerPointU"] / 64, lens["centerPointV"] / 64
        names = ("radialDistortion1", "radialDistortion2", "tangentalDistortion1", "tangentalDistortion2")
        distortion = np.array([lens[name] for name in names])
        found.append(Camera(video, np.column_stack((rotation, -rotation @ position)), matrix, distortion))
    return found


def look(camera: Camera, model: str, precision: str, mode: Mode, noise: float = 0) -> Values:
    """One camera's part of Tracks, each STEP frames; in a video all of them are seen."""
    given: dict[str, Any] = {} if precision == "f32" else {"precision": precision}
    engine = OpenVinoEngine(model, mode=mode, smooth=False, tuning=Tuning(default_threads(), **given))
    cv2.setRNGSeed(1)
    rows = []
    for index, picture in enumerate(camera.frames()):
        if mode == "image" and index % STEP:
            continue
        if noise:
            grain = cv2.randn(np.empty(picture.shape, np.int16), (0, 0, 0), (noise, noise, noise))
            picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
        people = engine.estimate(picture, index * FRAME_US)
        if index % STEP:
            continue
        row = np.full((33, 6), np.nan)
        if people:
            row[:, :2] = people[0].image[:, :2] * picture.shape[1::-1]
            row[:, 2], row[:, 3:] = people[0].image[:, 3], people[0].world[:, :3]
        rows.append(row)
    engine.close()
    return np.array(rows)


def triangulated(views: list[Camera], tracks: Tracks) -> tuple[Values, float]:
    """(frames, joints, 3) metres in the room, NaN where it can't be known; the median reprojection error, pixels."""
    truth, errors = np.full((len(tracks[0]), len(JOINTS), 3), np.nan), []
    seen = [track[:, JOINTS] for track in tracks]
    rays = [view.rays(track[..., :2].reshape(-1, 2)) for view, track in zip(views, seen, strict=True)]
    for number, place in enumerate(np.ndindex(truth.shape[:2])):
        use = [index for index, track in enumerate(seen) if track[place][2] >= MIN_VISIBILITY]
        if len(use) < 2:
            continue
        poses, points = np.array([views[index].pose for index in use]), np.array([rays[index][number] for index in use])
        weights = np.array([seen[index][place][2] for index in use])
        rows = weights[:, None, None] * (points[:, :, None] * poses[:, 2:] - poses[:, :2])
        point = np.linalg.svd(rows.reshape(-1, 4))[2][-1]
        projected = poses @ (point / point[3])
        focal = np.array([views[index].matrix[0, 0] for index in use])
        error = float((np.linalg.norm(projected[:, :2] / projected[:, 2:] - points, axis=1) * focal).mean())
        errors.append(error)
        if error < MAX_REPROJECTION_PX:
            truth[place] = point[:3] / point[3]
    return truth, float(np.median(errors))


def laid_onto(points: Values, truth: Values) -> Values:
    """points turned, moved and scaled to fit best (S. Umeyama, 1991). Both (n, 3)."""
    middle = truth.mean(0)
    points, truth = points - points.mean(0), truth - middle
    left, sizes, right = np.linalg.svd(points.T @ truth)
    signs = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    scale = (sizes * signs).sum() / (points**2).sum()
    fitted: Values = scale * points @ (left * signs) @ right + middle
    return fitted


def errors_mm(tracks: Tracks, truth: Values) -> list[float]:
    """Mean distance of the joints from the truth, for each camera."""
    means = []
    for track in tracks:
        distances = []
        for points, goal in zip(track[:, JOINTS, 3:], truth, strict=True):
            known = np.isfinite(points).all(1) & np.isfinite(goal).all(1)
            if known.sum() >= MIN_JOINTS:
                fitted = laid_onto(points[known], goal[known])
                distances.append(np.linalg.norm(fitted - goal[known], axis=1).mean())
        means.append(1000 * float(np.mean(distances)))
    return means


def change_mm(tracks: Tracks, others: Tracks) -> tuple[float, float]:
    """Mean and median over all pictures in which both found the person, of the landmarks' mean distance."""
    apart = [np.linalg.norm((a - b)[..., 3:], axis=2).mean(1) for a, b in zip(tracks, others, strict=True)]
    together = 1000 * np.concatenate(apart)
    return float(np.nanmean(together)), float(np.nanmedian(together))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", default="lite,full,heavy")
    parser.add_argument("--precisions", default="f32,bf16")
    options = parser.parse_args()
    cv2.setNumThreads(1)  # as the server has it
    views = cameras(options.folder)

    def seen(*how: Any) -> Tracks:
        return [look(view, *how) for view in views]

    truth, reprojection = triangulated(views, seen("heavy", "f32", "image"))
    known = 100 * np.isfinite(truth[..., 0]).mean()
    print(f"Truth: {known:.0f} % of the joints, median reprojection error {reprojection:.1f} pixels.\n")
    names = " | ".join(view.video.stem for view in views)
    print(f"| model | precision | mode | found | error mm | {names} | from f32, mean mm | median mm |")
    print("|---|---|---|---:|---:" + "|---:" * (len(views) + 2) + "|")
    wishes = [("f32", 0.0), *((name, 0.0) for name in options.precisions.split(",") if name != "f32")]
    noisy = [("f32", noise) for noise in NOISE]
    for model, mode in product(options.models.split(","), ("image", "video")):
        plain = None
        for precision, noise in wishes + noisy if mode == "image" else wishes:
            tracks = seen(model, precision, mode, noise)
            plain = plain or tracks
            errors = errors_mm(tracks, truth)
            found = 100 * np.isfinite(np.concatenate(tracks)[:, 0, 0]).mean()
            label = f"{precision}, noise of {noise:.0f}" if noise else precision
            distances = " | ".join(f"{value:.1f}" for value in (np.mean(errors), *errors, *change_mm(tracks, plain)))
            print(f"| {model} | {label} | {mode} | {found:.0f} % | {distances} |", flush=True)


if __name__ == "__main__":
    main()
