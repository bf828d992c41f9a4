from pathlib import Path

import pytest

from streamer.errors import SourceError, UsageError
from streamer.offline.inputs import find, is_recording, open_takes
from streamer.settings import Smoothing
from streamer.take.refilter import Choice
from streamer.take.take import Take
from tests.recording.made import frames, recording
from tests.takes import make_take


def test_a_recording_is_told_by_its_ending_or_its_beginning(tmp_path: Path) -> None:
    for name, content, expected in (
        ("a.mcap", b"", True),
        ("a.MCAP", b"x", True),
        ("b.dat", b"\x89MCAP0\r\n", True),
        ("c.mp4", b"\x00\x00\x00 ftyp", False),
        ("d", b"", False),
    ):
        (tmp_path / name).write_bytes(content)
        assert is_recording(tmp_path / name) is expected
    with pytest.raises(SourceError, match=r"^can't read .*gone\.mp4: No such file"):
        is_recording(tmp_path / "gone.mp4")


def test_a_folder_is_looked_through(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no video and no recording in"):
        find(tmp_path)
    for name in ("b.mp4", "a.MOV", "notes.txt", ".hidden.mp4", "c.mcap"):
        (tmp_path / name).touch()
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "link.mp4").symlink_to("b.mp4")
    (tmp_path / "lost.mp4").symlink_to("unmounted.mp4")  # which is to be told
    assert [path.name for path in find(tmp_path)] == ["a.MOV", "b.mp4", "c.mcap", "link.mp4", "lost.mp4"]
    with pytest.raises(SourceError, match="can't read"):
        find(tmp_path / "gone")


def test_recordings_are_left_as_they_are_and_videos_are_smoothed(tmp_path: Path) -> None:
    asked: list[tuple[str, Choice]] = []

    def estimate(path: Path, choice: Choice, tell: object) -> Take:
        asked.append((path.name, choice))
        return make_take(stream=path.stem)

    def open_(name: str, choice: Choice | None) -> dict[str, Take]:
        return open_takes(tmp_path / name, choice, 65.0, estimate, lambda done, total: None)

    (tmp_path / "a.mp4").write_bytes(b"video")
    (tmp_path / "b.mcap").write_bytes(recording(frames(5)))
    assert list(open_("a.mp4", None)) == ["a"]
    open_("a.mp4", "live")
    assert asked == [("a.mp4", "offline"), ("a.mp4", "live")]
    recorded = open_("b.mcap", None)["cam"].tracks[1]
    refiltered = open_("b.mcap", Smoothing("none"))["cam"].tracks[1]
    assert not (recorded.world == recorded.world_raw).any()
    assert (refiltered.world == recorded.world_raw).all()
    assert len(asked) == 2
