"""Maps <-> typed messages: what each message needs, and its defaults."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from . import msgpack
from .errors import BAD_MESSAGE, BAD_VALUE, UNKNOWN_FIELD, WireError, show
from .humanoid import BoneTree
from .limits import (
    MAX_ANGLES,
    MAX_BONES,
    MAX_FIELDS,
    MAX_FLOOR_M,
    MAX_ID,
    MAX_ITEMS,
    MAX_LANDMARKS,
    MAX_PEOPLE,
    MAX_POSE_ID,
    MAX_SIDE,
    MAX_STREAMS,
    MAX_TEXT_LENGTH,
    MAX_VERSION,
)
from .messages import (
    DTYPES,
    FIELDS,
    STATES,
    Array,
    Dropped,
    Frame,
    Hello,
    Message,
    Pose,
    ServerError,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    TimeAnswer,
)
from .reader import boolean, choice, integer, integers, items, map_of, maps, number, raw, text, texts, vector

Map = Mapping[str, Any]
_MAX_FPS_OF_A_STREAM: Final = 1e6


def decode(data: bytes, dtype: str = "f32") -> Message | None:
    """The server's message in `data`, None for one of an unknown type, which later servers may send.

    dtype: of a frame's arrays, as `subscribed` told. Whatever comes, the only exception is WireError.
    """
    found = msgpack.decode(data)
    kind = text(found, "type")
    if kind == "frame":
        return _frame(found, DTYPES[dtype])
    build = _BUILDERS.get(kind)
    return None if build is None else build(found)


def encode(message: Subscribe) -> bytes:
    """A subscription as bytes."""
    return msgpack.encode(
        {
            "type": "subscribe",
            "id": message.id,
            "stream": message.stream,
            "fields": message.fields,
            "max_fps": message.max_fps,
            "dtype": message.dtype,
        }
    )


def encode_time(t0_us: int) -> bytes:
    """The question for the server's time."""
    return msgpack.encode({"type": "time", "t0_us": t0_us})


def _has(data: Map, key: str) -> bool:
    return data.get(key) is not None


def _hello(data: Map) -> Hello:
    skeleton = map_of(data, "skeleton")
    landmarks = texts(skeleton, "landmarks", MAX_ITEMS)
    edges = []
    for edge in items(skeleton, "edges", MAX_ITEMS):
        pair = type(edge) is list and len(edge) == 2
        if not pair or not all(type(end) is int and 0 <= end < len(landmarks) for end in edge):
            raise WireError(BAD_VALUE, f"edges holds {show(edge)}; pairs of indices below {len(landmarks)}")
        edges.append((edge[0], edge[1]))
    return Hello(
        version=integer(data, "version", 1, MAX_VERSION),
        server=text(data, "server", MAX_TEXT_LENGTH),
        now_us=integer(data, "now_us"),
        streams=tuple(_stream(item) for item in maps(data, "streams", MAX_STREAMS)),
        skeleton=Skeleton(landmarks, tuple(edges)),
        bones=_bones(map_of(data, "bones")) if _has(data, "bones") else None,
        angles=texts(data, "angles", MAX_ANGLES) if _has(data, "angles") else (),
    )


def _stream(data: Map) -> StreamInfo:
    return StreamInfo(
        id=text(data, "id"),
        width=integer(data, "width", 0, MAX_SIDE),
        height=integer(data, "height", 0, MAX_SIDE),
        fps=number(data, "fps", 0, _MAX_FPS_OF_A_STREAM),
        engine=text(data, "engine"),
        model=text(data, "model"),
        people=integer(data, "people", 1, MAX_PEOPLE) if _has(data, "people") else 1,
        smoothing=text(data, "smoothing") if _has(data, "smoothing") else "none",
        state=choice(data, "state", STATES) if _has(data, "state") else "live",
        node=text(data, "node") if _has(data, "node") else "",
    )


def _bones(data: Map) -> BoneTree | None:
    names = texts(data, "names", MAX_BONES)
    parents = integers(data, "parents", MAX_BONES, -1, MAX_BONES - 1)
    rest = items(data, "rest", MAX_BONES)
    if not len(names) == len(parents) == len(rest):
        raise WireError(BAD_VALUE, f"{len(names)} bone names, {len(parents)} parents, {len(rest)} rest offsets")
    for bone, parent in enumerate(parents):
        if parent >= bone:
            raise WireError(BAD_VALUE, f"the parent of bone {bone} is {parent}; it has to come before it")
    offsets = tuple(vector(item, "rest") for item in rest)
    return BoneTree(names, parents, offsets) if names else None


def _subscribed(data: Map) -> Subscribed:
    fields = texts(data, "fields", MAX_FIELDS)
    landmarks = integers(data, "landmarks", MAX_LANDMARKS, 0, MAX_LANDMARKS - 1)
    for name in fields:
        if name not in FIELDS:
            raise WireError(UNKNOWN_FIELD, f"no field {show(name)}; any of {', '.join(FIELDS)}")
    for key, values in (("fields", fields), ("landmarks", landmarks)):
        if not values or len(set(values)) < len(values):
            raise WireError(BAD_VALUE, f"{key} is empty or names one twice")
    return Subscribed(
        id=integer(data, "id", 0, MAX_ID),
        stream=text(data, "stream"),
        fields=fields,
        landmarks=landmarks,
        dtype=choice(data, "dtype", tuple(DTYPES)),
    )


