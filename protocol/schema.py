"""Maps <-> typed messages: what each message needs, and its defaults."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from protocol.errors import (
    BAD_MESSAGE,
    BAD_VALUE,
    UNKNOWN_FIELD,
    UNKNOWN_LANDMARK,
    UNKNOWN_TYPE,
    ProtocolError,
)
from protocol.limits import (
    MAX_ANGLES,
    MAX_BONES,
    MAX_FIELDS,
    MAX_FPS,
    MAX_ID,
    MAX_ITEMS,
    MAX_PEOPLE,
    MAX_SIDE,
    MAX_STREAMS,
    MAX_TEXT_LENGTH,
    MIN_FPS,
)
from protocol.messages import (
    DEFAULT_FIELDS,
    DTYPES,
    FIELDS,
    STATES,
    Bones,
    Dropped,
    Dtype,
    Error,
    Field,
    Frame,
    Hello,
    Message,
    Selection,
    Skeleton,
    Status,
    StreamInfo,
    Subscribe,
    Subscribed,
    Time,
    Unsubscribe,
)
from protocol.poses import read_pose
from protocol.reader import Reader, is_finite, show
from protocol.skeleton import LANDMARKS, resolve


def from_map(data: Mapping[str, Any], dtypes: Mapping[int, Dtype]) -> Message:
    """The typed message of a decoded map. `dtypes` tells the dtype of frames by subscription id (absent: f32).

    Raises ProtocolError with any code but malformed and wrong_kind.
    """
    reader = Reader(data, "message")
    kind = reader.text("type")
    build = _BUILDERS.get(kind)
    if build is None:
        id = data.get("id")
        about = id if isinstance(id, int) and not isinstance(id, bool) and 0 <= id <= MAX_ID else None
        raise ProtocolError(UNKNOWN_TYPE, f"unknown message type {show(kind)}", about)
    return build(Reader(data, kind), dtypes)


def to_map(message: Message) -> dict[str, Any]:
    """A message other than a frame as a map ready for any encoder. Frames hold arrays, which the codec lays out."""
    match message:
        case Hello():
            streams = [_stream_map(info) for info in message.streams]
            skeleton = {
                "landmarks": list(message.skeleton.landmarks),
                "edges": [list(edge) for edge in message.skeleton.edges],
            }
            head = {"type": "hello", "version": message.version, "server": message.server}
            bones = {
                "names": list(message.bones.names),
                "parents": list(message.bones.parents),
                "rest": [list(offset) for offset in message.bones.rest],
            }
            body = {"bones": bones, "angles": list(message.angles)}
            return head | {"now_us": message.now_us, "streams": streams, "skeleton": skeleton} | body
        case Subscribe():
            selection = message.landmarks
            return {
                "type": "subscribe",
                "id": message.id,
                "stream": message.stream,
                "fields": list(message.fields),
                "landmarks": list(selection) if isinstance(selection, tuple) else selection,
                "max_fps": message.max_fps,
                "dtype": message.dtype,
            }
        case Subscribed():
            return {
                "type": "subscribed",
                "id": message.id,
                "stream": message.stream,
                "fields": list(message.fields),
                "landmarks": list(message.landmarks),
                "dtype": message.dtype,
            }
        case Frame():
            raise TypeError("a frame is encoded by codec.encode")
    data: dict[str, Any] = {"type": type(message).__name__.lower()}
    for name in type(message).__slots__:
        value = getattr(message, name)
        if value is not None and value is not False:  # of booleans false is the default
            data[name] = _stream_map(value) if isinstance(value, StreamInfo) else value
    return data


def _stream_map(info: StreamInfo) -> dict[str, Any]:
    data = {name: getattr(info, name) for name in StreamInfo.__slots__}
    if not info.node:
        del data["node"]
    if info.clock_error_us is None:
        del data["clock_error_us"]
    return data


def _hello(reader: Reader, dtypes: Mapping[int, Dtype]) -> Hello:
    skeleton = reader.map("skeleton", "skeleton")
    landmarks = skeleton.texts("landmarks", MAX_ITEMS)
    count = len(landmarks)
    edges = []
    for edge in skeleton.items("edges", MAX_ITEMS):
        if not (isinstance(edge, list) and len(edge) == 2 and all(type(i) is int and 0 <= i < count for i in edge)):
            raise skeleton.fail(BAD_VALUE, f"edges holds {show(edge)}; pairs of indices below {count}")
        edges.append((edge[0], edge[1]))
    return Hello(
        version=reader.integer("version", 1, 1_000_000),
        server=reader.text("server", MAX_TEXT_LENGTH),
        now_us=reader.integer("now_us"),
        streams=tuple(_stream(item) for item in reader.maps("streams", MAX_STREAMS, "stream")),
        skeleton=Skeleton(landmarks, tuple(edges)),
        bones=_bones(reader.map("bones", "bones")) if reader.has("bones") else Bones(),
        angles=reader.texts("angles", MAX_ANGLES) if reader.has("angles") else (),
    )


def _bones(reader: Reader) -> Bones:
    names = reader.texts("names", MAX_BONES)
    parents = reader.integers("parents", MAX_BONES, -1, MAX_BONES - 1)
    rest = reader.items("rest", MAX_BONES)
    if not len(names) == len(parents) == len(rest):
        raise reader.fail(BAD_VALUE, f"{len(names)} names, {len(parents)} parents, {len(rest)} rest offsets")
    for index, parent in enumerate(parents):
        if parent >= index:
            raise reader.fail(BAD_VALUE, f"the parent of bone {index} is {parent}; it has to come before it")
    return Bones(names, parents, tuple(_offset(reader, item) for item in rest))


def _offset(reader: Reader, item: object) -> tuple[float, float, float]:
    if not isinstance(item, list) or len(item) != 3 or not all(is_finite(x) for x in item):
        raise reader.fail(BAD_VALUE, f"rest holds {show(item)}; 3 finite numbers each")
    return float(item[0]), float(item[1]), float(item[2])


def _stream(reader: Reader) -> StreamInfo:
    return StreamInfo(
        id=reader.text("id"),
        width=reader.integer("width", 0, MAX_SIDE),
        height=reader.integer("height", 0, MAX_SIDE),
        fps=reader.number("fps", 0, 1e6),
        engine=reader.text("engine"),
        model=reader.text("model"),
        people=reader.integer("people", 1, MAX_PEOPLE) if reader.has("people") else 1,
        smoothing=reader.text("smoothing", default="none"),
        state=reader.choice("state", STATES, default="live"),
        mirror=reader.boolean("mirror", default=False),
        preview=reader.boolean("preview", default=False),
        node=reader.text("node", default=""),
        clock_error_us=reader.integer("clock_error_us") if reader.has("clock_error_us") else None,
    )


def _subscribe(reader: Reader, dtypes: Mapping[int, Dtype]) -> Subscribe:
    id = reader.subscription_id()
    landmarks = _selection(reader)
    try:
        resolve(landmarks)
    except ProtocolError as error:
        raise reader.fail(error.code, error.message) from None
    return Subscribe(
        id=id,
        stream=reader.text("stream", default="*"),
        fields=_fields(reader) if reader.has("fields") else DEFAULT_FIELDS,
        landmarks=landmarks,
        max_fps=reader.number("max_fps", MIN_FPS, MAX_FPS) if reader.has("max_fps") else None,
        dtype=reader.choice("dtype", tuple(DTYPES), default="f32"),
    )


def _selection(reader: Reader) -> Selection:
    if not reader.has("landmarks"):
        return None
    value = reader.raw("landmarks")
    if isinstance(value, str):
        return reader.text("landmarks")
    values = reader.items("landmarks", len(LANDMARKS))
    for item in values:
        if not isinstance(item, int | str) or isinstance(item, bool):
            raise reader.fail(BAD_MESSAGE, f"landmarks holds {show(item)}; names and indices")
        if isinstance(item, int) and not 0 <= item < len(LANDMARKS):
            raise reader.fail(UNKNOWN_LANDMARK, f"no landmark {show(item)}; indices are 0 to {len(LANDMARKS) - 1}")
    return tuple(values)


def _fields(reader: Reader) -> tuple[Field, ...]:
    names = reader.texts("fields", MAX_FIELDS)
    if not names:
        raise reader.fail(BAD_VALUE, f"fields is empty; any of {', '.join(FIELDS)}")
    for name in names:
        if name not in FIELDS:
            raise reader.fail(UNKNOWN_FIELD, f"no field {show(name)}; any of {', '.join(FIELDS)}")
    if len(set(names)) < len(names):
        raise reader.fail(BAD_VALUE, "fields names a field twice")
    return cast("tuple[Field, ...]", names)


def _subscribed(reader: Reader, dtypes: Mapping[int, Dtype]) -> Subscribed:
    id = reader.subscription_id()
    landmarks = reader.integers("landmarks", len(LANDMARKS), 0, len(LANDMARKS) - 1)
    if not landmarks or len(set(landmarks)) < len(landmarks):
        raise reader.fail(BAD_VALUE, "landmarks is empty or names a landmark twice")
    return Subscribed(
        id=id,
        stream=reader.text("stream"),
        fields=_fields(reader),
        landmarks=landmarks,
        dtype=reader.choice("dtype", tuple(DTYPES)),
    )


def _frame(reader: Reader, dtypes: Mapping[int, Dtype]) -> Frame:
    id = reader.subscription_id()
    size = reader.integers("size", 2, 0, MAX_SIDE)
    if len(size) != 2:
        raise reader.fail(BAD_VALUE, "size has to be [width, height]")
    dtype = DTYPES[dtypes.get(id, "f32")]
    return Frame(
        id=id,
        stream=reader.text("stream"),
        seq=reader.integer("seq"),
        t_us=reader.integer("t_us"),
        sent_us=reader.integer("sent_us"),
        size=(size[0], size[1]),
        poses=tuple(read_pose(item, dtype) for item in reader.maps("poses", MAX_PEOPLE, "pose")),
    )


def _time(reader: Reader, dtypes: Mapping[int, Dtype]) -> Time:
    if reader.has("t1_us") != reader.has("t2_us"):
        raise reader.fail(BAD_MESSAGE, "t1_us and t2_us have to come together")
    return Time(
        t0_us=reader.integer("t0_us"),
        t1_us=reader.integer("t1_us") if reader.has("t1_us") else None,
        t2_us=reader.integer("t2_us") if reader.has("t2_us") else None,
    )


def _error(reader: Reader, dtypes: Mapping[int, Dtype]) -> Error:
    id = reader.subscription_id() if reader.has("id") else None
    return Error(code=reader.text("code"), message=reader.text("message", MAX_TEXT_LENGTH), id=id)


def _status(reader: Reader, dtypes: Mapping[int, Dtype]) -> Status:
    return Status(
        stream=reader.text("stream"),
        state=reader.choice("state", STATES),
        detail=reader.text("detail", MAX_TEXT_LENGTH, default=""),
        t_us=reader.integer("t_us"),
        info=_stream(reader.map("info", "info")) if reader.has("info") else None,
        gone=reader.boolean("gone", default=False),
    )


def _dropped(reader: Reader, dtypes: Mapping[int, Dtype]) -> Dropped:
    return Dropped(id=reader.subscription_id(), stream=reader.text("stream"), total=reader.integer("total"))


def _unsubscribe(reader: Reader, dtypes: Mapping[int, Dtype]) -> Unsubscribe:
    return Unsubscribe(reader.subscription_id())


_BUILDERS: dict[str, Callable[[Reader, Mapping[int, Dtype]], Message]] = {
    "hello": _hello,
    "subscribe": _subscribe,
    "subscribed": _subscribed,
    "unsubscribe": _unsubscribe,
    "frame": _frame,
    "time": _time,
    "error": _error,
    "status": _status,
    "dropped": _dropped,
}
