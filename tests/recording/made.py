"""Small recordings for tests."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from io import BytesIO
from typing import IO

import numpy as np

from protocol import ANGLES, BONES, EDGES, LANDMARKS, PARENTS, REST, Frame, Hello, Pose, Status, StreamInfo, encode
from protocol.messages import Bones, Skeleton
from streamer.recording.writer import RecordingWriter

T0_US = 5_000_000
STEP_US = 33_333
UTC = datetime(2026, 3, 4, 5, 6, 7, 8, timezone.utc)
CAM = StreamInfo("cam", 640, 480, 30.0, "openvino", "full")
SIDE = StreamInfo("side", 320, 240, 25.0, "openvino", "lite")


def hello(*streams: StreamInfo) -> Hello:
    skeleton, bones = Skeleton(LANDMARKS, EDGES), Bones(BONES, PARENTS, REST)
    return Hello("posewire 0", T0_US, streams, skeleton, bones, ANGLES)


def pose(id: int = 1, seed: int = 0, body: bool = True) -> Pose:
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return rng.random(shape, np.float32)

    points = {name: numbers(33, 4) for name in ("image", "world", "image_raw", "world_raw")}
    if not body:
        return Pose(id, 0.5, **points)
    solved = {"bones": numbers(len(BONES), 4), "root": numbers(3), "rest": numbers(len(BONES), 3)}
    return Pose(id, 0.5, **points, **solved, angles=numbers(len(ANGLES)), contact=(True, False), floor=-1.5)


def frame(seq: int, *poses: Pose, stream: str = "cam", t_us: int | None = None) -> Frame:
    captured_us = T0_US + seq * STEP_US if t_us is None else t_us
    return Frame(0, stream, seq, captured_us, captured_us + 20_000, (640, 480), poses)


def frames(count: int, stream: str = "cam") -> list[Frame]:
    return [frame(seq, pose(seed=seq), stream=stream) for seq in range(1, count + 1)]


def write(
    output: IO[bytes], messages: Iterable[Frame | Status], streams: Sequence[StreamInfo] = (CAM,), finish: bool = True
) -> None:
    """A recording of these messages; without `finish`, all that a killed process would leave at best."""
    writer = RecordingWriter(output)
    writer.hello(hello(*streams))
    writer.clock(T0_US, UTC)
    for message in messages:
        if isinstance(message, Frame):
            writer.frame(message.stream, message.seq, message.t_us, encode(message))
        else:
            writer.status(message.stream, message.t_us, encode(message))
    if finish:
        writer.finish()
    else:
        writer.close_chunk()


def recording(messages: Iterable[Frame | Status], streams: Sequence[StreamInfo] = (CAM,), finish: bool = True) -> bytes:
    output = BytesIO()
    write(output, messages, streams, finish)
    return output.getvalue()
