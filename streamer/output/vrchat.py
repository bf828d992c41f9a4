"""VRChat out: OSC trackers for full-body tracking.

https://docs.vrchat.com/docs/osc-trackers: metres and Unity's axes, the floor at height 0, Euler angles in degrees
applied in the order z, x, y. VRChat matches numbers to parts of the body when the user calibrates.
"""

from typing import Final

import numpy as np
from pythonosc.osc_bundle import OscBundle

from streamer.hub.outgoing import Estimate
from streamer.output import unity
from streamer.output.actor import Actor
from streamer.output.osc import bundles, message
from streamer.solver.kinematics import INDEX, forward
from streamer.solver.single import from_columns

DEFAULT_PORT: Final = 9000
TRACKERS: Final = (
    ("hips", "hips"),
    ("chest", "chest"),
    ("leftFoot", "leftFoot"),
    ("rightFoot", "rightFoot"),
    ("leftLowerLeg", "leftUpperLeg"),
    ("rightLowerLeg", "rightUpperLeg"),
    ("leftLowerArm", "leftUpperArm"),
    ("rightLowerArm", "rightUpperArm"),
)
"""Trackers 1 to 8, hip, chest, feet, knees and elbows: at which bone's joint each is, and which bone it turns with.
Worn ones for knees and elbows are strapped to thighs and upper arms."""
_TRACKERS: Final = [(INDEX[place], INDEX[turn]) for place, turn in TRACKERS]


class VRChat:
    """Makes the packets of one receiver; it has an actor of its own."""

    def __init__(self) -> None:
        self._actor = Actor()

    def build(self, estimate: Estimate) -> list[OscBundle]:
        """The packets of one frame; none where nobody is seen, as VRChat keeps trackers where they were."""
        body = self._actor.follow(estimate.people, estimate.t_us)
        if body is None:
            return []
        places, turns = forward(
            body.bones.astype(np.float64), body.root.astype(np.float64), body.rest.astype(np.float64)
        )
        messages = []
        for number, (joint, bone) in enumerate(_TRACKERS, 1):
            place = unity.position(self._actor.on_stage(places[joint].tolist(), body))
            turn = unity.rotation(from_columns(*turns[bone].T.tolist()))
            messages.append(message(f"/tracking/trackers/{number}/position", *place))
            messages.append(message(f"/tracking/trackers/{number}/rotation", *unity.euler_degrees(turn)))
        head = unity.position(self._actor.on_stage(places[INDEX["head"]].tolist(), body))
        messages.append(message("/tracking/trackers/head/position", *head))
        return bundles(messages)
