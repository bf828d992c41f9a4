"""The typed messages of the wire. SPEC.md is normative; this is its Python shape."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from protocol.limits import VERSION

Format: TypeAlias = Literal["msgpack", "json"]
Dtype: TypeAlias = Literal["f32", "f16"]
Field: TypeAlias = Literal["image", "world", "bones", "rest", "angles", "image_raw", "world_raw"]
State: TypeAlias = Literal["live", "lost", "ended"]
Array: TypeAlias = NDArray[np.floating[Any]]
Selection: TypeAlias = str | tuple[str | int, ...] | None

DTYPES: dict[Dtype, np.dtype[Any]] = {"f32": np.dtype("<f4"), "f16": np.dtype("<f2")}
FIELDS: tuple[Field, ...] = ("image", "world", "bones", "rest", "angles", "image_raw", "world_raw")
DEFAULT_FIELDS: tuple[Field, ...] = ("image", "world")
SOLVED_FIELDS: frozenset[Field] = frozenset({"bones", "rest", "angles"})
"""Fields that a server has to solve for; the others are what it estimates anyway."""
STATES: tuple[State, ...] = ("live", "lost", "ended")


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream of a server: picture size in pixels after rotation, nominal frames a second (0: unknown).

    mirror: whether left and right are swapped, as in a mirror. preview: whether /preview/ID shows what the camera sees.
    node: whose stream it is, where that isn't the server itself; then clock_error_us is by how much its frames' `t_us`
    may be off on the server's clock, microseconds.
    """

    id: str
    width: int
    height: int
    fps: float
    engine: str
    model: str
    people: int = 1
    smoothing: str = "none"
    state: State = "live"
    mirror: bool = False
    preview: bool = False
    node: str = ""
    clock_error_us: int | None = None


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Landmark names in index order and the edges to draw, as pairs of indices."""

    landmarks: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Bones:
    """The humanoid that `bones` of a pose turns: VRM 1.0 names, each parent's index (-1: none), rest offsets in metres.

    `rest` is each bone's offset from its parent in the T-pose facing +Z, in the axes of `world`; of the root from the
    floor. Parents come before their children.
    """

    names: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    rest: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Hello:
    """The server's first message. `now_us` is its monotonic clock, the clock of every `_us` it sends.

    angles: names in the order of a pose's `angles`.
    """

    server: str
    now_us: int
    streams: tuple[StreamInfo, ...]
    skeleton: Skeleton
    bones: Bones = Bones()
    angles: tuple[str, ...] = ()
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A client asks for frames; one with an id in use replaces that subscription."""

    id: int
    stream: str = "*"
    fields: tuple[Field, ...] = DEFAULT_FIELDS
    landmarks: Selection = None
    max_fps: float | None = None
    dtype: Dtype = "f32"


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The server's answer, with the landmark indices in the order of the arrays' rows."""

    id: int
    stream: str
    fields: tuple[Field, ...]
    landmarks: tuple[int, ...]
    dtype: Dtype


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """No frame with this id follows the server's reading of it."""

    id: int


@dataclass(frozen=True, slots=True)
class Error:
    """Something a client sent was refused. `id` is the subscription it was about, None where there is none."""

    code: str
    message: str
    id: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """One person in a frame. Arrays have the dtype of the subscription; those not subscribed to are None.

    id: stays with the person from frame to frame of a stream, never reused.
    score: confidence in [0, 1].
    image: N x 4 (x, y, z, visibility), x and y in [0, 1] of the picture from its top left, y down; z scaled like x.
    world: N x 4 (x, y, z, visibility), metres, origin midway between the hips, +X the image's right, +Y up, +Z toward
        the camera.
    bones: B x 4 unit quaternions (x, y, z, w), local to the parent, identity in the T-pose facing +Z.
    root: 3, the hips in metres, origin at the camera, axes of `world`. Comes with `bones`, as do the three below.
    held: indices of the bones that aren't seen, so keep their last pose or ease to rest.
    contact: whether the left and the right foot stand on the floor.
    floor: height (y) of the floor in the axes of `root`.
    rest: B x 3, this person's own rest offsets in metres, as in `Bones.rest`; nearly constant.
    angles: degrees, NaN where an angle can't be told.
    image_raw, world_raw: as `image` and `world`, before the server smoothed them.
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
    image_raw: Array | None = None
    world_raw: Array | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pose):
            return NotImplemented
        return all(_same(getattr(self, name), getattr(other, name)) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash((self.id, self.score))


def _same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
    return a is b if a is None or b is None else bool(a == b)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a subscription delivers: everyone in one picture; nobody there is an empty `poses`.

    id: of the subscription. seq: counts the frames of the stream that the server published. t_us: capture. sent_us:
    when the server encoded it. size: picture width and height in pixels.
    """

    id: int
    stream: str
    seq: int
    t_us: int
    sent_us: int
    size: tuple[int, int]
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True)
class Time:
    """Clock synchronisation as in NTP: the client's `t0_us` comes back with the server's receive and send times."""

    t0_us: int
    t1_us: int | None = None
    t2_us: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A stream changed state: frames come (live), its source is gone (lost, `detail` says why), it is over (ended).

    info: the stream's description, where that changed, or where the stream is new. gone: it is offered no more.
    """

    stream: str
    state: State
    detail: str
    t_us: int
    info: StreamInfo | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many frames of a subscription this connection was too slow to take, in total, per stream."""

    id: int
    stream: str
    total: int


Message: TypeAlias = Hello | Subscribe | Subscribed | Unsubscribe | Error | Frame | Time | Status | Dropped
