"""One person, unsmoothed, of an engine that smooths whoever it follows alone."""

from streamer.engine.base import Detection, Engine
from streamer.source.base import Image
from streamer.stream.tracks import Tracker


class Single:
    """Of the two that an engine looks for, the one who was largest when first seen, for as long as it is remembered.

    MediaPipe smooths one person within its graph and can't be told not to; of two it gives what its network says. What
    is smoothed already is late, and no pass afterwards knows by how much. The engine is closed with this.
    """

    smoothed = False

    def __init__(self, engine: Engine) -> None:
        self.name, self.model = engine.name, engine.model
        self._engine = engine
        self._tracker = Tracker()
        self._id: int | None = None

    def estimate(self, image: Image, media_us: int) -> list[Detection]:
        """As of Engine: nobody, or the one."""
        height, width = image.shape[:2]
        people = self._tracker.update(self._engine.estimate(image, media_us), media_us, width / height)
        if self._id not in self._tracker.ids:
            self._id = max(people, key=lambda person: _extent(person[1]))[0] if people else None
        return [found for id, found in people if id == self._id]

    def close(self) -> None:
        """As of Engine."""
        self._engine.close()


def _extent(found: Detection) -> float:
    width, height = (found.image[:, :2].max(axis=0) - found.image[:, :2].min(axis=0)).tolist()
    return float(width * height)
