import numpy as np
import pytest

from protocol import BONES, REST
from streamer.body import Body, Person
from streamer.engine.base import Detection
from streamer.hub.outgoing import Estimate
from streamer.output.osc import MAX_BUNDLE_BYTES
from streamer.output.vmc import Vmc

NOWHERE = Detection(np.zeros((33, 4), np.float32), np.zeros((33, 4), np.float32), 1.0)


def body(x: float = 0.0) -> Body:
    turns = np.random.default_rng(0).normal(size=(len(BONES), 4)).astype(np.float32)
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    return Body(turns, np.array([x, -0.25, -3], np.float32), -1.125, np.array(REST, np.float32), (), (True, True))


def estimate(*bodies: Body, t_us: int = 1_000_000) -> Estimate:
    people = [Person(index, NOWHERE, found) for index, found in enumerate(bodies, 1)]
    return Estimate("cam", 1, t_us, (1, 1), people, frozenset({"bones"}))


def sent(vmc: Vmc, item: Estimate) -> list[tuple[str, list]]:
    packets = vmc.build(item)
    assert all(packet.size <= MAX_BUNDLE_BYTES for packet in packets)
    return [(found.address, found.params) for packet in packets for found in packet]


def test_every_bone_is_sent_in_unitys_axes_with_its_rest_offset() -> None:
    found = sent(Vmc(), estimate(body()))
    bones = {params[0]: params[1:] for address, params in found if address == "/VMC/Ext/Bone/Pos"}
    assert list(bones) == [bone[0].upper() + bone[1:] for bone in BONES]
    for index, bone in enumerate(BONES):
        x, y, z, qx, qy, qz, qw = bones[bone[0].upper() + bone[1:]]
        assert (qx, -qy, -qz, qw) == pytest.approx(body().bones[index].tolist(), abs=1e-6)
        if bone != "hips":
            assert (-x, y, z) == pytest.approx(REST[index], abs=1e-6)


def test_the_root_walks_and_the_hips_are_over_the_floor() -> None:
    vmc = Vmc()
    sent(vmc, estimate(body()))
    found = dict(sent(vmc, estimate(body(x=0.5))))
    assert found["/VMC/Ext/Root/Pos"] == pytest.approx(["root", -0.5, 0, 0, 0, 0, 0, 1], abs=1e-6)
    hips = next(params for address, params in sent(vmc, estimate(body())) if params[0] == "Hips")
    assert hips[1:4] == pytest.approx([0, 0.875, 0], abs=1e-6)


def test_state_and_time_come_first() -> None:
    vmc = Vmc()
    assert sent(vmc, estimate(body(), t_us=5_000_000))[:2] == [("/VMC/Ext/OK", [1, 3, 0, 1]), ("/VMC/Ext/T", [0.0])]
    assert sent(vmc, estimate(body(), t_us=6_500_000))[1] == ("/VMC/Ext/T", [1.5])


def test_nobody_is_told_as_such() -> None:
    assert sent(Vmc(), estimate()) == [("/VMC/Ext/OK", [1, 3, 0, 0]), ("/VMC/Ext/T", [0.0])]
