"""One person of a frame <-> a map: how the arrays are laid out, their shapes and what they may hold."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from protocol.errors import BAD_MESSAGE, BAD_VALUE
from protocol.limits import JSON_DECIMALS, MAX_ANGLES, MAX_BONES, MAX_POSE_ID
from protocol.messages import DTYPES, FIELDS, Array, Dtype, Format, Pose
from protocol.reader import Reader
from protocol.skeleton import ALL, LANDMARKS

_F16_MAX: Final = 65_504.0
_MAX_FLOOR_M: Final = 1e6
_LANDMARK_FIELDS: Final = ("image", "world", "image_raw", "world_raw")
_COLUMNS: Final = {**dict.fromkeys(_LANDMARK_FIELDS, 4), "bones": 4, "rest": 3}
_MAX_ROWS: Final = {**dict.fromkeys(_LANDMARK_FIELDS, len(LANDMARKS)), "bones": MAX_BONES, "rest": MAX_BONES}


def pose_map(pose: Pose, format: Format) -> dict[str, Any]:
    """A pose as a map for an encoder. Its arrays keep their dtype; all are finite but `angles`, which may hold NaN."""
    data: dict[str, Any] = {"id": pose.id, "score": pose.score}
    for field in FIELDS:
        array: Array | None = getattr(pose, field)
        if array is None:
            continue
        data[field] = _lay_out(array, format)
        if field == "bones" and pose.root is not None:
            data["root"] = _lay_out(pose.root, format)
            data["held"] = list(pose.held)
            data["contact"] = list(pose.contact)
            data["floor"] = pose.floor
    return data


def read_pose(reader: Reader, dtype: np.dtype[Any]) -> Pose:
    """The pose in a map; `dtype` is that of its arrays. Raises ProtocolError."""
    image, world, image_raw, world_raw = points = [_rows(reader, key, dtype) for key in _LANDMARK_FIELDS]
    bones, rest = _rows(reader, "bones", dtype), _rows(reader, "rest", dtype)
    present = [(key, array) for key, array in zip(_LANDMARK_FIELDS, points, strict=True) if array is not None]
    for key, array in present[1:]:
        _same_length(reader, *present[0], key, array)
    _same_length(reader, "bones", bones, "rest", rest)
    root: Array | None = None
    held: tuple[int, ...] = ()
    contact = (False, False)
    floor: float | None = None
    if bones is not None:
        root = _numbers(reader, "root", dtype, 3, 3)
        held = reader.integers("held", len(bones), 0, len(bones) - 1) if reader.has("held") else ()
        contact = _contact(reader) if reader.has("contact") else contact
        floor = reader.number("floor", -_MAX_FLOOR_M, _MAX_FLOOR_M) if reader.has("floor") else None
    angles = _numbers(reader, "angles", dtype, 1, MAX_ANGLES, may_be_nan=True) if reader.has("angles") else None
    person, score = reader.integer("id", 0, MAX_POSE_ID), reader.number("score", 0.0, 1.0)
    return Pose(person, score, image, world, bones, root, held, contact, floor, rest, angles, image_raw, world_raw)


def view_array(array: Array, indices: Sequence[int], dtype: Dtype) -> Array:
    """Rows `indices` of a (33, 4) array in the wire's dtype; the array itself where nothing has to change."""
    return to_dtype(array if tuple(indices) == ALL else array[list(indices)], dtype)


def to_dtype(array: Array, dtype: Dtype) -> Array:
    """An array in the wire's dtype, C order. Finite values stay finite: f16 takes its largest number instead."""
    return np.ascontiguousarray(array.clip(-_F16_MAX, _F16_MAX) if dtype == "f16" else array, DTYPES[dtype])


def _lay_out(array: Array, format: Format) -> bytes | list[Any]:
    if format == "msgpack":
        return array.tobytes()
    values: list[Any] = array.astype(np.float64).round(JSON_DECIMALS).tolist()
    return values if array.ndim > 1 else [None if value != value else value for value in values]


def _same_length(reader: Reader, one: str, a: Array | None, other: str, b: Array | None) -> None:
    if a is not None and b is not None and len(a) != len(b):
        raise reader.fail(BAD_VALUE, f"{one} has {len(a)} rows, {other} {len(b)}; they have to be as many")


def _rows(reader: Reader, key: str, dtype: np.dtype[Any]) -> Array | None:
    if not reader.has(key):
        return None
    value = reader.raw(key)
    columns, most = _COLUMNS[key], _MAX_ROWS[key]
    row_bytes = columns * dtype.itemsize
    if isinstance(value, bytes):
        rows, rest = divmod(len(value), row_bytes)
        if rest or not 1 <= rows <= most:
            raise reader.fail(BAD_VALUE, f"{key} has {len(value)} bytes; 1 to {most} rows of {row_bytes}")
        return _finite(reader, key, np.frombuffer(value, dtype).reshape(rows, columns))
    lists = reader.items(key, most)
    if not lists or not all(isinstance(row, list) and len(row) == columns and _all_numbers(row) for row in lists):
        raise reader.fail(BAD_VALUE, f"{key} has to hold 1 to {most} rows of {columns} numbers")
    return _finite(reader, key, _array(reader, key, lists, dtype))


def _numbers(reader: Reader, key: str, dtype: np.dtype[Any], least: int, most: int, may_be_nan: bool = False) -> Array:
    """A flat array of `least` to `most` numbers; NaN is null in JSON."""
    value = reader.raw(key)
    if isinstance(value, bytes):
        count, rest = divmod(len(value), dtype.itemsize)
        if rest or not least <= count <= most:
            raise reader.fail(BAD_VALUE, f"{key} has {len(value)} bytes; {least} to {most} numbers of {dtype.itemsize}")
        array: Array = np.frombuffer(value, dtype)
    else:
        items = [float("nan") if may_be_nan and item is None else item for item in reader.items(key, most)]
        if len(items) < least or not _all_numbers(items):
            raise reader.fail(BAD_VALUE, f"{key} has to hold {least} to {most} numbers")
        array = _array(reader, key, items, dtype)
    return _finite(reader, key, array, may_be_nan)


def _all_numbers(items: list[Any]) -> bool:
    return all(type(item) in (int, float) for item in items)


def _array(reader: Reader, key: str, items: list[Any], dtype: np.dtype[Any]) -> Array:
    try:
        with np.errstate(over="ignore"):
            return np.array(items, dtype)
    except OverflowError:
        raise reader.fail(BAD_VALUE, f"{key} holds a number out of range") from None


def _finite(reader: Reader, key: str, array: Array, may_be_nan: bool = False) -> Array:
    # `any` goes by way of Python; a relay reads eight arrays in every person of every frame.
    if np.logical_or.reduce(np.isinf(array) if may_be_nan else ~np.isfinite(array), axis=None):
        raise reader.fail(BAD_VALUE, f"{key} holds a number that isn't finite")
    return array


def _contact(reader: Reader) -> tuple[bool, bool]:
    feet = reader.items("contact", 2)
    if len(feet) != 2 or not all(isinstance(foot, bool) for foot in feet):
        raise reader.fail(BAD_MESSAGE, "contact has to hold two booleans, left and right")
    return feet[0], feet[1]
