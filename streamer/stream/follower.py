"""What a stream knows of its people from frame to frame: who is who, smoothed, and with a body where that is wanted."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from protocol.messages import Field
from streamer.body import Person
from streamer.engine.base import Detection
from streamer.filter import Smoother
from streamer.settings import Settings
from streamer.solver import Solver, joint_angles
from streamer.source.base import Frame
from streamer.stream.tracks import Tracker


class Follower:
    """Makes people of an engine's detections; it outlives engines, so that no id is given to a second person.

    settings, engine_smoothed: what it starts with; whether the engine smooths what it returns. fov_deg: the camera's
    field of view along the picture's longer side, for the solver.
    """

    def __init__(self, settings: Settings, engine_smoothed: bool, fov_deg: float) -> None:
        self._settings = settings
        self._fov_deg = fov_deg
        self._mirrored = settings.mirror
        self._tracker = Tracker()
        self._smoother = Smoother(settings.smoothing, engine_smoothed)
        self._solver = self._make_solver()

    def _make_solver(self) -> Solver:
        return Solver(self._fov_deg, smooth=self._settings.smoothing.kind != "none")

    def change(self, settings: Settings, engine_smoothed: bool, new_engine: bool) -> None:
        """Go on with other settings, or with another engine."""
        before, self._settings = self._settings, settings
        if new_engine or settings.smoothing != before.smoothing:
            self._smoother = Smoother(settings.smoothing, engine_smoothed)
        if (settings.smoothing.kind == "none") != (before.smoothing.kind == "none"):
            self._solver = self._make_solver()  # else it stays: it has measured who is there

    def follow(self, frame: Frame, detections: Sequence[Detection], wanted: AbstractSet[Field]) -> list[Person]:
        """Those of the next frame; bodies and angles as far as they are wanted."""
        try:
            return self._follow(frame, detections, wanted)
        except Exception:
            # What is remembered of the frames before may be what it failed on, and then would for ever.
            self._tracker.forget()
            self._solver = self._make_solver()
            raise

    def _follow(self, frame: Frame, detections: Sequence[Detection], wanted: AbstractSet[Field]) -> list[Person]:
        if frame.mirrored != self._mirrored:
            self._mirrored = frame.mirrored
            self._tracker.forget()  # nobody jumps from one side to the other
        height, width = frame.image.shape[:2]
        aspect = width / height
        tracked = self._tracker.update(detections, frame.media_us, aspect)
        smooth = self._smoother.apply(tracked, frame.media_us, aspect)
        bodies = self._solver.solve(smooth, frame.media_us, aspect) if wanted & {"bones", "rest"} else {}
        with_angles = "angles" in wanted
        return [
            Person(id, found, bodies.get(id), joint_angles(found.world) if with_angles else None, given.raw or given)
            for (id, found), (_, given) in zip(smooth, tracked, strict=True)
        ]
