from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from streamer.config import ExportName, LayoutName
from streamer.export.formats import FORMATS
from streamer.export.openpose import LAYOUTS
from tests.takes import make_content, make_take, perform, pick, with_gap


def test_the_command_offers_all_there_are() -> None:
    assert tuple(FORMATS) == get_args(ExportName)
    assert tuple(LAYOUTS) == get_args(LayoutName)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_somebody_with_gaps_seen_late_and_at_any_rate(name: str) -> None:
    form = FORMATS[name]
    take = with_gap(make_take(), 50, 80)
    track = take.tracks[1]
    take.tracks[1] = pick(track, track.t_us >= take.t_us[30])
    for fps in (30, 60, None):
        content = make_content(form, perform(take, fps), Path(f"take{form.suffix}"))
        assert all(content.values())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_a_single_frame(name: str) -> None:
    form = FORMATS[name]
    take = make_take()
    take.tracks[1] = pick(take.tracks[1], np.array([5]))
    content = make_content(form, perform(take), Path(f"take{form.suffix}"))
    assert len(content) == {"openpose-json": 120, "csv": 3}.get(name, 1)


@pytest.mark.parametrize("name", ["bvh", "csv", "openpose-json"])
def test_only_formats_that_mark_a_gap_with_it_have_a_nan(name: str) -> None:
    form = FORMATS[name]
    content = make_content(form, perform(with_gap(make_take(), 50, 80)), Path(f"take{form.suffix}"))
    assert not [path for path, text in content.items() if b"nan" in text.lower()]
