"""The typed messages of the wire. protocol/SPEC.md is normative; `schema` reads them from maps."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .humanoid import BoneTree

Array: TypeAlias = NDArray[np.floating[Any]]

DTYPES: dict[str, "np.dtype[Any]"] = {"f32": np.dtype("<f4"), "f16": np.dtype("<f2")}
FIELDS = ("image", "world", "bones", "rest", "angles")
STATES = ("live", "lost", "ended")


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream of a server: picture size in pixels after rotation, nominal frames a second (0: unknown).

    node: whose stream it is, empty where that is the server itself.
    """

    id: str
    width: int
    height: int
    fps: float
    engine: str
    model: str
    people: int = 1
    smoothing: str = "none"
    state: str = "live"
    node: str = ""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Landmark names in index order and the edges to draw, as pairs of indices."""

    landmarks: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hello:
    """The server's first message. bones: None where the server solves none."""

    version: int
    server: str
    now_us: int
    streams: tuple[StreamInfo, ...]
    skeleton: Skeleton
    bones: BoneTree | None = None
    angles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscribe:
    """What this client asks for."""

    id: int
    stream: str = "*"
    fields: tuple[str, ...] = ("world", "bones", "rest")
    max_fps: float | None = None
    dtype: str = "f32"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The answer; `landmarks` are the indices in the order of the arrays' rows."""

    id: int
    stream: str
    fields: tuple[str, ...]
    landmarks: tuple[int, ...]
    dtype: str


@dataclass(slots=True, eq=False)
class Pose:
    """One person in a frame. Arrays are float32, read only, None where not subscribed to; axes of the wire.

    id: stays with the person from frame to frame of a stream, never reused.
    score: confidence in [0, 1].
    image: N x 4 (x, y, z, visibility), x and y in [0, 1] of the picture from its top left, y down; z scaled like x.
    world: N x 4 (x, y, z, visibility), metres, origin midway between the hips.
    bones: B x 4 unit quaternions (x, y, z, w), local to the parent, identity in the T-pose facing +Z.
    root: 3, the hips in metres, origin at the camera. Comes with `bones`, as do the three below.
    held: indices of the bones that aren't seen, so keep their last pose or ease to rest.
    contact: whether the left and the right foot stand on the floor.
    floor: height (y) of the floor in the axes of `root`; None where it isn't told.
    rest: B x 3, this person's own rest offsets in metres, as in `BoneTree.rest`.
    angles: degrees, NaN where an angle can't be told.
    """

    id: int
    score: float
    image: Array | None = None
    world: Array | None = None
    bones: Array | None = None
    root: Array | None = None
    held: tuple[int, ...] = ()
    contact: tuple[bool, bool] = (False, False)
    floor: float | None = None
    rest: Array | None = None
    angles: Array | None = None


@dataclass(slots=True, eq=False)
class Frame:
    """Everyone in one picture; nobody there is an empty `poses`.

    id: of the subscription. seq: counts the frames of the stream. t_us: capture, sent_us: when the server encoded it,
    both on the server's clock. size: picture width and height in pixels.
    """

    id: int
    stream: str
    seq: int
    t_us: int
    sent_us: int
    size: tuple[int, int]
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """A stream is `live`, `lost` (its source is gone, `detail` says why) or `ended`.

    info: its description, where that changed or the stream is new. gone: the server offers it no more.
    """

    stream: str
    state: str
    detail: str
    t_us: int
    info: StreamInfo | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """Frames of a stream that this connection was too slow to take, in total."""

    id: int
    stream: str
    total: int


@dataclass(frozen=True, slots=True)
class TimeAnswer:
    """The client's `t0_us` with the server's receive and send times; None where it only asks."""

    t0_us: int
    t1_us: int | None
    t2_us: int | None


@dataclass(frozen=True, slots=True)
class ServerError:
    """The server refused something. `id`: the subscription that it is about."""

    code: str
    message: str
    id: int | None = None


Message: TypeAlias = Hello | Subscribed | Frame | Status | Dropped | TimeAnswer | ServerError
