import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from protocol import LANDMARKS
from tests.harness import read_clip, run_posewire


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    cv2.imwrite(str(path), read_clip()[99])
    return path


def test_one_picture_gives_one_object_and_a_drawing(photo: Path, tmp_path: Path) -> None:
    done = run_posewire("detect", photo.name, "--json", "out.json", "--draw", "drawn.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "photo.jpg: 1 person\n"
    assert done.stderr == ""
    result = json.loads((tmp_path / "out.json").read_text())
    assert [point["name"] for point in result["keypoints"]] == list(LANDMARKS)
    assert [point["id"] for point in result["keypoints"]] == list(range(33))
    assert result["people"][0]["keypoints"] == result["keypoints"]
    world = {point["name"]: point for point in result["people"][0]["world"]}
    assert world["nose"]["y"] > world["left_hip"]["y"] > world["left_ankle"]["y"]
    original, drawn = cv2.imread(str(photo)), cv2.imread(str(tmp_path / "drawn.png"))
    assert drawn.shape == original.shape
    for name in ("left_shoulder", "right_hip"):
        point = result["keypoints"][LANDMARKS.index(name)]
        blue, green, red = drawn[round(point["y"] * 1280), round(point["x"] * 720)].tolist()
        assert red > 200 > 100 > max(blue, green)


def test_several_pictures_give_a_list(photo: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((200, 300, 3), 120, np.uint8))
    (tmp_path / "drawn").mkdir()
    options = ["--json", "-", "--draw", "drawn", "--model", "lite"]
    done = run_posewire("detect", "photo.jpg", "grey.png", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert len(first["people"]) == 1
    assert second == {"keypoints": [], "people": [], "size": [300, 200]}
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == {"photo.png", "grey.png"}


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["missing.jpg"], 2, "missing.jpg"),
        (["text.png"], 2, "text.png"),
        (["photo.jpg", "photo.jpg", "--draw", "one.png"], 2, "folder"),
        (["photo.jpg", "--draw", "drawn.xyz"], 2, ".xyz"),
        (["photo.jpg", "--json", "nowhere/out.json"], 1, "nowhere"),
        (["photo.jpg", "--people", "9"], 2, "1 to 8"),
    ],
)
def test_what_is_wrong_is_one_line(
    photo: Path, tmp_path: Path, arguments: list[str], status: int, expected: str
) -> None:
    (tmp_path / "text.png").write_text("no picture")
    done = run_posewire("detect", "--model", "lite", *arguments, cwd=tmp_path)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert expected in done.stderr
