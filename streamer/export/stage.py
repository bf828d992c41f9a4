"""Where exports put people: on a stage whose floor is at height 0, in metres, with the axes of the wire's `world`.

The origin is on the floor under the place where the take's first person was first seen, as in the live outputs; so the
people of one take stand where they stood to each other. One camera sees no floor: under each person it is where that
person's feet say. A take without solved bodies has no stage: everybody is about the own hips.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from protocol.skeleton import REST
from streamer.export.resample import Motion
from streamer.solver.kinematics import forward
from streamer.solver.quaternion import Array
from streamer.take.take import Take

TIPS: Final = {
    "head": (0.0, 0.19, 0.0),
    "leftHand": (0.18, 0.0, 0.0),
    "rightHand": (-0.18, 0.0, 0.0),
    "leftFoot": (0.0, -0.07, 0.16),
    "rightFoot": (0.0, -0.07, 0.16),
}
"""Where the bones end that no other hangs on, of the person of skeleton.json: offsets from their joints in metres."""
_REST: Final = np.array(REST)


@dataclass(frozen=True, slots=True)
class Stage:
    """x, z: what is the origin here, in the axes of `root`."""

    x: float
    z: float

    def hips(self, motion: Motion) -> Array:
        """(K, 3) the hips of somebody whose body is solved."""
        assert motion.root is not None
        assert motion.floor is not None
        place = motion.root.astype(np.float64)
        # Where no floor was found it is as far below the hips of the first frame as in the T-pose.
        floor = np.where(np.isnan(motion.floor), place[0, 1] - rest(motion)[0, 1], motion.floor)
        place[:, 1] -= floor
        return np.asarray(place - [self.x, 0.0, self.z])

    def markers(self, motion: Motion) -> Array:
        """(K, L, 3) the landmarks: on the stage, or about the hips where no body is solved."""
        points = motion.world[..., :3].astype(np.float64)
        return points if motion.root is None else points + self.hips(motion)[:, None]

    def joints(self, motion: Motion) -> Array:
        """(K, B, 3) the joints of somebody whose body is solved, with the bone lengths of `rest`."""
        assert motion.bones is not None
        return forward(motion.bones.astype(np.float64), self.hips(motion), rest(motion))[0]


def make_stage(take: Take) -> Stage:
    """The stage of a take."""
    solved = [track for track in take.tracks.values() if track.root is not None]
    if not solved:
        return Stage(0.0, 0.0)
    first = min(solved, key=lambda track: (int(track.t_us[0]), track.id))
    assert first.root is not None
    return Stage(float(first.root[0, 0]), float(first.root[0, 2]))


def rest(motion: Motion) -> Array:
    """(B, 3) the person's bone offsets, metres: the median over the motion, as a skeleton has bones of one length."""
    assert motion.rest is not None
    return np.asarray(np.median(motion.rest[motion.seen], axis=0).astype(np.float64))


def tips(offsets: NDArray[np.float64]) -> dict[str, Array]:
    """(3,) where bones without children end, by name, for a person with the given rest offsets (B, 3)."""
    size = np.linalg.norm(offsets[1:], axis=1).sum() / np.linalg.norm(_REST[1:], axis=1).sum()
    return {name: size * np.array(tip) for name, tip in TIPS.items()}
