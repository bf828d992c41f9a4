"""A replay at a real hub, in the test's own event loop."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest

from protocol import Frame, StreamInfo, Subscribe
from protocol.messages import FIELDS, Bones, Skeleton
from streamer.config import ServeConfig
from streamer.errors import RecordingError, UsageError
from streamer.hub.catalog import Catalog
from streamer.hub.delivery import Client
from streamer.hub.hub import Hub
from streamer.output import Outputs
from streamer.recording.reader import Recording
from streamer.recording.writer import RecordingWriter
from streamer.replay.player import Change
from streamer.replay.replay import Replay
from streamer.source import NamedRecording, SourceWish, open_sources
from tests.pipes import Pipe, connect
from tests.recording.made import CAM, SIDE, STEP_US, frame, frames, hello, pose, recording, write


class Served:
    def __init__(self, data: bytes, ids: dict[str, str], options: dict) -> None:
        self.hub = Hub(Catalog())
        none = Outputs((), ())
        named = NamedRecording(Recording(BytesIO(data), "take.mcap"), "recording take.mcap", ids)
        config = ServeConfig(**{"pace": "max", "loop": False, **options})
        self.replay = Replay(named, config, self.hub, none, none, asyncio.get_running_loop())

    def watch(self, stream: str = "*") -> tuple[Client, Pipe]:
        return connect(self.hub, Subscribe(0, stream, FIELDS))

    async def until(self, state: str, stream: str = "cam") -> str:
        while self.hub.catalog.status(stream).state != state:
            await asyncio.sleep(0.001)
        return self.hub.catalog.status(stream).detail


@asynccontextmanager
async def served(data: bytes, ids: dict[str, str] | None = None, **options: object) -> AsyncIterator[Served]:
    one = Served(data, ids or {"cam": "cam"}, options)
    await one.replay.start()
    try:
        yield one
    finally:
        one.replay.stop()
        assert await one.replay.wait()


def sent(pipe: Pipe) -> list[Frame]:
    return [message for message in pipe.messages() if isinstance(message, Frame)]


async def test_everything_comes_as_it_was_however_slow_the_client() -> None:
    recorded = frames(12)
    async with served(recording(recorded)) as one:
        await asyncio.sleep(0.05)
        client, pipe = one.watch()  # nothing went by before somebody came
        pipe.paused = True
        while not one.hub.counts("cam").published:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        assert one.hub.counts("cam").published == 1
        while len(pipe.written) < 12:
            pipe.paused = False
            one.hub.drained(client)
            pipe.paused = len(pipe.written) % 3 == 0
            await asyncio.sleep(0.002)
        pipe.paused = False
        assert await one.until("ended") == "the recording came to its end"
    seen = sent(pipe)
    assert [one.poses for one in seen] == [one.poses for one in recorded]
    assert [one.seq for one in seen] == list(range(1, 13))
    assert {after.t_us - before.t_us for before, after in itertools.pairwise(seen)} == {STEP_US}
    assert one.hub.counts("cam").dropped == 0


async def test_its_description_is_the_recordings_and_its_health_no_engines() -> None:
    async with served(recording(frames(3), (CAM, SIDE)), {"cam": "left", "side": "right"}) as one:
        left, right = one.hub.catalog.streams
        assert left == StreamInfo("left", 640, 480, 30.0, "openvino", "full")
        assert (right.id, right.model, right.width) == ("right", "lite", 320)
        assert [stream.id for stream in one.replay.streams] == ["left", "right"]
        [stream, _] = one.replay.streams
        assert (stream.health().camera, stream.health().engine) == ("live", "idle")
        one.watch()
        await one.until("ended", "left")
        assert await one.until("ended", "right")
        assert (stream.health().camera, stream.health().engine) == ("ended", "working")
        assert stream.captured == 3


async def test_what_cannot_be_changed_is_refused_and_nothing_is() -> None:
    async with served(recording(frames(31)), speed=1.0) as one:
        before = one.replay.standing()
        for change, text in [
            (Change(position_s=1.0001, paused=True), "position_s is 1.0001; from 0 to 0.999990"),
            (Change(position_s=-0.1), "position_s is -0.1; from 0"),
            (Change(position_s=float("nan")), "position_s is nan; from 0"),
            (Change(speed=11, paused=True), "speed is 11; from 0.1 to 10"),
            (Change(speed=2), "with --pace max, frames go as fast as they are taken"),
        ]:
            with pytest.raises(UsageError, match=text):
                one.replay.change(change)
        assert one.replay.standing() == before
        one.replay.change(Change(paused=True))
        while one.hub.catalog.status("cam").detail != "paused":
            await asyncio.sleep(0.001)
        assert one.hub.catalog.status("cam").state == "live"


async def test_pictures_that_were_recorded_are_shown_beside_their_frames() -> None:
    jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
    output = BytesIO()
    writer = RecordingWriter(output)
    writer.hello(hello(CAM))
    for one in frames(20):
        writer.picture("cam", one.t_us, jpeg if one.seq > 5 else b"\xff\xd8 no picture")
        writer.frame("cam", one.seq, one.t_us, recording_bytes(one))
    writer.finish()
    async with served(output.getvalue(), pace="realtime", loop=True, preview=True, speed=4.0) as served_one:
        [stream] = served_one.replay.streams
        assert served_one.hub.catalog.info("cam").preview
        assert stream.preview is not None
        _, pipe = served_one.watch()
        picture, seen = None, set[int]()
        while picture is None or picture.t_us not in seen:  # a frame may be dropped where the machine is slow
            picture = await stream.preview.picture(0)
            while picture is not None and not any(t_us >= picture.t_us for t_us in seen):
                await asyncio.sleep(0.005)
                seen = {frame.t_us for frame in sent(pipe)}
        shown = cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert shown.shape == (48, 64, 3)
    async with served(output.getvalue()) as without:
        assert without.replay.streams[0].preview is None


def recording_bytes(one: Frame) -> bytes:
    from protocol import encode

    return encode(one)


async def test_a_recording_that_was_cut_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    async with served(recording(frames(5), finish=False)) as one:
        _, pipe = one.watch()
        await one.until("ended")
        assert len(sent(pipe)) == 5
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "recording take.mcap: it was cut off; it is replayed as far as it goes, posewire recover mends it"
    ]


async def test_one_with_other_bones_is_refused() -> None:
    output = BytesIO()
    writer = RecordingWriter(output)
    other = hello(CAM)
    writer.hello(type(other)("posewire 9", 1, (CAM,), Skeleton(("nose",), ()), Bones()))
    one = frame(1, pose())
    writer.frame("cam", 1, one.t_us, recording_bytes(one))
    writer.finish()
    with pytest.raises(RecordingError, match="its landmarks are others than this version's"):
        Served(output.getvalue(), {"cam": "cam"}, {})


class TestSources:
    def make(self, path: Path, *streams: StreamInfo) -> Path:
        with path.open("wb") as output:
            write(output, frames(2), streams)
        return path

    def ids(self, *specs: str) -> list[str]:
        found = []
        for named in open_sources(specs, SourceWish()):
            if isinstance(named, NamedRecording):
                named.recording.close()
                found += list(named.ids.values())
            else:
                found.append(named.id)
        return found

    def test_streams_keep_their_ids_where_these_are_free(self, tmp_path: Path) -> None:
        odd = StreamInfo("a/b\nc", 1, 1, 0.0, "", "")
        one, two = self.make(tmp_path / "one.mcap", CAM), self.make(tmp_path / "TWO.MCAP", CAM, SIDE, odd)
        assert self.ids(str(one), str(two), "cam=demo") == ["cam", "cam-2", "side", "a-b-c", "cam-3"]
        assert self.ids(f"x={one}", f"y={two}") == ["x", "y-cam", "y-side", "y-a-b-c"]

    def test_streams_of_recordings_count(self, tmp_path: Path) -> None:
        many = self.make(tmp_path / "many.mcap", *(StreamInfo(f"s{n}", 1, 1, 0.0, "", "") for n in range(16)))
        with pytest.raises(UsageError, match="more than 16 sources, the streams of recordings included"):
            self.ids("demo", str(many))

    def test_what_is_no_recording_is_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "bad.mcap").write_bytes(b"not one")
        for name, text in (("bad.mcap", "it isn't an MCAP file"), ("none.mcap", "No such file")):
            with pytest.raises(RecordingError, match=text):
                self.ids(str(tmp_path / name))
