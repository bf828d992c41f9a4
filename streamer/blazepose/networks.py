"""The embedded networks on OpenVINO: read, cut down to what is used, compiled once for all streams."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from streamer.blazepose import detector, landmarks
from streamer.blazepose.runtime import CORE, PrePostProcessor, openvino
from streamer.embedded import DETECTOR, MODEL_FOLDER, landmark_network, read_network
from streamer.errors import EngineError
from streamer.source.base import Image

MAX_THREADS: Final = 4
"""By default; the networks are too small for more."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """threads: that a network works with, in all. streams: pictures that are worked on at a time, which share them."""

    threads: int
    streams: int = 1

    @property
    def properties(self) -> Mapping[str, Any]:
        """For OpenVINO."""
        return {
            # Said, or OpenVINO takes bfloat16 where the processor has it, which ruins world landmarks.
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": self.threads,
            "NUM_STREAMS": min(self.streams, self.threads),
            # Two processes, each with its threads pinned to the same cores, would take turns.
            "ENABLE_CPU_PINNING": False,
        }


def default_threads() -> int:
    """Of this machine's processors: all but one, which is the event loop's and the camera's; of two, both."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MAX_THREADS, max(count - 1, min(count, 2)))


class _Network:
    """outputs: the ones used, by their place in the file. mean, scale: what its input was trained with."""

    def __init__(self, name: str, outputs: tuple[int, ...], mean: float, scale: float, tuning: Tuning) -> None:
        read_network(name)  # which checks it
        try:
            whole = CORE.read_model(MODEL_FOLDER / name)
            used = openvino.Model([whole.outputs[index].get_node() for index in outputs], whole.get_parameters(), name)
            prepared = PrePostProcessor(used)
            prepared.input().tensor().set_element_type(openvino.Type.u8)
            prepared.input().preprocess().convert_element_type(openvino.Type.f32).mean(mean).scale(scale)
            self.compiled = CORE.compile_model(prepared.build(), "CPU", dict(tuning.properties))
        except RuntimeError as error:
            raise EngineError(f"OpenVINO refuses {name}: {_last_line(error)}") from error


_lock = threading.Lock()
_networks: WeakValueDictionary[tuple[object, ...], _Network] = WeakValueDictionary()


def _shared(*key: Any) -> _Network:
    with _lock:
        network = _networks.get(key)
        if network is None:
            network = _networks[key] = _Network(*key)
        return network


class _Request:
    """One picture's way through a network, whose memory is used again for the next."""

    def __init__(self, network: _Network, size: int) -> None:
        self.input: Image = np.zeros((size, size, 3), np.uint8)
        self._network = network
        self._request = network.compiled.create_infer_request()
        self._request.set_input_tensor(openvino.Tensor(self.input[None], shared_memory=True))

    def run(self) -> list[NDArray[np.float32]]:
        """Outputs of what is in `input`, good until the next run. Raises EngineError."""
        try:
            self._request.infer()
            return [tensor.data[0] for tensor in self._request.output_tensors]
        except RuntimeError as error:
            raise EngineError(f"OpenVINO failed on a frame: {_last_line(error)}") from error


class DetectorRequest(_Request):
    """Outputs: boxes (2254, 12), scores (2254, 1)."""

    def __init__(self, tuning: Tuning) -> None:
        super().__init__(_shared(DETECTOR, (0, 1), 127.5, 127.5, tuning), detector.SIZE)


class LandmarkRequest(_Request):
    """Outputs: landmarks (195,), presence (1,), heat map (64, 64, 39), world (117,).

    The file's third output, a mask of the person, costs a tenth of the time, and nobody sees it.
    """

    def __init__(self, model: str, tuning: Tuning) -> None:
        super().__init__(_shared(landmark_network(model), (0, 1, 3, 4), 0.0, 255.0, tuning), landmarks.SIZE)


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__
