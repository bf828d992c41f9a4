import pytest

from streamer.guard.share import GRACE_US, LEAST, MOST, TOGETHER, Share, part_of

FRAME_US = 16_667


def test_parts_are_equal_and_have_bounds() -> None:
    assert part_of(2) == MOST
    assert part_of(10) == pytest.approx(TOGETHER / 10)
    assert part_of(1000) == LEAST


def taken_us(share: Share, part: float, cost_us: float, seconds: float) -> float:
    """What an address takes in that time whose every frame costs so much."""
    taken = 0.0
    for frame in range(round(seconds * 1e6 / FRAME_US)):
        if share.is_in_time(frame * FRAME_US):
            share.spend(cost_us, part)
            taken += cost_us
    return taken


@pytest.mark.parametrize("cost_us", [700, 2_000, 5_000, 50_000])
def test_a_greedy_address_gets_its_part_in_the_long_run(cost_us: float) -> None:
    assert taken_us(Share(), 0.04, cost_us, 60) == pytest.approx(0.04 * 60e6, abs=cost_us + 0.04 * GRACE_US)


def test_an_address_that_asks_for_less_gets_every_frame() -> None:
    cost_us = 0.04 * FRAME_US * 0.95
    assert taken_us(Share(), 0.04, cost_us, 60) == pytest.approx(cost_us * round(60e6 / FRAME_US))


def test_what_was_not_used_is_not_saved_up() -> None:
    share = Share()
    share.is_in_time(0)
    later_us = 3_600_000_000
    assert share.is_in_time(later_us)
    share.spend(0.04 * (GRACE_US + FRAME_US) + 1, 0.04)
    assert not share.is_in_time(later_us + FRAME_US)


def test_all_who_ask_for_one_frame_get_one_answer() -> None:
    share = Share()
    answers = []
    for _ in range(100):
        answers.append(share.is_in_time(1_000))
        share.spend(1_000, 0.04)
    assert all(answers)
    assert not share.is_in_time(1_000 + FRAME_US)


def test_the_rest_of_a_large_frame_comes_after_the_others() -> None:
    share = Share()
    assert share.is_in_time(0)
    assert share.is_modest
    share.spend(0.04 * GRACE_US + 1, 0.04)
    assert not share.is_modest


def test_many_clients_expected_at_an_address_have_more() -> None:
    assert taken_us(Share(4), 0.04, 5_000, 60) == pytest.approx(4 * taken_us(Share(), 0.04, 5_000, 60), rel=0.05)
