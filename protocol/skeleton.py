"""Landmarks, edges, presets, bones and angles, read from skeleton.json so that every client can share them."""

import json
from importlib.resources import files
from typing import Final

from protocol.errors import BAD_VALUE, UNKNOWN_LANDMARK, ProtocolError
from protocol.reader import show

_DATA = json.loads(files("protocol").joinpath("skeleton.json").read_text(encoding="utf-8"))

LANDMARKS: Final[tuple[str, ...]] = tuple(_DATA["landmarks"])
EDGES: Final[tuple[tuple[int, int], ...]] = tuple((a, b) for a, b in _DATA["edges"])
PRESETS: Final[dict[str, tuple[int, ...]]] = {name: tuple(ids) for name, ids in _DATA["presets"].items()}
ALL: Final = PRESETS["all"]

BONES: Final[tuple[str, ...]] = tuple(_DATA["bones"]["names"])
"""Humanoid bones, VRM 1.0 names; a parent comes before its children."""
PARENTS: Final[tuple[int, ...]] = tuple(_DATA["bones"]["parents"])
"""Index of each bone's parent, -1 for the hips."""
REST: Final[tuple[tuple[float, float, float], ...]] = tuple((x, y, z) for x, y, z in _DATA["bones"]["rest"])
"""Offset of each bone from its parent in the T-pose facing +Z, metres; of the hips from the floor below them."""
ANGLES: Final[tuple[str, ...]] = tuple(_DATA["angles"])
"""Joint angles in the order of a frame's `angles`."""

_INDEX: Final = {name: index for index, name in enumerate(LANDMARKS)}


def resolve(selection: str | tuple[str | int, ...] | None) -> tuple[int, ...]:
    """Landmark indices of a subscription's `landmarks`: None (all), a preset, or names and indices in any order.

    Raises ProtocolError: unknown_landmark for a name, preset or index that doesn't exist, bad_value for an empty
    selection or one that names a landmark twice.
    """
    if selection is None:
        return ALL
    if isinstance(selection, str):
        if selection not in PRESETS:
            raise ProtocolError(UNKNOWN_LANDMARK, f"no preset {show(selection)}; presets: {', '.join(PRESETS)}")
        return PRESETS[selection]
    indices = tuple(_index(item) for item in selection)
    if not indices:
        raise ProtocolError(BAD_VALUE, "landmarks is empty; leave it out to get all 33")
    if len(set(indices)) < len(indices):
        raise ProtocolError(BAD_VALUE, "landmarks names a landmark twice")
    return indices


def parse_selection(text: str) -> str | list[str | int]:
    """What the text of a query stands for, to be resolved: a preset's name, or names and indices between commas.

    Raises ValueError for an index of thousands of digits.
    """
    items = text.split(",")
    is_list = len(items) > 1 or items[0].isdecimal() or items[0] in LANDMARKS
    return [int(item) if item.isdecimal() else item for item in items] if is_list else items[0]


def _index(item: str | int) -> int:
    if isinstance(item, str):
        if item not in _INDEX:
            raise ProtocolError(UNKNOWN_LANDMARK, f"no landmark {show(item)}")
        return _INDEX[item]
    if not 0 <= item < len(LANDMARKS):
        raise ProtocolError(UNKNOWN_LANDMARK, f"no landmark {show(item)}; indices are 0 to {len(LANDMARKS) - 1}")
    return item
