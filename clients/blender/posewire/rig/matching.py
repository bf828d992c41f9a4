"""Finds the bones of a humanoid among an armature's bones by their names. Needs no Blender."""

from collections.abc import Iterable
from typing import NamedTuple

from .conventions import CONVENTIONS, Convention
from .naming import LEFT, RIGHT, Parts, parts

_SIDED = {
    "shoulder": "Shoulder",
    "upper_arm": "UpperArm",
    "lower_arm": "LowerArm",
    "hand": "Hand",
    "upper_leg": "UpperLeg",
    "lower_leg": "LowerLeg",
    "foot": "Foot",
}


class Match(NamedTuple):
    """convention: whose names they are, "" where nothing matched. bones: humanoid bone -> the armature's bone."""

    convention: str
    bones: "dict[str, str]"


def match(names: Iterable[str]) -> Match:
    """The convention that explains most of an armature's names, and its bones.

    A rig's controls go before the bones that follow them, where all but a few of the controls are there.
    """
    found: dict[Parts, str] = {}
    for name in names:
        found.setdefault(parts(name), name)
    best = Match("", {})
    for convention in CONVENTIONS:
        bones = _bones(convention, found)
        if convention.controls and len(bones) >= 15:
            return Match(convention.name, bones)
        if len(bones) > len(best.bones):
            best = Match(convention.name, bones)
    return best


def _bones(convention: Convention, found: "dict[Parts, str]") -> "dict[str, str]":
    bones: dict[str, str] = {}
    for part, wanted in convention.bones.items():
        sides = (LEFT, RIGHT) if part in _SIDED else ("",)
        places = [(side, side + _SIDED[part] if side else part) for side in sides]
        for side, humanoid in places:
            name = next((found[Parts(side, base)] for base in wanted if Parts(side, base) in found), None)
            if name is not None:
                bones[humanoid] = name
    return bones
