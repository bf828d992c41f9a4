import asyncio

import pytest

from streamer.rest import budget as budgets
from streamer.rest.budget import Budget
from streamer.rest.problem import Problem


async def test_all_is_given_back_when_a_request_is_over() -> None:
    budget = Budget(100)
    with budget.share() as one, budget.share() as other:
        await one.take(60)
        await other.take(30)
        other.give(10)
        assert budget.held == 80
    assert budget.held == 0


async def test_who_finds_no_room_waits_until_there_is() -> None:
    budget = Budget(100)
    with budget.share() as younger:
        with budget.share() as other:
            pass
        with budget.share() as waiting:
            await younger.take(80)
            asking = asyncio.create_task(waiting.take(50))
            await asyncio.sleep(0.02)
            assert not asking.done()
            younger.give(20)
            await asyncio.sleep(0.02)
            assert not asking.done()
            younger.give(10)
            await asyncio.wait_for(asking, 5)
            assert budget.held == 100
        del other


async def test_the_oldest_goes_on_where_all_would_wait_for_each_other() -> None:
    budget = Budget(100)
    with budget.share() as oldest, budget.share() as other:
        await other.take(100)
        await asyncio.wait_for(oldest.take(70), 5)
        assert budget.held == 170


async def test_where_no_room_comes_to_be_it_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "PATIENCE_S", 0.05)
    budget = Budget(100)
    with budget.share() as oldest, budget.share() as other:
        await oldest.take(60)
        with pytest.raises(Problem, match="hold 60 bytes; at most 100") as caught:
            await other.take(50)
        assert (caught.value.status, caught.value.retry_after_s) == (503, 1)
        with pytest.raises(Problem):
            await oldest.take(50, oldest_may=False)
        assert budget.held == 60
