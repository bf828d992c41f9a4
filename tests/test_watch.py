import pytest

from posewire_client import Client
from protocol import Frame, Pose
from streamer.errors import PosewireError, UsageError
from streamer.guard.access import Access
from streamer.watch import Meter, percentiles, watch
from tests.inprocess import local_server


def frame(seq: int, stream: str = "a", people: int = 1) -> Frame:
    return Frame(0, stream, seq, 0, 0, (1, 1), tuple(Pose(i, 1.0) for i in range(people)))


def test_percentiles_by_nearest_rank() -> None:
    assert percentiles([]) is None
    assert percentiles([5.0]) == {"p50": 5.0, "p95": 5.0, "p99": 5.0}
    assert percentiles(float(i) for i in range(100, 0, -1)) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}


def test_counts_what_came_and_what_is_missing() -> None:
    meter = Meter()
    for seq in (1, 2, 5):
        meter.add(frame(seq, people=2), 1500.0)
    meter.add(frame(9, "b", people=0), None)
    report = meter.report(Client("ws://127.0.0.1:9"))
    assert report["frames"] == 4
    assert report["missing_seq"] == 2
    assert report["streams"] == {"a": 3, "b": 1}
    assert report["poses_per_frame"] == 1.5
    assert report["latency_ms"] == {"p50": 1.5, "p95": 1.5, "p99": 1.5}
    assert report["clock_error_ms"] is None


def test_nothing_yet() -> None:
    report = Meter().report(Client("ws://127.0.0.1:9"))
    assert report["fps"] is None
    assert report["latency_ms"] is None
    assert report["poses_per_frame"] is None


def test_a_new_server_starts_counting_anew() -> None:
    meter = Meter()
    for seq in (100, 101, 1, 2):
        meter.add(frame(seq), None)
    assert meter.report(Client("ws://127.0.0.1:9"))["missing_seq"] == 0


@pytest.mark.parametrize("seq", [1, 50])
def test_one_frame_has_no_rate(seq: int) -> None:
    meter = Meter()
    meter.add(frame(seq), 1.0)
    assert meter.report(Client("ws://127.0.0.1:9"))["fps"] is None


async def test_who_is_told_to_come_again_is_told_why() -> None:
    async with local_server(Access("s3cret")) as local:
        for n in range(5):
            with pytest.raises(UsageError, match="wrong token"):
                await watch(f"{local.ws}?token=wrong{n}", "*", 1, True)
        with pytest.raises(PosewireError) as told:
            await watch(f"{local.ws}?token=s3cret", "*", 1, True)
    assert "HTTP 429: 5 wrong tokens came from 127.0.0.1" in str(told.value)
    assert "no Posewire server" not in str(told.value)


async def test_where_nobody_answers_is_no_server() -> None:
    with pytest.raises(PosewireError, match=r"no Posewire server at ws://127\.0\.0\.1:9"):
        await watch("ws://127.0.0.1:9", "*", 1, True)
