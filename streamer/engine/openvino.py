"""BlazePose on OpenVINO: the same networks as MediaPipe, without its graph.

What MediaPipe does between the networks is done here with numpy and OpenCV (streamer.engine.blazepose), equal in
result. An optional install: `pip install posewire[fast]`.
"""

import threading
from dataclasses import astuple
from typing import Final

import numpy as np

from streamer.engine.base import Detection, Mode, check_picture, check_wish
from streamer.engine.blazepose import detector, landmarks
from streamer.engine.blazepose.networks import DetectorRequest, LandmarkRequest, Tuning, default_threads
from streamer.engine.blazepose.region import Region
from streamer.engine.blazepose.smoothing import GraphSmoothing
from streamer.errors import EngineError
from streamer.source.base import Image

SAME: Final = 0.5
"""A find whose region overlaps by more with that of somebody who is followed is the same person."""


class OpenVinoEngine:
    """One stream's people. Who is found is followed from frame to frame; while places are free the detector looks, too.

    model: lite, full or heavy. people: the most to find, 1 to MAX_PEOPLE. mode: `video` follows, `image` looks at each
    picture afresh. smooth: with one person in a video, smooth as MediaPipe's graph does. Raises UsageError for a value
    out of range, EngineError where a network is missing or damaged or OpenVINO refuses it.
    """

    def __init__(
        self,
        model: str = "full",
        people: int = 1,
        mode: Mode = "video",
        min_confidence: float = 0.5,
        smooth: bool = True,
        tuning: Tuning | None = None,
    ) -> None:
        check_wish(model, people)
        tuning = tuning or Tuning(default_threads())
        self.name = "openvino" if tuning.precision == "f32" else f"openvino-{tuning.precision}"
        self.model = model
        self.smoothed = smooth and mode == "video" and people == 1
        self._people = people
        self._follows = mode == "video"
        self._min_confidence = min_confidence
        self._finder: DetectorRequest | None = DetectorRequest(tuning)
        self._looker: LandmarkRequest | None = LandmarkRequest(model, tuning)
        self._smoothing = GraphSmoothing() if self.smoothed else None
        self._followed: list[Region] = []
        self._size = (0, 0)
        self._lock = threading.Lock()

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        """People in an RGB picture, (height, width, 3) uint8, whose size may change from one to the next.

        A person with a number that isn't finite is left out. `score` is the mean over a person's landmarks of presence,
        how likely each is to be in the picture. Raises EngineError.
        """
        check_picture(image)
        height, width = image.shape[:2]
        with self._lock:
            regions = self._following(width, height)
            if len(regions) < self._people:
                regions = self._find(image, regions)
            found = [one for region in regions if (one := self._look(image, region)) is not None]
            self._followed = [region for _, region in found] if self._follows else []
            if self._smoothing is None:
                return [person for person, _ in found]
            if not found:
                self._smoothing.lost()
            return [self._smoothing.apply(person, region, width, height, media_us) for person, region in found]

    def _following(self, width: int, height: int) -> list[Region]:
        """Those followed, in a picture of this size; nobody in one of another shape, as when a phone is turned."""
        (width_before, height_before), self._size = self._size, (width, height)
        if (width, height) == (width_before, height_before):
            return self._followed
        if abs(width * height_before - height * width_before) > width + width_before:  # but for rounding
            return []
        return [region.scaled(width / width_before) for region in self._followed]

    def _find(self, image: Image, followed: list[Region]) -> list[Region]:
        """Those followed and whom the detector sees, of two in the same place the new one; as many as asked for."""
        if self._finder is None:
            raise EngineError("the engine is closed")
        detector.prepare(image, self._finder.input)
        boxes, scores = self._finder.run()
        height, width = image.shape[:2]
        found = detector.decode(boxes, scores[:, 0], width, height, self._min_confidence, self._people)
        kept = [region for region in followed if all(region.overlap(new) <= SAME for new in found)]
        return (kept + found)[: self._people]

    def _look(self, image: Image, region: Region) -> tuple[Detection, Region] | None:
        """A person and where to look next; None where nobody is."""
        if self._looker is None:
            raise EngineError("the engine is closed")
        landmarks.prepare(image, region, self._looker.input)
        points, presence, heatmap, world = self._looker.run()
        if not presence[0] >= self._min_confidence:
            return None
        height, width = image.shape[:2]
        person, following = landmarks.decode(points, heatmap, world, region, width, height)
        usable = person.is_finite and np.isfinite(astuple(following)).all()
        return (person, following) if usable else None

    def close(self) -> None:
        """Release the networks; harmless when already closed. Waits for the frame in work."""
        with self._lock:
            self._finder = self._looker = None
