from posewire.feed.messages import Pose
from posewire.feed.person import Follower


def people(*ids: int) -> list[Pose]:
    return [Pose(id, 0.9) for id in ids]


def test_the_first_by_id() -> None:
    follower = Follower()
    assert follower.follow(people(9, 4, 6), 0).id == 4
    assert follower.id == 4


def test_nobody_is_nobody() -> None:
    assert Follower().follow([], 0) is None


def test_somebody_new_with_a_lower_id_changes_nothing() -> None:
    follower = Follower()
    follower.follow(people(4), 0)
    assert follower.follow(people(1, 4), 1).id == 4


def test_who_is_out_of_the_picture_is_waited_for() -> None:
    follower = Follower()
    follower.follow(people(4), 0)
    assert follower.follow(people(5), 999_999) is None
    assert follower.follow(people(4, 5), 999_999).id == 4
    assert follower.follow(people(5), 1_999_998) is None
    assert follower.follow(people(5), 1_999_999).id == 5
    assert follower.follow(people(4, 5), 2_000_000).id == 5


def test_the_second_of_two_and_of_one() -> None:
    follower = Follower(1)
    assert follower.follow(people(4), 0) is None
    assert follower.follow(people(8, 4), 1).id == 8


def test_another_choice_counts_at_once() -> None:
    follower = Follower()
    follower.follow(people(4, 8), 0)
    follower.index = 1
    assert (follower.index, follower.follow(people(4, 8), 1).id) == (1, 8)
    follower.index = 1
    assert follower.id == 8


def test_a_server_started_anew_has_other_people() -> None:
    follower = Follower()
    follower.follow(people(40), 5_000_000)
    assert follower.follow(people(0), 1_000).id == 0
