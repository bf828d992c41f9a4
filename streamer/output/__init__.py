"""Outputs: bodies to programs that take them by OSC, beside the WebSocket clients."""

from collections.abc import Sequence

from protocol.messages import Field
from streamer.hub.outgoing import Estimate
from streamer.output import vmc, vrchat
from streamer.output.osc import OscOutput, parse_target

__all__ = ["Outputs"]


class Outputs:
    """All outputs of a server. Raises UsageError for a receiver that can't be."""

    def __init__(self, vmc_targets: Sequence[str], vrchat_targets: Sequence[str]) -> None:
        self._outputs = [
            *(OscOutput("VMC", parse_target(text, vmc.DEFAULT_PORT), vmc.Vmc().build) for text in vmc_targets),
            *(
                OscOutput("VRChat", parse_target(text, vrchat.DEFAULT_PORT), vrchat.VRChat().build)
                for text in vrchat_targets
            ),
        ]
        self.wanted: frozenset[Field] = frozenset({"bones"} if self._outputs else ())
        """The fields on demand that they need."""

    @property
    def labels(self) -> list[str]:
        """What goes where, for people."""
        return [output.label for output in self._outputs]

    def start(self) -> None:
        """Begin to send."""
        for output in self._outputs:
            output.start()

    def publish(self, estimate: Estimate) -> None:
        """Hand over a frame; never waits."""
        for output in self._outputs:
            output.publish(estimate)

    def stop(self, timeout_s: float) -> None:
        """End all threads."""
        for output in self._outputs:
            output.stop(timeout_s)
