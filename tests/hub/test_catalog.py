from protocol import Status, StreamInfo
from streamer.hub.catalog import Catalog


def info(name: str) -> StreamInfo:
    return StreamInfo(name, 640, 480, 30.0, "mediapipe", "full")


def test_streams_keep_their_order_and_state() -> None:
    catalog = Catalog()
    catalog.add(info("b"), 1)
    catalog.add(info("a"), 2)
    assert [stream.id for stream in catalog.streams] == ["b", "a"]
    assert catalog.status("b") == Status("b", "live", "", 1)
    assert catalog.set_state("a", "lost", "unplugged", 5) == Status("a", "lost", "unplugged", 5)
    assert catalog.status("a").detail == "unplugged"
    assert len(catalog.set_state("a", "lost", "x" * 5000, 6).detail) == 1024
    catalog.set_state("a", "lost", "unplugged", 5)
    assert [stream.state for stream in catalog.streams] == ["live", "lost"]


def test_what_a_pattern_stands_for() -> None:
    catalog = Catalog()
    catalog.add(info("b"), 1)
    catalog.add(info("a"), 1)
    assert catalog.matching("*") == ["b", "a"]
    assert catalog.matching("a") == ["a"]
    assert catalog.matching("c") == []
    assert "a" in catalog
    assert "c" not in catalog
