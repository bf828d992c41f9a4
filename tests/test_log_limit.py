from streamer.log_limit import MAX_KINDS, MAX_LINES, WINDOW_S, LogLimit

A, B = ("posewire", "client %s dropped"), ("posewire", "stream %s")


def test_so_many_of_a_kind_and_no_more() -> None:
    limit = LogLimit()
    assert [limit.take(A, 0.1 * n) for n in range(MAX_LINES + 3)] == [True] * MAX_LINES + [False] * 3
    assert limit.take(B, 1.5)  # another kind is told
    assert limit.over(WINDOW_S - 0.1) == []
    assert limit.next_s == WINDOW_S
    assert limit.over(WINDOW_S) == [(A, 3)]
    assert limit.over(WINDOW_S) == []  # once
    assert limit.next_s is None
    assert limit.take(A, WINDOW_S)


def test_the_next_window_tells_again_and_forgets_nothing() -> None:
    limit = LogLimit()
    for _ in range(MAX_LINES + 1):
        limit.take(A, 0)
    assert limit.take(A, WINDOW_S + 5)  # its own time, not that of the one before
    assert limit.over(WINDOW_S + 5) == [(A, 1)]
    for _ in range(MAX_LINES):
        limit.take(A, 2 * WINDOW_S)
    assert limit.next_s == 2 * WINDOW_S + 5


def test_nothing_is_said_of_windows_in_which_all_was_told() -> None:
    limit = LogLimit()
    assert limit.take(A, 0)
    assert limit.over(100) == []


def test_kinds_without_end_take_no_room_and_what_gives_way_is_told() -> None:
    limit = LogLimit()
    for _ in range(MAX_LINES + 2):
        limit.take(A, 0)
    for number in range(10 * MAX_KINDS):
        assert limit.take(("x", str(number)), 1)
    assert len(limit._windows) == MAX_KINDS
    assert limit.over(2) == [(A, 2)]
