"""The humanoid bones that an armature may have, and what is known of each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Humanoid:
    """One bone of the humanoid.

    name: its VRM 1.0 name, as on the wire. label: for people. limb: whose strength it has.
    toward: the next joint along a limb, whose direction is known in the T-pose; "" where the bone is no such part.
    """

    name: str
    label: str
    limb: str
    toward: str = ""


LIMBS: Final = {
    "body": "Body",
    "head": "Head",
    "left_arm": "Left Arm",
    "right_arm": "Right Arm",
    "left_leg": "Left Leg",
    "right_leg": "Right Leg",
}


def _side(side: str) -> "tuple[Humanoid, ...]":
    label, arm, leg = side.capitalize(), f"{side}_arm", f"{side}_leg"
    return (
        Humanoid(f"{side}Shoulder", f"{label} Shoulder", arm),
        Humanoid(f"{side}UpperArm", f"{label} Upper Arm", arm, f"{side}LowerArm"),
        Humanoid(f"{side}LowerArm", f"{label} Forearm", arm, f"{side}Hand"),
        Humanoid(f"{side}Hand", f"{label} Hand", arm),
        Humanoid(f"{side}UpperLeg", f"{label} Thigh", leg, f"{side}LowerLeg"),
        Humanoid(f"{side}LowerLeg", f"{label} Shin", leg, f"{side}Foot"),
        Humanoid(f"{side}Foot", f"{label} Foot", leg),
    )


HUMANOID: Final = (
    Humanoid("hips", "Hips", "body"),
    Humanoid("spine", "Spine", "body"),
    Humanoid("chest", "Chest", "body"),
    Humanoid("neck", "Neck", "head"),
    Humanoid("head", "Head", "head"),
    *_side("left"),
    *_side("right"),
)
BY_NAME: Final = {bone.name: bone for bone in HUMANOID}
