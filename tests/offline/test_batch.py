from collections.abc import Callable
from pathlib import Path

import pytest

from streamer.errors import PosewireError, SourceError, UsageError
from streamer.export.exporter import Output
from streamer.offline.batch import LOCK, Batch
from streamer.offline.ledger import NAME


class Work:
    """What is made of videos: of each a file, but of those that are told to fail or to have several people."""

    def __init__(self, tmp_path: Path) -> None:
        self.videos = tmp_path / "videos"
        self.folder = tmp_path / "out"
        self.videos.mkdir()
        self.planned: list[str] = []
        self.told: list[str] = []
        self.complaints: list[str] = []
        self.fails: dict[str, BaseException] = {}
        self.names: dict[str, list[str]] = {}
        self.pieces: Callable[[], list[bytes]] = lambda: [b"export"]

    def add(self, *names: str) -> "Work":
        for name in names:
            (self.videos / name).write_bytes(name.encode())
        return self

    def plan(self, source: Path) -> list[Output]:
        self.planned.append(source.name)
        if source.name in self.fails:
            raise self.fails[source.name]
        names = self.names.get(source.name, [f"{source.stem}.bvh"])
        return [
            Output(self.folder / name, "made", {self.folder / name: lambda: self.pieces()}, False) for name in names
        ]

    def run(self, force: bool = False, fps: int = 30) -> Batch:
        self.planned.clear()
        self.told.clear()
        self.complaints.clear()
        sources = sorted(self.videos.iterdir())
        batch = Batch(
            sources, self.folder, {"to": "bvh", "fps": fps}, self.plan, force, self.told.append, self.complaints.append
        )
        assert batch.run() is (batch.failed == 0)
        return batch

    @property
    def there(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name not in (NAME, LOCK))


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def test_each_video_becomes_an_export(work: Work) -> None:
    assert work.add("a.mp4", "b.mov").run().summary == "2 files: 2 exported"
    assert work.there == ["a.bvh", "b.bvh"]
    assert work.told == [f"{work.folder / 'a.bvh'}: made", f"{work.folder / 'b.bvh'}: made"]


def test_what_is_done_is_not_done_again(work: Work) -> None:
    work.add("a.mp4", "b.mp4").run()
    work.add("c.mp4")
    assert work.run().summary == "3 files: 1 exported, 2 done before"
    assert work.planned == ["c.mp4"]


def test_changed_videos_and_other_options_are(work: Work) -> None:
    work.add("a.mp4", "b.mp4").run()
    (work.videos / "a.mp4").write_bytes(b"another")
    work.run()
    assert work.planned == ["a.mp4"]
    assert work.run(fps=60).summary == "2 files: 2 exported"


def test_a_bad_file_is_reported_and_passed_over(work: Work) -> None:
    work.add("a.mp4", "b.mp4", "c.mp4", "d.mp4")
    work.fails = {"a.mp4": SourceError("not a video"), "c.mp4": ZeroDivisionError("by zero")}
    assert work.run().summary == "4 files: 2 exported, 2 failed"
    assert work.complaints == ["a.mp4: not a video", "c.mp4: unexpected ZeroDivisionError: by zero"]
    assert work.there == ["b.bvh", "d.bvh"]
    work.fails = {}
    assert work.run().summary == "4 files: 2 exported, 2 done before"


def test_work_that_was_stopped_goes_on(work: Work) -> None:
    work.add("a.mp4", "b.mp4", "c.mp4")
    work.fails = {"b.mp4": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        work.run()
    assert work.there == ["a.bvh"]
    work.fails = {}
    work.run()
    assert work.planned == ["b.mp4", "c.mp4"]


def test_what_was_stopped_while_it_was_written_is_written_again(work: Work) -> None:
    work.add("a.mp4")
    work.names = {"a.mp4": ["a_person1.bvh", "a_person2.bvh"]}
    calls = []

    def stop_at_the_second() -> list[bytes]:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return [b"export"]

    work.pieces = stop_at_the_second
    with pytest.raises(KeyboardInterrupt):
        work.run()
    assert work.there == ["a_person1.bvh"]
    assert work.run().summary == "1 file: 1 exported"
    assert work.there == ["a_person1.bvh", "a_person2.bvh"]


def test_files_of_others_are_not_overwritten(work: Work) -> None:
    work.add("a.mp4").folder.mkdir()
    (work.folder / "a.bvh").write_text("mine")
    assert work.run().failed == 1
    assert work.complaints == [f"a.mp4: {work.folder / 'a.bvh'} exists; --force overwrites it"]
    assert (work.folder / "a.bvh").read_text() == "mine"
    assert work.run(force=True).failed == 0
    assert (work.folder / "a.bvh").read_text() == "export"
    assert work.run().kept == 1


def test_two_videos_of_one_name_are_told(work: Work) -> None:
    assert work.add("a.mp4", "a.mov", "b.mp4").run().failed == 2
    assert work.complaints[0].startswith("a.mov: others there have its name with another ending")
    assert work.there == ["b.bvh"]


@pytest.mark.parametrize("again", [False, True])
def test_an_export_that_would_be_another_videos_is_told(work: Work, again: bool) -> None:
    work.add("a.mp4", "a_person1.mp4")
    work.names = {"a.mp4": ["a_person1.bvh", "a_person2.bvh"]}
    if again:
        work.run()
    assert work.run().failed == 1
    assert work.complaints == [f"a_person1.mp4: {work.folder / 'a_person1.bvh'} would be written twice"]


def test_a_folder_that_can_not_be_is_told(work: Work) -> None:
    work.add("a.mp4").folder.write_text("a file")
    with pytest.raises(UsageError, match="can't be a folder: File exists"):
        work.run()


def test_a_folder_with_another_ledger_is_told(work: Work) -> None:
    work.add("a.mp4").folder.mkdir()
    (work.folder / NAME).write_text("{}")
    with pytest.raises(PosewireError, match="remove it to begin anew"):
        work.run()


def test_two_runs_in_one_folder_are_one_too_many(work: Work) -> None:
    work.add("one.mp4")
    options = {"to": "bvh", "fps": 30}
    first = Batch([], work.folder, options, work.plan, False, work.told.append, work.complaints.append)
    with pytest.raises(UsageError, match="another export works in"):
        work.run()
    assert first.run()
    assert work.run().made == 1
