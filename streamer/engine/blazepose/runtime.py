"""OpenVINO itself: loaded once, kept for the life of the process, kept off the network."""

import sys

# OpenVINO's tools, which it imports along with itself, report to their maker by this package: the import alone writes
# files to the user's home and asks for the address of a host. They do without where it isn't installed; so it isn't.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino  # noqa: E402
from openvino import opset8 as opset  # noqa: E402
from openvino.preprocess import PrePostProcessor  # noqa: E402

CORE = openvino.Core()
"""Never given back: what OpenVINO loads gives the thread that loads it another signal stack, and takes that memory back
in whichever thread lets go of it last. The next signal would then end the process."""

__all__ = ["CORE", "PrePostProcessor", "openvino", "opset"]
