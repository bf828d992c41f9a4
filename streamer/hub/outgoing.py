"""A frame on its way to everyone: what the pipeline made of a picture, encoded once for each view that is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from protocol.codec import encode_frame_body, join_frame
from protocol.messages import FIELDS, SOLVED_FIELDS, Field, Format, Pose
from protocol.poses import to_dtype, view_array
from protocol.skeleton import ALL
from streamer.body import Person
from streamer.clock import now_us
from streamer.hub.session import View
from streamer.vitals.stages import Stamps

_ALL_THERE_IS = View(FIELDS, ALL, "f32")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the pipeline made of one picture. `size` is (width, height) in pixels; `solved` are the fields on demand.

    People have bodies where `bones` or `rest` are in `solved`, and angles where `angles` is. `seq` counts all of a
    stream, also those that a newer one replaced before they came here.
    """

    stream: str
    seq: int
    t_us: int
    size: tuple[int, int]
    people: Sequence[Person]
    solved: frozenset[Field] = frozenset()
    stamps: Stamps | None = None


class Outgoing:
    """An estimate on its way to everyone, encoded once for each view that is written."""

    __slots__ = ("_bodies", "estimate")

    def __init__(self, estimate: Estimate) -> None:
        self.estimate = estimate
        self._bodies: dict[tuple[View, Format], bytes] = {}

    def message(self, view: View, format: Format, sub_id: int) -> bytes:
        """The frame message of one subscription."""
        body = self._bodies.get((view, format))
        if body is None:
            body = self._bodies[view, format] = encode_view(self.estimate, view, format)
        return join_frame(sub_id, body, format)


def on_demand(view: View) -> frozenset[Field]:
    """The fields of a view that are made only where somebody wants them."""
    return SOLVED_FIELDS.intersection(view.fields)


def encode_view(estimate: Estimate, view: View, format: Format) -> bytes:
    """The body of a frame as one view wants it."""
    return _encode(estimate, view, format, now_us())


def encode_whole(estimate: Estimate, sent_us: int) -> bytes:
    """The frame message with all there is, for who takes streams whole."""
    return join_frame(0, _encode(estimate, _ALL_THERE_IS, "msgpack", sent_us), "msgpack")


def _encode(estimate: Estimate, view: View, format: Format, sent_us: int) -> bytes:
    poses = [_pose(person, view) for person in estimate.people]
    return encode_frame_body(estimate.stream, estimate.seq, estimate.t_us, sent_us, estimate.size, poses, format)


def _pose(person: Person, view: View) -> Pose:
    detection, body, fields = person.detection, person.body, view.fields
    raw = person.raw or detection
    pose = Pose(
        person.id,
        round(min(max(detection.score, 0.0), 1.0), 4),
        view_array(detection.image, view.landmarks, view.dtype) if "image" in fields else None,
        view_array(detection.world, view.landmarks, view.dtype) if "world" in fields else None,
        rest=to_dtype(body.rest, view.dtype) if "rest" in fields and body is not None else None,
        angles=to_dtype(person.angles, view.dtype) if "angles" in fields and person.angles is not None else None,
        image_raw=view_array(raw.image, view.landmarks, view.dtype) if "image_raw" in fields else None,
        world_raw=view_array(raw.world, view.landmarks, view.dtype) if "world_raw" in fields else None,
    )
    if "bones" not in fields or body is None:
        return pose
    return replace(
        pose,
        bones=to_dtype(body.bones, view.dtype),
        root=to_dtype(body.root, view.dtype),
        held=body.held,
        contact=body.contact,
        floor=round(body.floor, 4),
    )
