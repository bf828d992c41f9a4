"""What Prometheus' own parser reads of a server's numbers."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Sequence

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from protocol import StreamInfo
from streamer.guard.access import Access
from streamer.hub.catalog import Catalog
from streamer.hub.hub import Hub
from streamer.photo.cache import Cache, key
from streamer.photo.pool import Pool
from streamer.photo.request import PhotoRequest
from streamer.recording.recorder import Progress
from streamer.rest.metrics import Metrics
from streamer.vitals.health import Health
from streamer.vitals.stages import STAGES, Stamps
from streamer.vitals.tally import Tally
from tests.inprocess import LocalServer, local_server

LABELS = ("stream", "stage", "le", "state", "reason", "cache")
Numbers = dict[tuple[str, ...], float]


def parse(text: str) -> Numbers:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {
        (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
        for sample in samples
    }


def read(local: LocalServer) -> Numbers:
    with urllib.request.urlopen(f"http://127.0.0.1:{local.port}/metrics") as answer:
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return parse(answer.read().decode())


async def test_numbers_follow_what_happens() -> None:
    async with local_server() as local, connect(local.ws + "?subscribe=*") as client:
        await client.recv()
        for _ in range(3):
            local.publish()
        cache = local.photos.cache
        cache.put(key(PhotoRequest(), b"a"), b"answer")
        cache.get(key(PhotoRequest(), b"a"))
        numbers = await asyncio.to_thread(read, local)
    assert numbers["posewire_clients",] == 1
    assert numbers["posewire_subscriptions", "cam"] == 1
    assert numbers["posewire_frames_total", "cam"] == 3
    assert numbers["posewire_frames_sent_total", "cam"] == 3
    assert numbers["posewire_frames_thinned_total", "cam"] == 0
    assert numbers["posewire_stream_live", "cam"] == 1
    assert numbers["posewire_frames_dropped_total", "cam", "slow_client"] == 0
    assert numbers["posewire_photo_answers_total", "hit"] == 1
    assert numbers["posewire_photo_answers_total", "miss"] == 0
    assert numbers["posewire_photo_cache_bytes",] == 6
    assert numbers["posewire_photo_waiting",] == 0
    assert numbers["process_resident_memory_bytes",] > 0


@pytest.fixture
def hub() -> Hub:
    catalog = Catalog()
    catalog.add(StreamInfo("a", 640, 480, 30.0, "scripted", "none"), 0)
    return Hub(catalog)


class Watched:
    """A stream that has known some trouble."""

    id = "a"
    label = "a camera"
    engine_faults, replacements, captured, inferred, skipped, missed = 2, 1, 100, 68, 7, 30

    def health(self) -> Health:
        return Health("frozen", "idle", 9000, 8900, "")


def numbers_of(hub: Hub, recordings: Sequence[Progress] = ()) -> Numbers:
    pool = Pool(workers=1, queue=1, max_pixels=1_000_000)
    return parse(Metrics(hub, Cache(), pool, [Watched()], Tally(), lambda: recordings).text().decode())


def test_recordings_in_progress_and_failed(hub: Hub) -> None:
    numbers = numbers_of(
        hub,
        [
            Progress("recording", 1000, 10, 1, 2, 3),
            Progress("recording", 200, 10, 1, 2, 0),
            Progress("failed", 7, 1, 1, 1, 9, "no space left"),
            Progress("finished", 7, 1, 1, 1, 9),
        ],
    )
    assert numbers["posewire_recordings", "recording"] == 2
    assert numbers["posewire_recordings", "failed"] == 1
    assert numbers["posewire_recording_bytes",] == 1200
    assert numbers["posewire_recording_left_out",] == 3


async def test_a_streams_troubles_have_their_reasons(hub: Hub) -> None:
    hub.counts("a").published = 65
    numbers = numbers_of(hub)
    assert numbers["posewire_frames_captured_total", "a"] == 100
    assert numbers["posewire_frames_inferred_total", "a"] == 68
    dropped = {labels[-1]: value for labels, value in numbers.items() if labels[0] == "posewire_frames_dropped_total"}
    assert dropped == {"late": 7, "engine_busy": 30, "engine_fault": 2, "loop_busy": 3, "slow_client": 0, "crowded": 0}
    camera = {labels[-1]: value for labels, value in numbers.items() if labels[0] == "posewire_camera_state"}
    assert camera == {"live": 0, "frozen": 1, "gone": 0, "waiting": 0, "ended": 0}
    engine = {labels[-1]: value for labels, value in numbers.items() if labels[0] == "posewire_engine_state"}
    assert engine == {"working": 0, "idle": 1, "failed": 0, "hung": 0}
    assert numbers["posewire_engine_faults_total", "a"] == 2
    assert numbers["posewire_workers_replaced_total", "a"] == 1


async def test_stages_are_histograms(hub: Hub) -> None:
    for engine_us in (4_000, 24_000, 90_000, 2_000_000):
        stamps = Stamps(2_000, 2_000 + engine_us, 3_000 + engine_us)
        hub.counts("a").stages.note(0, stamps, 3_500 + engine_us, 4_500 + engine_us)
    numbers = numbers_of(hub)
    bucket = {labels[1:]: value for labels, value in numbers.items() if labels[0] == "posewire_stage_seconds_bucket"}
    assert [bucket["a", "engine", le] for le in ("0.003", "0.005", "0.03", "0.1", "1.0", "+Inf")] == [0, 1, 2, 3, 3, 4]
    assert numbers["posewire_stage_seconds_count", "a", "engine"] == 4
    assert abs(numbers["posewire_stage_seconds_sum", "a", "engine"] - 2.118) < 1e-9
    assert {labels[1] for labels in bucket if labels[0] == "a"} == set(STAGES)
    assert numbers["posewire_latency_seconds_count", "a"] == 4
    assert abs(numbers["posewire_latency_seconds_sum", "a"] - 2.118 - 4 * 0.0045) < 1e-9


async def test_refusals_are_counted_by_reason_wherever_they_happen() -> None:
    foreign = ({"Origin": "http://evil.example"}, {"Host": "evil.example"})
    async with local_server(Access("s3cret", "w4tch")) as local:
        for headers in ({}, {"Authorization": "Bearer wrong"}, *foreign):
            assert await asyncio.to_thread(status, local, "/streams", headers) >= 400
        publish = local.ws.replace("/stream", "/publish/phone")
        with pytest.raises(InvalidStatus):
            await connect(f"{publish}?token=w4tch")
        async with connect(f"{publish}?token=s3cret"):
            with pytest.raises(InvalidStatus):
                await connect(f"{publish}?token=s3cret")
        numbers = parse(local.metrics.text().decode())
    refused = {labels[1]: value for labels, value in numbers.items() if labels[0] == "posewire_refused_total"}
    assert refused == {"no_token": 1, "wrong_token": 1, "origin": 1, "host": 1, "read_only": 1, "camera_taken": 1}


async def test_so_are_those_at_the_door() -> None:
    async with local_server(per_address=1) as local, connect(local.ws):
        assert await asyncio.to_thread(status, local, "/healthz", {}) == 429
        assert 'posewire_refused_total{reason="connections_of_address"} 1.0' in local.metrics.text().decode()


async def test_who_is_too_slow_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.guard.door.HANDSHAKE_S", 0.2)
    async with local_server() as local:
        reader, writer = await asyncio.open_connection("127.0.0.1", local.port)
        assert b"408" in await reader.read()
        writer.close()
        assert 'posewire_refused_total{reason="handshake"} 1.0' in local.metrics.text().decode()


def status(local: LocalServer, path: str, headers: dict[str, str]) -> int:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{local.port}{path}", headers=headers)
        ) as ok:
            return ok.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
