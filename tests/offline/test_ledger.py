import json
import os
from pathlib import Path
from typing import Any

import pytest

from streamer.errors import PosewireError
from streamer.offline.ledger import NAME, Ledger

OPTIONS = {"to": "bvh", "fps": None}


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "out"
    path.mkdir()
    return path


def made(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_text("export")
    return [folder / name for name in names]


def finished(folder: Path, video: Path, *names: str, **options: Any) -> None:
    ledger = Ledger(folder, OPTIONS | options)
    ledger.claim(video, [folder / name for name in names])
    ledger.finish(video, made(folder, *names))


def test_what_is_done_stays_done(folder: Path, video: Path) -> None:
    assert not Ledger(folder, OPTIONS).is_done(video)
    finished(folder, video, "a.bvh")
    assert Ledger(folder, OPTIONS).is_done(video)
    assert Ledger(folder, OPTIONS).owned(video) == [folder / "a.bvh"]


def test_what_was_only_begun_is_not_done_but_is_ours(folder: Path, video: Path) -> None:
    Ledger(folder, OPTIONS).claim(video, made(folder, "a.bvh"))
    ledger = Ledger(folder, OPTIONS)
    assert not ledger.is_done(video)
    assert ledger.owned(video) == [folder / "a.bvh"]


def test_another_video_of_that_name_is_not_done(folder: Path, video: Path) -> None:
    finished(folder, video, "a.bvh")
    state = video.stat()
    os.utime(video, ns=(state.st_atime_ns, state.st_mtime_ns - 1))
    assert not Ledger(folder, OPTIONS).is_done(video)
    os.utime(video, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert Ledger(folder, OPTIONS).is_done(video)
    video.write_bytes(b"longer video")
    os.utime(video, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert not Ledger(folder, OPTIONS).is_done(video)


def test_other_options_are_not_done(folder: Path, video: Path) -> None:
    finished(folder, video, "a.bvh")
    assert not Ledger(folder, OPTIONS | {"fps": "30"}).is_done(video)


def test_formats_do_not_get_into_each_others_way(folder: Path, video: Path) -> None:
    finished(folder, video, "a.bvh")
    finished(folder, video, "a.trc", to="trc")
    assert Ledger(folder, OPTIONS).is_done(video)
    assert Ledger(folder, OPTIONS | {"to": "trc"}).is_done(video)


def test_an_export_that_is_gone_is_not_done(folder: Path, video: Path) -> None:
    finished(folder, video, "a_person1.bvh", "a_person2.bvh")
    (folder / "a_person2.bvh").unlink()
    assert not Ledger(folder, OPTIONS).is_done(video)
    folder_like = folder / "a_json"
    folder_like.mkdir()
    Ledger(folder, OPTIONS).finish(video, [folder_like])
    assert not Ledger(folder, OPTIONS).is_done(video)
    (folder_like / "1.json").touch()
    assert Ledger(folder, OPTIONS).is_done(video)


def test_what_an_earlier_export_left_goes(folder: Path, video: Path) -> None:
    finished(folder, video, "a_person1.bvh", "a_person2.bvh")
    others = made(folder, "b.bvh")
    finished(folder, video, "a.bvh", fps="30")
    assert sorted(path.name for path in folder.iterdir()) == [NAME, "a.bvh", "b.bvh"]
    assert others[0].exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "entries": {}}',
        '{"version": 1}',
        '{"version": 1, "entries": {"bvh a.mp4": 1}}',
        *(json.dumps({"version": 1, "entries": {"bvh a.mp4": {"files": [name]}}}) for name in ("../a", "/a", "..", 5)),
    ],
)
def test_a_file_that_is_not_ours_is_told(folder: Path, text: str) -> None:
    (folder / NAME).write_text(text)
    with pytest.raises(PosewireError, match=r"isn't what this version of posewire writes"):
        Ledger(folder, OPTIONS)


def test_what_can_not_be_written_is_told(folder: Path, video: Path) -> None:
    ledger = Ledger(folder, OPTIONS)
    (folder / f"{NAME}.part").mkdir()
    with pytest.raises(PosewireError, match=r"^can't write .*: Is a directory"):
        ledger.claim(video, [folder / "a.bvh"])
    video.unlink()
    with pytest.raises(PosewireError, match=r"^can't read .*a\.mp4: No such file"):
        ledger.finish(video, [])
