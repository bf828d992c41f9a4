"""The embedded networks on OpenVINO: read, cut down to what is used, compiled once for all streams.

A landmark network is cut in two: a body of convolutions, which bears bfloat16, and three linear heads, which don't and
work in 32-bit floats whatever the body works in.
"""

import os
import threading
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from streamer.engine.blazepose import detector, landmarks
from streamer.engine.blazepose.runtime import CORE, PrePostProcessor, openvino, opset
from streamer.engine.embedded import DETECTOR, MODEL_FOLDER, landmark_network, read_network
from streamer.errors import EngineError
from streamer.source.base import Image

MAX_THREADS: Final = 4
"""By default; the networks are too small for more."""
HEADS: Final = (0, 1, 4)
"""Outputs of a landmark network's file, by their place in it: landmarks, presence, world landmarks."""
HEATMAP: Final = 3


Precision = Literal["f32", "bf16"]


@dataclass(frozen=True, slots=True)
class Tuning:
    """threads: that a network works with, in all. streams: pictures that are worked on at a time, which share them.
    precision: of the landmark networks' bodies.
    """

    threads: int
    streams: int = 1
    precision: Precision = "f32"


def default_threads() -> int:
    """Of this machine's processors: all but one, which is the event loop's and the camera's; of two, both."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MAX_THREADS, max(count - 1, min(count, 2)))


def has_bf16() -> bool:
    """Whether this processor computes in bfloat16 itself; OpenVINO imitates it on others, which gains nothing."""
    return "BF16" in CORE.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class _Network:
    """An embedded network, by the name of its file: read once, compiled in the parts that it is run in."""

    def __init__(self, name: str, tuning: Tuning) -> None:
        read_network(name)  # which checks it
        try:
            whole = CORE.read_model(MODEL_FOLDER / name)
            parts = _detector(whole, tuning) if name == DETECTOR else _body_and_heads(whole, tuning)
            self.parts = [CORE.compile_model(model, "CPU", _properties(tuned)) for model, tuned in parts]
        except RuntimeError as error:
            raise EngineError(f"OpenVINO refuses {name}: {_last_line(error)}") from error


def _properties(tuning: Tuning) -> dict[str, Any]:
    return {
        # Said, or OpenVINO takes bfloat16 for all of a network where the processor has it.
        "INFERENCE_PRECISION_HINT": tuning.precision,
        "INFERENCE_NUM_THREADS": tuning.threads,
        "NUM_STREAMS": min(tuning.streams, tuning.threads),
        # Two processes, each with its threads pinned to the same cores, would take turns.
        "ENABLE_CPU_PINNING": False,
    }


def _detector(whole: Any, tuning: Tuning) -> list[tuple[Any, Tuning]]:
    """Boxes and scores of a picture."""
    return [(_from_picture([_node(whole, 0), _node(whole, 1)], whole, 127.5, 127.5), tuning)]


def _body_and_heads(whole: Any, tuning: Tuning) -> list[tuple[Any, Tuning]]:
    """The feature map that all heads share, and the heat map, of a picture; landmarks, presence and world landmarks of
    the feature map.
    """
    features = _shared_map(whole)
    given = opset.parameter(features.get_partial_shape().to_shape(), np.float32)
    for user in list(features.get_target_inputs()):
        user.replace_source_output(given.output(0))
    heads = openvino.Model([_node(whole, index) for index in HEADS], [given])
    body = _from_picture([opset.result(features), _node(whole, HEATMAP)], whole, 0.0, 255.0)
    return [(body, tuning), (heads, Tuning(1))]  # too little work for more threads


def _from_picture(results: list[Any], whole: Any, mean: float, scale: float) -> Any:
    """A model of bytes. mean, scale: what its input was trained with."""
    prepared = PrePostProcessor(openvino.Model(results, whole.get_parameters()))
    prepared.input().tensor().set_element_type(openvino.Type.u8)
    prepared.input().preprocess().convert_element_type(openvino.Type.f32).mean(mean).scale(scale)
    return prepared.build()


def _node(whole: Any, index: int) -> Any:
    return whole.outputs[index].get_node()


def _shared_map(whole: Any) -> Any:
    """What the last convolution before each head takes: one and the same for all of them."""
    maps = []
    for index in HEADS:
        node = _node(whole, index)
        while node.get_type_name() != "Convolution":
            node = node.input_value(0).get_node()
        maps.append(node.input_value(0))
    if len({output.get_node().get_friendly_name() for output in maps}) != 1:
        raise RuntimeError("its heads share no feature map")
    return maps[0]


_lock = threading.Lock()
_networks: WeakValueDictionary[tuple[str, Tuning], _Network] = WeakValueDictionary()


def _shared(name: str, tuning: Tuning) -> _Network:
    with _lock:
        network = _networks.get((name, tuning))
        if network is None:
            network = _networks[name, tuning] = _Network(name, tuning)
        return network


def forget() -> None:
    """Read and compile anew what is asked for next: an inference that hangs holds up all others of its network."""
    _networks.clear()


class _Request:
    """One input's way through a part of a network, whose memory is used again for the next."""

    def __init__(self, compiled: Any, given: Any) -> None:
        self.compiled = compiled
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(given)
        self.outputs: list[Any] = self._request.output_tensors

    def run(self) -> None:
        """Fill `outputs`. Raises EngineError."""
        try:
            self._request.infer()
        except RuntimeError as error:
            raise EngineError(f"OpenVINO failed on a frame: {_last_line(error)}") from error


class DetectorRequest:
    """Looks for people in what is in `input`, (224, 224, 3) uint8."""

    def __init__(self, tuning: Tuning) -> None:
        self.input: Image = np.zeros((detector.SIZE, detector.SIZE, 3), np.uint8)
        self._network = _shared(DETECTOR, replace(tuning, precision="f32"))
        self._request = _Request(self._network.parts[0], openvino.Tensor(self.input[None], shared_memory=True))

    def run(self) -> list[NDArray[np.float32]]:
        """Boxes (2254, 12), scores (2254, 1), good until the next run. Raises EngineError."""
        self._request.run()
        return [tensor.data[0] for tensor in self._request.outputs]


class LandmarkRequest:
    """Looks at the person in what is in `input`, (256, 256, 3) uint8.

    The file's mask of the person isn't made: it costs a tenth of the time, and nobody sees it.
    """

    def __init__(self, model: str, tuning: Tuning) -> None:
        self.input: Image = np.zeros((landmarks.SIZE, landmarks.SIZE, 3), np.uint8)
        self._network = _shared(landmark_network(model), tuning)
        body, heads = self._network.parts
        self._body = _Request(body, openvino.Tensor(self.input[None], shared_memory=True))
        self._heads = _Request(heads, self._body.outputs[0])

    def run(self) -> tuple[NDArray[np.float32], ...]:
        """Landmarks (195,), presence (1,), heat map (64, 64, 39), world (117,), good until the next run.

        Raises EngineError.
        """
        self._body.run()
        self._heads.run()
        points, presence, world = (tensor.data[0] for tensor in self._heads.outputs)
        return points, presence, self._body.outputs[1].data[0], world


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else type(error).__name__
