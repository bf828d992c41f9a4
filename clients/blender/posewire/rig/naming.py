"""Reads a bone's name: the side it is on, and what is left of the name without side, prefix and separators."""

import re
from typing import Final, NamedTuple

LEFT: Final = "left"
RIGHT: Final = "right"
MAX_NAME_LENGTH: Final = 63
"""Of a bone in Blender; what is longer is no bone's name."""

_NAMESPACE = re.compile(r"^.*[:|]")
# What exporters put before every bone; the side may follow it.
_PREFIX = re.compile(
    r"^(mixamorig\d*|cc_base|j_bip(_c)?|bip\d*|valvebiped(_bip\d+)?|character\d*)[ _.\-]+", re.IGNORECASE
)
_WORDS = {"left": LEFT, "right": RIGHT, "l": LEFT, "r": RIGHT, "左": LEFT, "右": RIGHT}
_SIDES = (
    re.compile(r"^(?P<side>左|右)(?P<rest>.+)$"),
    re.compile(r"^(?P<side>left|right)[ _.\-]*(?P<rest>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<side>l|r)[ _.\-]+(?P<rest>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<side>[lrLR])(?P<rest>[A-Z][a-z].*)$"),
    re.compile(r"^(?P<rest>.+?)[ _.\-]+(?P<side>left|right|l|r)(?P<more>(\.\d+)?)$", re.IGNORECASE),
    re.compile(r"^(?P<rest>.+?)(?P<side>Left|Right)$"),
    re.compile(r"^(?P<rest>.+?)[ _.\-]+(?P<side>l|r)[ _.\-]+(?P<more>.+)$", re.IGNORECASE),
)
_SEPARATORS = re.compile(r"[ _.\-]+")


class Parts(NamedTuple):
    """side: LEFT, RIGHT or "" for the middle. base: lower case, without separators."""

    side: str
    base: str


def parts(name: str) -> Parts:
    """What a bone's name says, whatever the convention: `mixamorig:LeftArm` and `arm.L` are both the left "arm"."""
    name = _PREFIX.sub("", _NAMESPACE.sub("", name[:MAX_NAME_LENGTH]))
    for pattern in _SIDES:
        match = pattern.match(name)
        if match:
            groups = match.groupdict()
            return Parts(_WORDS[groups["side"].lower()], _base(groups["rest"] + (groups.get("more") or "")))
    return Parts("", _base(name))


def _base(text: str) -> str:
    return _SEPARATORS.sub("", text).lower()