def _frame(data: Map, dtype: "np.dtype[Any]") -> Frame:
    size = integers(data, "size", 2, 0, MAX_SIDE)
    if len(size) != 2:
        raise WireError(BAD_VALUE, f"size has {len(size)} numbers; it has to be [width, height]")
    return Frame(
        id=integer(data, "id", 0, MAX_ID),
        stream=text(data, "stream"),
        seq=integer(data, "seq"),
        t_us=integer(data, "t_us"),
        sent_us=integer(data, "sent_us"),
        size=(size[0], size[1]),
        poses=tuple([_pose(item, dtype) for item in maps(data, "poses", MAX_PEOPLE)]),
    )


def _pose(data: Map, dtype: "np.dtype[Any]") -> Pose:
    image = _rows(data, "image", dtype, 4, MAX_LANDMARKS)
    world = _rows(data, "world", dtype, 4, MAX_LANDMARKS)
    bones = _rows(data, "bones", dtype, 4, MAX_BONES)
    rest = _rows(data, "rest", dtype, 3, MAX_BONES)
    _same_length("image", image, "world", world)
    _same_length("bones", bones, "rest", rest)
    pose = Pose(integer(data, "id", 0, MAX_POSE_ID), number(data, "score", 0.0, 1.0), image, world, bones, rest=rest)
    if bones is not None:
        pose.root = _numbers(data, "root", dtype, 3, 3)
        if _has(data, "held"):
            pose.held = integers(data, "held", len(bones), 0, len(bones) - 1)
        if _has(data, "contact"):
            pose.contact = _contact(data)
        if _has(data, "floor"):
            pose.floor = number(data, "floor", -MAX_FLOOR_M, MAX_FLOOR_M)
    if _has(data, "angles"):
        pose.angles = _numbers(data, "angles", dtype, 1, MAX_ANGLES, may_be_nan=True)
    return pose


def _rows(data: Map, key: str, dtype: "np.dtype[Any]", columns: int, most: int) -> Array | None:
    value = data.get(key)
    if value is None:
        return None
    row_bytes = columns * dtype.itemsize
    if type(value) is not bytes:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be bytes")
    rows, rest = divmod(len(value), row_bytes)
    if rest or not 1 <= rows <= most:
        raise WireError(BAD_VALUE, f"{key} has {len(value)} bytes; 1 to {most} rows of {row_bytes}")
    return _array(key, value, dtype).reshape(rows, columns)


def _numbers(data: Map, key: str, dtype: "np.dtype[Any]", least: int, most: int, may_be_nan: bool = False) -> Array:
    value = raw(data, key)
    if type(value) is not bytes:
        raise WireError(BAD_MESSAGE, f"{key} is {show(value)}; it has to be bytes")
    count, rest = divmod(len(value), dtype.itemsize)
    if rest or not least <= count <= most:
        raise WireError(BAD_VALUE, f"{key} has {len(value)} bytes; {least} to {most} numbers of {dtype.itemsize}")
    return _array(key, value, dtype, may_be_nan)


def _array(key: str, value: bytes, dtype: "np.dtype[Any]", may_be_nan: bool = False) -> Array:
    array = np.frombuffer(value, dtype)
    array = array.astype(np.float32, copy=False)
    if (np.isinf(array) if may_be_nan else ~np.isfinite(array)).any():
        raise WireError(BAD_VALUE, f"{key} holds a number that isn't finite")
    array.flags.writeable = False
    return array


def _same_length(one: str, a: Array | None, other: str, b: Array | None) -> None:
    if a is not None and b is not None and len(a) != len(b):
        raise WireError(BAD_VALUE, f"{one} has {len(a)} rows, {other} {len(b)}; they have to be as many")


def _contact(data: Map) -> tuple[bool, bool]:
    feet = items(data, "contact", 2)
    if len(feet) != 2 or type(feet[0]) is not bool or type(feet[1]) is not bool:
        raise WireError(BAD_MESSAGE, "contact has to hold two booleans, left and right")
    return feet[0], feet[1]


def _time(data: Map) -> TimeAnswer:
    if _has(data, "t1_us") != _has(data, "t2_us"):
        raise WireError(BAD_MESSAGE, "t1_us and t2_us have to come together")
    answered = _has(data, "t1_us")
    return TimeAnswer(
        t0_us=integer(data, "t0_us"),
        t1_us=integer(data, "t1_us") if answered else None,
        t2_us=integer(data, "t2_us") if answered else None,
    )


def _error(data: Map) -> ServerError:
    return ServerError(
        code=text(data, "code"),
        message=text(data, "message", MAX_TEXT_LENGTH),
        id=integer(data, "id", 0, MAX_ID) if _has(data, "id") else None,
    )


def _status(data: Map) -> Status:
    return Status(
        stream=text(data, "stream"),
        state=choice(data, "state", STATES),
        detail=text(data, "detail", MAX_TEXT_LENGTH) if _has(data, "detail") else "",
        t_us=integer(data, "t_us"),
        info=_stream(map_of(data, "info")) if _has(data, "info") else None,
        gone=boolean(data, "gone") if _has(data, "gone") else False,
    )


def _dropped(data: Map) -> Dropped:
    return Dropped(id=integer(data, "id", 0, MAX_ID), stream=text(data, "stream"), total=integer(data, "total"))


_BUILDERS: dict[str, Callable[[Map], Message]] = {
    "hello": _hello,
    "subscribed": _subscribed,
    "time": _time,
    "error": _error,
    "status": _status,
    "dropped": _dropped,
}
