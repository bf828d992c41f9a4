from dataclasses import replace

import pytest

from streamer.vitals.health import CAMERA_STATES, HUNG_US, REASONS, SILENT_US, Health, Vitals, diagnose, report

NOW_US = 1_000_000_000
WELL = Vitals(
    camera="live",
    picture_us=NOW_US - 20_000,
    interval_us=33_333,
    paced=True,
    busy_since_us=NOW_US - 10_000,
    estimate_us=NOW_US - 30_000,
    failed=False,
    over=False,
)


def test_a_stream_that_works() -> None:
    assert diagnose(WELL, NOW_US) == Health("live", "working", 20, 30, "")
    assert diagnose(replace(WELL, busy_since_us=0), NOW_US).engine == "working"


def test_a_stream_that_has_just_started_is_well() -> None:
    new = replace(WELL, busy_since_us=0, picture_us=0, estimate_us=0)
    assert diagnose(new, NOW_US) == Health("live", "idle", None, None, "")


@pytest.mark.parametrize("camera", ["frozen", "gone", "waiting", "ended"])
def test_without_pictures_the_engine_is_idle_not_dead(camera: str) -> None:
    silent = replace(WELL, camera=camera, picture_us=NOW_US - 9_000_000, estimate_us=NOW_US - 8_900_000)
    health = diagnose(replace(silent, busy_since_us=0), NOW_US)
    assert health == Health(camera, "idle", 9000, 8900, REASONS[camera])
    assert health.engine_is_well
    assert health.camera_is_well == (camera == "ended")


@pytest.mark.parametrize(
    ("change", "engine", "reason"),
    [
        ({"failed": True}, "failed", "failed"),
        ({"failed": True, "busy_since_us": 0}, "failed", "failed"),
        ({"over": True, "busy_since_us": 0}, "failed", "over"),
        ({"busy_since_us": NOW_US - HUNG_US - 1}, "hung", "hung"),
        ({"busy_since_us": NOW_US - HUNG_US - 1, "failed": True}, "hung", "hung"),
    ],
)
def test_an_engine_that_is_dead_while_the_camera_lives(change: dict, engine: str, reason: str) -> None:
    health = diagnose(replace(WELL, **change), NOW_US)
    assert (health.camera, health.engine, health.reason) == ("live", engine, REASONS[reason])
    assert (health.camera_is_well, health.engine_is_well) == (True, False)


def test_an_engine_that_is_slow_is_not_hung() -> None:
    slow = replace(WELL, busy_since_us=NOW_US - HUNG_US, estimate_us=NOW_US - HUNG_US)
    assert diagnose(slow, NOW_US).engine == "working"


def test_both_may_be_ill() -> None:
    health = diagnose(replace(WELL, camera="gone", busy_since_us=NOW_US - HUNG_US - 1), NOW_US)
    assert health.reason == f"{REASONS['gone']}; {REASONS['hung']}"


def test_a_paced_file_that_hangs_is_frozen_by_its_own_interval() -> None:
    folder = replace(WELL, interval_us=10_000_000, picture_us=NOW_US - 20_000_000 - SILENT_US, busy_since_us=0)
    assert diagnose(folder, NOW_US).camera == "live"  # a picture every ten seconds
    assert diagnose(replace(folder, interval_us=33_333), NOW_US).camera == "frozen"
    # At full pace it is the engine that the file waits for.
    assert diagnose(replace(folder, interval_us=33_333, paced=False), NOW_US).camera == "live"


def test_a_clock_read_a_moment_apart_gives_no_negative_age() -> None:
    assert diagnose(replace(WELL, picture_us=NOW_US + 50), NOW_US).last_picture_age_ms == 0


def of(camera: str, engine: str = "idle") -> Health:
    return Health(camera, engine, 1, None, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "health", "may_be_absent", "well"),
    [
        ("live", of("live", "working"), False, True),
        ("live", None, False, True),
        ("lost", None, False, False),
        ("lost", None, True, True),
        ("lost", of("frozen"), False, False),
        ("lost", of("waiting"), True, True),
        ("lost", of("frozen"), True, True),  # a phone that left its network
        ("live", of("frozen"), False, False),  # a file
        ("live", of("live", "hung"), False, False),
        ("lost", of("live", "failed"), True, False),
        ("ended", of("ended"), False, True),
    ],
)
def test_the_whole_is_well_where_every_part_is(
    state: str, health: Health | None, may_be_absent: bool, well: bool
) -> None:
    healths = {"a": of("live"), "b": health} if health else {"a": of("live")}
    found, told = report({"a": "live", "b": state}, healths, {"b"} if may_be_absent else ())
    assert found == well
    assert told["status"] == ("ok" if well else "degraded")
    assert told["streams"] == {"a": "live", "b": state}
    assert set(told["details"]) == set(healths)
    assert set(told["details"]["a"]) == {
        *("camera", "engine", "last_picture_age_ms", "last_estimate_age_ms", "reason"),
    }


def test_every_state_but_live_has_its_words() -> None:
    assert set(CAMERA_STATES) - {"live"} <= set(REASONS)
