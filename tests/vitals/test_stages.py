from streamer.vitals.stages import BOUNDS_US, STAGES, Histogram, Stages, Stamps


def test_a_duration_is_in_one_bucket_its_upper_bound_included() -> None:
    histogram = Histogram()
    for duration_us in (0, 100, 101, 250, 1_000_000, 1_000_001, 10**9):
        histogram.note(duration_us)
    assert histogram.buckets[:3] == [2, 2, 0]
    assert histogram.buckets[-2:] == [1, 2]
    assert sum(histogram.buckets) == 7
    assert histogram.sum_us == 100 + 101 + 250 + 1_000_000 + 1_000_001 + 10**9
    assert list(BOUNDS_US) == sorted(set(BOUNDS_US))


def test_stages_add_up_to_the_whole() -> None:
    stages = Stages()
    for start_us in (0, 1_000_000):
        stamps = Stamps(start_us + 1_000, start_us + 21_000, start_us + 21_500)
        stages.note(start_us, stamps, start_us + 21_700, start_us + 24_700)
    sums = {name: histogram.sum_us // 2 for name, histogram in stages.by_name.items()}
    assert sums == {"waiting": 1_000, "engine": 20_000, "solve": 500, "handover": 200, "deliver": 3_000}
    assert tuple(stages.by_name) == STAGES
    assert stages.whole.sum_us // 2 == sum(sums.values())
    assert {sum(histogram.buckets) for histogram in [*stages.by_name.values(), stages.whole]} == {2}
