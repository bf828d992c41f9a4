import threading

from streamer.vitals.tally import MAX_REASONS, OTHER, Tally


def test_each_reason_is_counted() -> None:
    tally = Tally()
    tally.count("locked_out")
    tally.count("locked_out", 2)
    tally.count("full")
    counts = tally.counts
    assert counts == {"locked_out": 3, "full": 1}
    tally.count("full")
    assert counts["full"] == 1  # what was read is of its moment


def test_reasons_without_end_take_no_room() -> None:
    tally = Tally()
    for index in range(10 * MAX_REASONS):
        tally.count(f"reason_{index}")
    tally.count("reason_0")
    assert len(tally.counts) == MAX_REASONS + 1
    assert tally.counts["reason_0"] == 2
    assert tally.counts[OTHER] == 9 * MAX_REASONS


def test_threads_lose_no_count() -> None:
    tally = Tally()
    threads = [threading.Thread(target=lambda: [tally.count("x") for _ in range(20_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.counts == {"x": 80_000}
