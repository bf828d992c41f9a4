"""Who drives the avatar and where it stands: from a frame of the stream to what an avatar is to do."""

from dataclasses import dataclass

from mathutils import Quaternion, Vector

from ..feed import BoneTree, Follower, Frame, Mirror, Pose, RootMotion, Stage
from ..feed.axes import position, rotation_wxyz
from .retarget import Target


@dataclass(frozen=True)
class Acting:
    """How a person is shown.

    person: which of those in the picture, 0 the first. mirrored: as in a mirror. motion: what of the way through the
    room is taken over; None leaves the hips where they are.
    """

    person: int = 0
    mirrored: bool = False
    motion: "RootMotion | None" = RootMotion.FULL


class Actor:
    """Follows one person of a stream and keeps its place on the stage. Made anew for another stream."""

    def __init__(self, acting: Acting) -> None:
        self._follower = Follower(acting.person)
        self._stage = Stage()
        self._acting = acting
        self._mirror: Mirror | None = None
        self._mirrored_names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def acting(self) -> Acting:
        """How the person is shown; changing it keeps their place."""
        return self._acting

    @acting.setter
    def acting(self, acting: Acting) -> None:
        self._acting = acting
        self._follower.index = acting.person

    def recentre(self) -> None:
        """The stage's origin is where the person stands next."""
        self._stage.forget()

    def follow(self, frame: Frame) -> "Pose | None":
        """The person's pose as captured, None where they aren't in the frame."""
        return self._follower.follow(frame.poses, frame.t_us)

    def place(self, pose: Pose, tree: BoneTree, avatar_hips: float) -> "Vector | None":
        """Where the avatar's hips are on the stage in Blender's axes, in the units of `avatar_hips`.

        avatar_hips: their height at rest. None where the pose has no place or root motion is off.
        """
        if pose.root is None or self._acting.motion is None:
            return None
        rest = tree.rest if pose.rest is None else pose.rest
        person_hips_m = float(rest[tree.names.index("hips")][1])
        if person_hips_m <= 0:
            return None
        self._stage.motion = self._acting.motion
        x, y, z = position(self._stage.place(pose.id, pose.root, pose.floor, person_hips_m, avatar_hips)).tolist()
        return Vector((-x if self._acting.mirrored else x, y, z))

    def target(self, pose: Pose, tree: BoneTree, avatar_hips: float) -> "Target | None":
        """What an armature with hips at that height is to do; None where the pose has no bones."""
        if pose.bones is None or len(pose.bones) != len(tree.names):
            return None
        hips = self.place(pose, tree, avatar_hips)
        return Target(turns(self.shown(pose, tree.names), tree), hips)

    def shown(self, pose: Pose, bones: "tuple[str, ...]" = (), landmarks: "tuple[str, ...]" = ()) -> Pose:
        """The pose, mirrored where it is to be. bones, landmarks: names of its rows."""
        if not self._acting.mirrored:
            return pose
        if self._mirror is None or self._mirrored_names != (bones, landmarks):
            self._mirror, self._mirrored_names = Mirror(bones, landmarks), (bones, landmarks)
        return self._mirror.pose(pose)


def turns(pose: Pose, tree: BoneTree) -> "dict[str, Quaternion]":
    """Forward kinematics: each bone's rotation in space, Blender's axes."""
    rotations: list[Quaternion] = []
    for parent, rotation in zip(tree.parents, rotation_wxyz(pose.bones).tolist(), strict=True):
        local = Quaternion(rotation)
        rotations.append(rotations[parent] @ local if parent >= 0 else local)
    return dict(zip(tree.names, rotations, strict=True))
