import math

import pytest

from streamer.solver import limits
from streamer.solver.limb import MAX_TWIST_RATE, Limb
from streamer.solver.single import IDENTITY, Quaternion, Vector, about, multiply, rotate, to_vector

DT_S = 1 / 30
X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
DOWN = (0.0, -1.0, 0.0)


def leg() -> Limb:
    return Limb(
        DOWN,
        (0.0, 0.0, -1.0),
        limits.box("leftUpperLeg"),
        limits.twist("leftUpperLeg"),
        limits.KNEE,
        None,
        0.25,
        -1.0,
    )


def arm() -> Limb:
    ranges = (limits.box("leftUpperArm"), limits.twist("leftUpperArm"), limits.ELBOW, limits.twist("leftLowerArm"))
    return Limb(X, Z, *ranges, math.radians(80), 1.0)


def solve(limb: Limb, upper: Vector, lower: Vector, end: Quaternion = IDENTITY, seen: bool = True, dt_s: float = DT_S):
    return limb.solve(IDENTITY, upper, lower, end, seen, seen, dt_s)


def degrees(q: Quaternion) -> list[float]:
    return [round(math.degrees(x), 2) + 0.0 for x in to_vector(q)]


def test_a_knee_bends_and_shows_no_twist() -> None:
    upper, lower, _ = solve(leg(), DOWN, (0.0, -1.0, -1.0), dt_s=0.0)
    assert degrees(upper) == [0, 0, 0]
    assert degrees(lower) == [45, 0, 0]


def test_length_does_not_matter() -> None:
    assert solve(leg(), (0.0, -0.01, 0.0), (0.0, -300.0, -300.0), dt_s=0.0)[1] == pytest.approx(
        solve(leg(), DOWN, (0.0, -1.0, -1.0), dt_s=0.0)[1]
    )


def test_a_knee_does_not_bend_backwards() -> None:
    limb = leg()
    solve(limb, DOWN, DOWN, dt_s=0.0)
    for _ in range(30):
        upper, lower, _ = solve(limb, DOWN, (0.0, -1.0, 0.3))
    assert abs(to_vector(lower)[0]) < 1e-9
    assert math.degrees(abs(to_vector(upper)[1])) <= 60.1  # the limit of a thigh's twist


def test_a_hinge_ends_at_its_limit() -> None:
    _, lower, _ = solve(leg(), DOWN, (0.0, 1.0, -0.05), dt_s=0.0)
    assert math.degrees(to_vector(lower)[0]) == pytest.approx(155)


def test_the_twist_of_a_bent_limb_is_that_of_its_bend() -> None:
    sine, cosine = math.sin(0.5), math.cos(0.5)
    upper, lower, _ = solve(leg(), DOWN, (-sine, -1.0, -cosine), dt_s=0.0)
    assert degrees(upper) == pytest.approx([0, math.degrees(0.5), 0], abs=0.01)
    assert degrees(lower) == pytest.approx([45, 0, 0], abs=0.01)


def test_the_twist_of_a_straight_limb_is_held() -> None:
    limb = arm()
    bent = solve(limb, X, (1.0, -1.0, 1.0), dt_s=0.0)[0]
    for bend in [0.5 - 0.02 * step for step in range(26)]:
        held = solve(limb, X, (1.0, -bend * 0.7, bend * 0.7), end=multiply(bent, IDENTITY))[0]
    assert degrees(held) == pytest.approx(degrees(bent), abs=1.0)


def test_noise_about_a_straight_limb_turns_it_little() -> None:
    limb = arm()
    solve(limb, X, X, dt_s=0.0)
    for step in range(120):
        angle = 2.4 * step  # bent by 9 degrees, in another direction each time
        upper = solve(limb, X, (1.0, 0.16 * math.cos(angle), 0.16 * math.sin(angle)))[0]
        assert abs(degrees(upper)[0]) < 5.0


def test_toes_turn_a_straight_leg() -> None:
    limb = leg()
    solve(limb, DOWN, DOWN, dt_s=0.0)
    outward = about(Y, math.radians(50))
    for _ in range(90):
        upper, _, foot = solve(limb, DOWN, DOWN, end=outward)
    assert degrees(upper)[1] == pytest.approx(50 - math.degrees(0.25), abs=1)
    assert degrees(foot)[1] == pytest.approx(math.degrees(0.25), abs=1)


def test_a_hand_turns_the_forearm_and_what_is_over_turns_the_arm() -> None:
    limb = arm()
    solve(limb, X, X, dt_s=0.0)
    for step in range(150):
        upper, lower, hand = solve(limb, X, X, end=about(X, math.radians(min(step * 2, 120))))
    assert degrees(lower)[0] == pytest.approx(80, abs=2)
    assert degrees(upper)[0] == pytest.approx(40, abs=2)
    assert degrees(hand) == pytest.approx([0, 0, 0], abs=2)


def test_a_twist_never_flips() -> None:
    limb = arm()
    solve(limb, X, (1.0, 0.0, 1.0), dt_s=0.0)
    last = 0.0
    for _ in range(20):  # from one frame to the next the elbow bends the other way
        upper = solve(limb, X, (1.0, 0.0, -1.0))[0]
        twist = math.radians(degrees(upper)[0])
        assert abs(twist - last) <= MAX_TWIST_RATE * DT_S + 1e-3
        last = twist


def test_what_is_not_seen_changes_no_twist() -> None:
    limb = arm()
    before = solve(limb, X, (1.0, -1.0, 0.0), dt_s=0.0)[0]
    after = solve(limb, X, (1.0, 1.0, 0.0), seen=False)[0]
    assert degrees(after) == pytest.approx(degrees(before))


def test_the_end_is_where_it_was() -> None:
    """Whatever the parts, all three together turn the end as it was measured."""
    limb, end = arm(), multiply(about(Y, -0.9), about(X, 0.4))
    upper, lower, hand = solve(limb, (0.9, 0.2, 0.1), (0.3, 0.1, 0.9), end=end, dt_s=0.0)
    whole = multiply(multiply(upper, lower), hand)
    for axis in (X, Y, Z):
        assert rotate(whole, axis) == pytest.approx(rotate(end, axis), abs=1e-9)


def bent(twist: float, elbow: float = math.pi / 2) -> Vector:
    """Where the forearm of an arm held out sideways points."""
    return rotate(about(X, twist), rotate(about((0.0, -1.0, 0.0), elbow), X))


@pytest.mark.parametrize("wrong", [-140, -100, 0, 90, 120, 135, 160, 180])
@pytest.mark.parametrize("right", [-130, -90, -60, 0, 60, 110])
def test_a_twist_finds_back_from_wherever_it_was(wrong: int, right: int) -> None:
    limb = arm()
    solve(limb, X, bent(math.radians(wrong)), dt_s=0.0)
    for _ in range(90):
        upper, lower, _ = solve(limb, X, bent(math.radians(right)))
    assert degrees(upper) == pytest.approx([right, 0, 0], abs=0.5)
    assert rotate(multiply(upper, lower), X) == pytest.approx(bent(math.radians(right)), abs=0.01)


@pytest.mark.parametrize("back", [60, 70, 85])
def test_a_straight_leg_swung_past_its_limit_stays_straight(back: int) -> None:
    there = rotate(about(X, math.radians(back)), DOWN)
    limb = leg()
    for _ in range(10):
        upper, lower, _ = solve(limb, there, there)
    assert degrees(upper) == pytest.approx([45, 0, 0], abs=0.1)
    assert degrees(lower) == pytest.approx([0, 0, 0], abs=0.1)
