import builtins
import logging
import re
from contextlib import closing
from pathlib import Path
from weakref import WeakValueDictionary

import pytest
from packaging.requirements import Requirement

from streamer.engine import engines
from streamer.engine.blazepose import networks
from streamer.engine.blazepose.networks import has_bf16
from streamer.engine.embedded import DETECTOR
from streamer.engine.engines import Engines
from streamer.errors import EngineError, UsageError
from streamer.settings import Settings, Smoothing


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    real = engines.find_spec
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name in names else real(name))


@pytest.mark.parametrize(("wish", "name"), [("auto", "openvino"), ("openvino", "openvino"), ("mediapipe", "mediapipe")])
def test_what_is_asked_for_is_made(wish: str, name: str) -> None:
    made = Engines(wish)
    assert made.name == name
    stream, pictures = made.make(Settings("lite")), made.make_for_pictures("lite", 2)
    precise = "-bf16" if name == "openvino" and has_bf16() else ""
    assert (stream.name, stream.model, stream.smoothed) == (name + precise, "lite", True)
    assert (pictures.name, pictures.smoothed) == (name, False)
    stream.close()
    pictures.close()


def test_auto_without_the_extra_is_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "openvino")
    assert Engines("auto").name == "mediapipe"
    with pytest.raises(UsageError, match=r"^the openvino engine isn't installed: pip install 'posewire\[fast\]'$"):
        Engines("openvino")


def test_where_openvino_refuses_the_machine_mediapipe_is_taken_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise EngineError("OpenVINO refuses pose_detector.tflite: this processor has no AVX2")

    monkeypatch.setattr("streamer.engine.blazepose.networks._Network", refuse)
    monkeypatch.setattr("streamer.engine.blazepose.networks._networks", {})
    with caplog.at_level(logging.WARNING):
        assert Engines("auto").name == "mediapipe"
    assert caplog.messages == [
        "OpenVINO refuses pose_detector.tflite: this processor has no AVX2; mediapipe is used instead"
    ]
    with pytest.raises(EngineError, match="no AVX2"):
        Engines("openvino")
    without(monkeypatch, "mediapipe")
    with pytest.raises(EngineError, match="no AVX2"):
        Engines("auto")


def test_the_detector_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    class Counted(networks._Network):
        def __init__(self, name: str, *arguments: object) -> None:
            compiled.append(name)
            super().__init__(name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(networks, "_Network", Counted)
    monkeypatch.setattr(networks, "_networks", WeakValueDictionary())
    made = Engines("openvino")
    for _ in range(2):
        made.make(Settings("lite")).close()
    assert compiled.count(DETECTOR) == 1


def test_a_library_that_does_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *arguments: object) -> object:
        if name.startswith("streamer.engine.blazepose"):
            raise ImportError("libtbb.so.12: cannot open shared object file")
        return real(name, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(EngineError, match=r"^OpenVINO doesn't load: libtbb"):
        Engines("openvino")


def test_a_machine_without_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "mediapipe")
    assert Engines("auto").name == "openvino"
    with pytest.raises(UsageError, match="mediapipe isn't installed"):
        Engines("mediapipe")


def test_threads_are_openvino_s() -> None:
    with pytest.raises(UsageError, match="--threads"):
        Engines("mediapipe", threads=2)
    assert Engines("auto", threads=1).name == "openvino"


@pytest.mark.parametrize(
    ("wish", "processor", "name"),
    [
        ("auto", True, "openvino-bf16"),
        ("auto", False, "openvino"),
        ("f32", True, "openvino"),
        ("bf16", True, "openvino-bf16"),
    ],
)
def test_precision(monkeypatch: pytest.MonkeyPatch, wish: str, processor: bool, name: str) -> None:
    monkeypatch.setattr(networks, "has_bf16", lambda: processor)
    made = Engines("openvino", precision=wish)
    assert made.make(Settings("lite")).name == name
    assert made.make_for_pictures("lite", 1).name == "openvino"  # whatever streams have


def test_a_precision_that_can_not_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "has_bf16", lambda: False)
    with pytest.raises(UsageError, match="this processor doesn't compute in bfloat16"):
        Engines("auto", precision="bf16")
    with pytest.raises(UsageError, match="--precision bf16 is for the openvino engine"):
        Engines("mediapipe", precision="bf16")
    assert Engines("mediapipe", precision="f32").name == "mediapipe"


def test_smoothing_that_was_asked_for_gets_what_the_networks_say() -> None:
    openvino, mediapipe = Engines("openvino"), Engines("mediapipe")
    default, kalman = Settings("lite"), Settings("lite", smoothing=Smoothing("kalman"))
    tuned = Settings("lite", smoothing=Smoothing("one-euro", (("beta", 8.0),)))
    assert [openvino.make(settings).smoothed for settings in (default, kalman, tuned)] == [True, False, False]
    assert not openvino.fits(default, kalman)
    assert openvino.fits(kalman, tuned)
    assert mediapipe.fits(default, kalman)  # which smooths one person whatever is asked for
    for made in (openvino, mediapipe):
        assert made.fits(default, Settings("lite", mirror=True))
        assert not made.fits(default, Settings("full"))
        assert not made.fits(default, Settings("lite", people=2))


@pytest.mark.parametrize(
    ("system", "machine", "installed"),
    [
        ("linux", "x86_64", {"mediapipe"}),
        ("win32", "AMD64", {"mediapipe"}),
        ("darwin", "arm64", {"mediapipe"}),
        ("linux", "aarch64", {"openvino"}),
        ("darwin", "x86_64", {"openvino"}),
    ],
)
def test_every_machine_gets_an_engine(system: str, machine: str, installed: set[str]) -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    listed = [
        Requirement(line) for line in re.findall(r'^  "((?:mediapipe|openvino)\S+ .*;?.*)",$', text, re.MULTILINE)
    ]
    assert {requirement.name for requirement in listed} == {"mediapipe", "openvino"}
    environment = {"sys_platform": system, "platform_machine": machine}
    assert {one.name for one in listed if one.marker is None or one.marker.evaluate(environment)} == installed


def test_engines_made_after_one_hangs_share_no_network_with_it() -> None:
    engines = Engines("openvino", precision="f32")
    with closing(engines.make(Settings("lite"))) as first, closing(engines.make(Settings("lite"))) as second:
        assert first._looker._network is second._looker._network
        engines.renew()
        with closing(engines.make(Settings("lite"))) as third:
            assert third._looker._network is not first._looker._network
            assert third._finder._network is not first._finder._network
