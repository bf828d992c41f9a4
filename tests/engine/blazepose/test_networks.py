import gc

import numpy as np
import openvino
import pytest

from streamer.engine.blazepose import networks
from streamer.engine.blazepose.networks import (
    MAX_THREADS,
    DetectorRequest,
    LandmarkRequest,
    Tuning,
    default_threads,
    has_bf16,
)
from streamer.errors import EngineError


def test_shapes() -> None:
    boxes, scores = DetectorRequest(Tuning(1)).run()
    assert (boxes.shape, scores.shape) == ((2254, 12), (2254, 1))
    points, presence, heatmap, world = LandmarkRequest("lite", Tuning(1)).run()
    assert (points.shape, presence.shape, heatmap.shape, world.shape) == ((195,), (1,), (64, 64, 39), (117,))
    assert 0 <= presence[0] <= 1  # a probability already


def test_the_input_is_read_anew_at_each_run() -> None:
    request = LandmarkRequest("lite", Tuning(1))
    before = request.run()[0].copy()
    request.input[:] = np.random.default_rng(0).integers(0, 256, request.input.shape)
    assert np.abs(request.run()[0] - before).max() > 1


def test_a_network_lives_as_long_as_somebody_uses_it() -> None:
    tuning = Tuning(1, 3)  # nobody else's
    first, second = DetectorRequest(tuning), DetectorRequest(tuning)
    key = next(key for key in networks._networks if tuning in key)
    assert first._network is second._network
    del first, second
    gc.collect()
    assert key not in networks._networks


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_only_bodies_are_less_precise_and_nothing_is_pinned(precision: networks.Precision) -> None:
    tuning = Tuning(1, precision=precision)
    looker = LandmarkRequest("lite", tuning)
    less = {"f32": {openvino.Type.f32}, "bf16": {openvino.Type.bf16}}[precision]
    if not has_bf16():  # what that is taken for there is the library's: with AVX-512 it is emulated, with less it isn't
        less = less | {openvino.Type.f32}
    for request, expected in (
        (looker._body, less),
        (looker._heads, {openvino.Type.f32}),
        (DetectorRequest(tuning)._request, {openvino.Type.f32}),
    ):
        compiled = request.compiled
        assert compiled.get_property("INFERENCE_PRECISION_HINT") in expected
        assert compiled.get_property("ENABLE_CPU_PINNING") is False


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (2, 2), (3, 2), (4, 3), (8, MAX_THREADS)])
def test_threads_leave_the_event_loop_its_share(monkeypatch: pytest.MonkeyPatch, processors: int, threads: int) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(processors))
    assert default_threads() == threads


def test_a_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("Exception from src/core.cpp:1\n\nthis processor has no AVX2\n")

    monkeypatch.setattr(openvino.Core, "compile_model", refuse)
    with pytest.raises(EngineError, match=r"^OpenVINO refuses pose_detector.tflite: this processor has no AVX2$"):
        DetectorRequest(Tuning(1, 4))
