"""VMC out: bones for any program that speaks the Virtual Motion Capture protocol, as its "performer".

https://protocol.vmc.info: /VMC/Ext/OK (version 2.7), /T, /Root/Pos (2.0) and /Bone/Pos. Axes are Unity's, bone names
those of its HumanBodyBones.
"""

from typing import Final

from pythonosc.osc_bundle import OscBundle

from protocol.skeleton import BONES
from streamer.hub.outgoing import Estimate
from streamer.output import unity
from streamer.output.actor import Actor
from streamer.output.osc import bundles, message

DEFAULT_PORT: Final = 39539
_LOADED, _CALIBRATED, _NORMAL_MODE = 1, 3, 0
_UNITY_NAMES: Final = [bone[0].upper() + bone[1:] for bone in BONES]
_UPRIGHT: Final = (0.0, 0.0, 0.0, 1.0)


class Vmc:
    """Makes the packets of one receiver; it has an actor of its own."""

    def __init__(self) -> None:
        self._actor = Actor()
        self._start_us: int | None = None

    def build(self, estimate: Estimate) -> list[OscBundle]:
        """The packets of one frame. Where nobody is seen they say only that.

        The root carries where on the stage the person stands, the hips' local position their height over the floor;
        every other bone is at its own rest offset (receivers that apply positions collapse on zeros).
        """
        if self._start_us is None:
            self._start_us = estimate.t_us
        body = self._actor.follow(estimate.people, estimate.t_us)
        messages = [
            message("/VMC/Ext/OK", _LOADED, _CALIBRATED, _NORMAL_MODE, int(body is not None)),
            message("/VMC/Ext/T", (estimate.t_us - self._start_us) / 1e6),
        ]
        if body is not None:
            x, height, z = self._actor.on_stage(body.root.tolist(), body)
            messages.append(message("/VMC/Ext/Root/Pos", "root", *unity.position((x, 0.0, z)), *_UPRIGHT))
            offsets = [(0.0, height, 0.0), *body.rest.tolist()[1:]]
            for name, offset, turn in zip(_UNITY_NAMES, offsets, body.bones.tolist(), strict=True):
                messages.append(message("/VMC/Ext/Bone/Pos", name, *unity.position(offset), *unity.rotation(turn)))
        return bundles(messages)
