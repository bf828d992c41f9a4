from pathlib import Path

import pytest

from streamer.errors import UsageError
from streamer.export.formats import FORMATS
from streamer.export.place import place

SOURCE = Path("takes/dance.mcap")


@pytest.mark.parametrize("to", FORMATS)
def test_beside_the_recording_under_its_name(to: str) -> None:
    assert place(SOURCE, to, None) == Path(f"takes/dance{FORMATS[to].suffix}")


def test_where_the_user_says(tmp_path: Path) -> None:
    assert place(SOURCE, "bvh", Path("other/x.bvh")) == Path("other/x.bvh")
    assert place(SOURCE, "bvh", Path("x.BVH")) == Path("x.BVH")
    assert place(SOURCE, "gltf", tmp_path) == tmp_path / "dance.glb"
    assert place(SOURCE, "openpose-json", tmp_path) == tmp_path
    assert place(SOURCE, "openpose-json", Path("pose/cam01_json")) == Path("pose/cam01_json")


def test_an_ending_that_says_something_else() -> None:
    for output in ("x.fbx", "x", "folder/"):
        with pytest.raises(UsageError, match=r"has to end in \.bvh, or be a folder that exists$"):
            place(SOURCE, "bvh", Path(output))


def test_a_stream_is_part_of_the_name(tmp_path: Path) -> None:
    assert place(SOURCE, "bvh", None, "left") == Path("takes/dance_left.bvh")
    assert place(SOURCE, "bvh", Path("x.BVH"), "left") == Path("x_left.BVH")
    assert place(SOURCE, "openpose-json", Path("cam"), "left") == Path("cam_left")
    assert place(SOURCE, "openpose-json", None, "left") == Path("takes/dance_left_json")
    assert place(SOURCE, "csv", tmp_path / "x.csv", "../a b/é") == tmp_path / "x_.._a_b_é.csv"
