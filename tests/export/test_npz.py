import io
import json
from dataclasses import replace

import numpy as np
import pytest

from protocol.skeleton import ANGLES, BONES, LANDMARKS, PARENTS
from streamer.export.npz import ARRAYS, FORMAT
from tests.takes import START_US, make_content, make_take, perform, pick, with_gap


def test_all_of_a_take_comes_back() -> None:
    take = with_gap(make_take(), 50, 80)
    take.tracks[7] = replace(pick(take.tracks[1], np.arange(20, 30)), id=7)
    performance = perform(take)
    [content] = make_content(FORMAT, performance).values()
    found = np.load(io.BytesIO(content), allow_pickle=False)
    for motion in performance.motions:
        for name in ARRAYS:
            value = found[f"person_{motion.id}/{name}"]
            assert value.dtype == getattr(motion, name).dtype
            assert np.array_equal(value, getattr(motion, name), equal_nan=value.dtype != bool), name
        assert found[f"person_{motion.id}/t_s"] == pytest.approx(motion.t_s)
        assert found[f"person_{motion.id}/frame"].tolist() == motion.frames.tolist()
        stage = performance.stage.markers(motion)
        assert found[f"person_{motion.id}/stage"] == pytest.approx(stage, abs=1e-6, nan_ok=True)
    assert len(found.files) == 1 + 2 * (len(ARRAYS) + 3)


def test_metadata_say_what_it_is() -> None:
    [content] = make_content(FORMAT, perform(make_take())).values()
    metadata = json.loads(str(np.load(io.BytesIO(content))["metadata"]))
    assert metadata["people"] == [1]
    assert (metadata["fps"], metadata["frames"], metadata["start_us"]) == (30, 120, START_US)
    assert (metadata["stream"], metadata["size_px"]) == ("cam", [1280, 720])
    assert [tuple(metadata[name]) for name in ("landmarks", "bones", "angles", "parents")] == [
        *(LANDMARKS, BONES, ANGLES, PARENTS)
    ]


def test_what_a_take_lacks_is_left_out() -> None:
    take = make_take()
    take.tracks[1] = replace(take.tracks[1], bones=None, root=None, rest=None, floor=None, contact=None, angles=None)
    [content] = make_content(FORMAT, perform(take)).values()
    assert "person_1/bones" not in np.load(io.BytesIO(content)).files
