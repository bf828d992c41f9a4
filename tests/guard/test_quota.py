from streamer.guard.quota import Quota


def test_what_is_given_back_can_be_taken_again() -> None:
    quota = Quota(2)
    assert [quota.take() for _ in range(3)] == [True, True, False]
    quota.give()
    assert [quota.take() for _ in range(2)] == [True, False]
    quota.give(2)
    assert quota.taken == 0
