"""What is set in a scene and for an object, and kept in the .blend file."""

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..feed import RootMotion
from ..rig import matching, vrm
from ..rig.actor import Acting
from ..rig.skeleton import HUMANOID, LIMBS
from .live import LIVE

MAX_PEOPLE = 8
ROOT_MOTIONS = {"FULL": RootMotion.FULL, "HEIGHT": RootMotion.HEIGHT, "OFF": None}


class PosewireBone(bpy.types.PropertyGroup):
    """One line of the bone map. Its `name` is the humanoid bone."""

    bone: StringProperty(name="Bone", description="The armature's bone that turns as this one", maxlen=63)  # type: ignore[valid-type]


class PosewireArmature(bpy.types.PropertyGroup):
    """The bone map of an armature object."""

    bones: CollectionProperty(type=PosewireBone)  # type: ignore[valid-type]
    convention: StringProperty(maxlen=64)  # type: ignore[valid-type]

    def mapping(self) -> "dict[str, str]":
        """Humanoid bone -> the armature's, without those that have none."""
        return {line.name: line.bone for line in self.bones if line.bone}

    def fill(self, found: "dict[str, str]", convention: str) -> None:
        """Write a bone map anew."""
        self.bones.clear()
        for humanoid in HUMANOID:
            line = self.bones.add()
            line.name, line.bone = humanoid.name, found.get(humanoid.name, "")
        self.convention = convention


def match(target) -> "dict[str, str]":
    """Fill the bone map of an armature object by the names of its bones, and give it."""
    known = vrm.bones(target.data)
    # The VRM add-on makes a humanoid for any armature; without hips nobody filled it in.
    found = matching.Match("VRM", known) if "hips" in known else matching.match(bone.name for bone in target.data.bones)
    target.posewire.fill(found.bones, found.convention)
    return found.bones


def _is_armature(settings, target) -> bool:
    return target.type == "ARMATURE"


def _is_points(settings, target) -> bool:
    return target.type == "EMPTY"


def _chosen(settings, context) -> None:
    target = settings.armature
    # What is linked from another file can't be written to; the panel says so.
    if target is not None and target.library is None and not target.posewire.mapping():
        match(target)


def _streams(settings, context, text: str) -> "list[str]":
    return LIVE.streams()


def _strength(name: str):
    return FloatProperty(
        name=name, description="0 leaves the limb alone", default=1.0, min=0.0, max=1.0, subtype="FACTOR"
    )


class PosewireSettings(bpy.types.PropertyGroup):
    """What a scene shows of the stream, and how."""

    stream: StringProperty(  # type: ignore[valid-type]
        name="Stream", description="Empty: the first that the server has", maxlen=64, search=_streams
    )
    person: IntProperty(  # type: ignore[valid-type]
        name="Person", description="1 is the one seen first", default=1, min=1, max=MAX_PEOPLE
    )
    playout: EnumProperty(  # type: ignore[valid-type]
        name="Playout",
        items=(
            ("SMOOTH", "Smooth", "Motion between frames is interpolated; costs about a frame of latency"),
            ("LATEST", "Latest", "Each frame as soon as it comes"),
        ),
    )
    target: EnumProperty(  # type: ignore[valid-type]
        name="Target",
        items=(
            ("ARMATURE", "Armature", "Bones turn as the person's do", "ARMATURE_DATA", 0),
            ("POINTS", "Points", "An empty for each of the landmarks", "EMPTY_AXIS", 1),
        ),
    )
    armature: PointerProperty(  # type: ignore[valid-type]
        name="Armature", type=bpy.types.Object, poll=_is_armature, update=_chosen
    )
    points: PointerProperty(  # type: ignore[valid-type]
        name="Points",
        description="The empty that the landmarks' empties belong to",
        type=bpy.types.Object,
        poll=_is_points,
    )
    with_body: BoolProperty(  # type: ignore[valid-type]
        name="With Body", description="A new figure gets a mannequin to look at", default=True
    )
    mirror: BoolProperty(  # type: ignore[valid-type]
        name="Mirror", description="Left and right are swapped, as in a mirror"
    )
    root: EnumProperty(  # type: ignore[valid-type]
        name="Root Motion",
        items=(
            ("FULL", "Full", "Goes where the person goes; steps are scaled to the armature's size"),
            ("HEIGHT", "Height", "Stays in place; squats still go down"),
            ("OFF", "Off", "Only turns"),
        ),
    )
    body: _strength("Body")  # type: ignore[valid-type]
    head: _strength("Head")  # type: ignore[valid-type]
    left_arm: _strength("Left Arm")  # type: ignore[valid-type]
    right_arm: _strength("Right Arm")  # type: ignore[valid-type]
    left_leg: _strength("Left Leg")  # type: ignore[valid-type]
    right_leg: _strength("Right Leg")  # type: ignore[valid-type]

    def strengths(self) -> "dict[str, float]":
        """Of each limb."""
        return {limb: getattr(self, limb) for limb in LIMBS}

    def acting(self) -> Acting:
        """How the person is shown."""
        return Acting(self.person - 1, self.mirror, ROOT_MOTIONS[self.root])


CLASSES = (PosewireBone, PosewireArmature, PosewireSettings)


def add() -> None:
    """Give scenes and objects their settings."""
    bpy.types.Scene.posewire = PointerProperty(type=PosewireSettings)
    bpy.types.Object.posewire = PointerProperty(type=PosewireArmature)


def remove() -> None:
    """Take them away."""
    del bpy.types.Object.posewire
    del bpy.types.Scene.posewire
