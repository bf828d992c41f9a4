"""From a video to a take: every frame, at the file's own times."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import cv2

from protocol.messages import Field
from streamer.engine.base import Engine
from streamer.errors import SourceError
from streamer.offline.single import Single
from streamer.offline.times import Times
from streamer.settings import Settings, Smoothing
from streamer.source.base import Frame, check_size
from streamer.source.video import Video
from streamer.stream.follower import Follower
from streamer.take.gather import Gatherer
from streamer.take.refilter import Choice, refilter
from streamer.take.take import Take

_ALL: Final[frozenset[Field]] = frozenset(("bones", "rest", "angles"))


class EngineMaker(Protocol):
    """Makes a video's engine."""

    def make(self, settings: Settings) -> Engine:
        """An engine for settings. Raises EngineError."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a video is looked at.

    settings: model and people; its smoothing doesn't matter here. filter: what the landmarks go through. fov_deg: the
    camera's field of view along the picture's longer side, for distances.
    """

    settings: Settings
    filter: Choice = "offline"
    fov_deg: float = 65.0


def estimate(path: Path, engines: EngineMaker, wish: Wish, on_frame: Callable[[int, int], None]) -> Take:
    """The people of a video, filtered and solved. The stream's name is the file's.

    on_frame: called after each frame with how many are done and about how many there are, 0 where the file doesn't say.
    A file that was cut off ends where it was. Memory goes with the landmarks, not with the pictures. Raises SourceError
    for a file that isn't a video or has no picture, EngineError.
    """
    video = Video(path)
    live = wish.filter == "live"
    settings = replace(wish.settings, smoothing=Smoothing() if live else Smoothing("none"))
    cv2.setNumThreads(
        1
    )  # OpenCV's worker threads spin while they wait, which takes more from the engine than they give
    info = video.open()
    try:
        engine = _make(engines, settings)
        try:
            return refilter(_gather(video, info.fps, engine, settings, wish, on_frame), wish.filter, wish.fov_deg)
        finally:
            engine.close()
    finally:
        video.close()


def _make(engines: EngineMaker, settings: Settings) -> Engine:
    engine = engines.make(settings)
    if settings.smoothing.kind != "none" or not engine.smoothed:
        return engine
    engine.close()
    return Single(engines.make(replace(settings, people=2)))


def _gather(
    video: Video, fps: float, engine: Engine, settings: Settings, wish: Wish, on_frame: Callable[[int, int], None]
) -> Take:
    follower = Follower(settings, engine.smoothed, wish.fov_deg)
    wanted = _ALL if wish.filter == "live" else frozenset[Field]()
    times = Times(fps)
    gatherer: Gatherer | None = None
    count = 0
    while (picture := video.read()) is not None:
        height, width = picture.shape[:2]
        if gatherer is None:
            check_size(width, height, video.label)
            gatherer = Gatherer(video.path.stem, (width, height), fps)
        t_us = times.next(video.shown_us)
        count += 1
        frame = Frame(picture, t_us, t_us, count)
        gatherer.add(t_us, follower.follow(frame, engine.estimate(picture, t_us), wanted))
        on_frame(count, video.frames)
    if gatherer is None:
        raise SourceError(f"{video.label}: not one picture in it")
    return gatherer.take()
