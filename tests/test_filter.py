import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.engine.base import Detection
from streamer.filter import FILTERS, RESET_GAP_US, PoseFilter, Smoother
from streamer.settings import FILTER_PARAMETERS, Smoothing

FRAME_US = 16_667
ACTIVE = list(FILTERS)
STEPS_US = st.lists(st.integers(1, RESET_GAP_US), min_size=2, max_size=40)


def detection(offset: float = 0.0, visibility: float = 0.9, seed: int = 0) -> Detection:
    rng = np.random.default_rng(seed)
    image = np.column_stack([rng.uniform(0.3, 0.7, (33, 3)) + offset, np.full(33, visibility)]).astype(np.float32)
    world = np.column_stack([rng.uniform(-0.8, 0.8, (33, 3)) + offset, np.full(33, visibility)]).astype(np.float32)
    return Detection(image, world, 0.9)


def run(kind: str, detections: list[Detection], times: list[int], aspect: float = 0.5625) -> list[Detection]:
    kept = PoseFilter(FILTERS[kind])
    return [kept.apply(item, t, aspect) for item, t in zip(detections, times, strict=True)]


@pytest.mark.parametrize("kind", ACTIVE)
class TestEveryFilter:
    @given(steps=STEPS_US)
    @settings(max_examples=30)
    def test_what_stands_still_stays(self, kind: str, steps: list[int]) -> None:
        times = np.cumsum(steps).tolist()
        for result in run(kind, [detection()] * len(times), times):
            np.testing.assert_allclose(result.image, detection().image, atol=1e-5)
            np.testing.assert_allclose(result.world, detection().world, atol=1e-5)

    @given(steps=STEPS_US, shift=st.floats(-3, 3, width=32))
    @settings(max_examples=30)
    def test_where_the_origin_lies_does_not_matter(self, kind: str, steps: list[int], shift: float) -> None:
        times = np.cumsum(steps).tolist()
        here = run(kind, [detection(seed=i) for i in range(len(times))], times)
        there = run(kind, [detection(shift, seed=i) for i in range(len(times))], times)
        for a, b in zip(here, there, strict=True):
            np.testing.assert_allclose(a.world[:, :3] + shift, b.world[:, :3], atol=1e-3)
            np.testing.assert_allclose(a.image[:, :3] + shift, b.image[:, :3], atol=1e-3)

    @given(data=st.data())
    @settings(max_examples=40)
    def test_never_anything_but_finite_numbers_between_what_was_seen(self, kind: str, data: st.DataObject) -> None:
        steps = data.draw(st.lists(st.integers(-50_000, 2_000_000), min_size=2, max_size=30))
        visibilities = data.draw(st.lists(st.floats(0, 1), min_size=len(steps), max_size=len(steps)))
        items = []
        for index, visibility in enumerate(visibilities):
            items.append(detection(visibility=visibility, seed=index))
        for result in run(kind, items, np.cumsum(steps).tolist()):
            assert np.isfinite(result.image).all()
            assert np.isfinite(result.world).all()
            assert ((result.image[:, 3] >= 0) & (result.image[:, 3] <= 1)).all()

    def test_a_repeated_or_earlier_time_changes_nothing(self, kind: str) -> None:
        kept = PoseFilter(FILTERS[kind])
        kept.apply(detection(), 0, 1)
        first = kept.apply(detection(0.1), FRAME_US, 1)
        assert kept.apply(detection(5), FRAME_US, 1) is first
        assert kept.apply(detection(5), FRAME_US - 5, 1) is first

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    @pytest.mark.parametrize("field", ["image", "world"])
    def test_a_number_that_is_not_finite_does_no_harm(self, kind: str, field: str, bad: float) -> None:
        kept = PoseFilter(FILTERS[kind])
        first = kept.apply(detection(), 0, 1)
        broken = detection(1)
        getattr(broken, field)[5, 1] = bad
        assert kept.apply(broken, FRAME_US, 1) is first
        after = kept.apply(detection(), 2 * FRAME_US, 1)
        np.testing.assert_allclose(after.image, detection().image, atol=1e-5)
        np.testing.assert_allclose(after.world, detection().world, atol=1e-5)

    def test_a_picture_of_another_shape_starts_anew(self, kind: str) -> None:
        kept = PoseFilter(FILTERS[kind])
        kept.apply(detection(), 0, 16 / 9)
        turned = kept.apply(detection(0.2), FRAME_US, 9 / 16)
        np.testing.assert_allclose(turned.image, detection(0.2).image, atol=1e-6)

    def test_who_comes_nearer_is_followed_without_a_jump_and_smoothed_alike(self, kind: str) -> None:
        """The same motion and noise, of a person who stays small and of one who has grown to twice that."""

        def last(growth: float) -> np.ndarray:
            rng = np.random.default_rng(2)
            kept = PoseFilter(FILTERS[kind])
            still = detection()
            results = []
            for index in range(120):
                scale = 1 + (growth - 1) * min(index / 60, 1)
                image = still.image.copy()
                image[:, :3] = (still.image[:, :3] + rng.normal(0, 0.002, (33, 3))) * scale
                results.append(kept.apply(Detection(image, still.world, 0.9), index * FRAME_US, 1).image[:, :3] / scale)
            steps = np.abs(np.diff(results, axis=0)).max(axis=(1, 2))
            assert steps.max() < 0.02  # no jump where the unit changes
            return np.array(results[100:])

        np.testing.assert_allclose(last(2.0).std(axis=0).mean(), last(1.0).std(axis=0).mean(), rtol=0.2)

    def test_a_gap_starts_anew(self, kind: str) -> None:
        kept = PoseFilter(FILTERS[kind])
        for index in range(10):
            kept.apply(detection(), index * FRAME_US, 1)
        np.testing.assert_array_equal(
            kept.apply(detection(0.5), 10 * FRAME_US + RESET_GAP_US, 1).world[:, :3],
            detection(0.5).world[:, :3].astype(np.float64).astype(np.float32),
        )

    def test_noise_on_a_still_person_gets_less(self, kind: str) -> None:
        rng = np.random.default_rng(0)
        noisy = []
        for _ in range(200):
            item = detection()
            item.world[:, :3] += rng.normal(0, 0.005, (33, 3))
            item.image[:, :3] += rng.normal(0, 0.003, (33, 3))
            noisy.append(item)
        results = run(kind, noisy, [i * FRAME_US for i in range(200)])[50:]
        for field in ("world", "image"):
            before = np.std([getattr(item, field)[:, :3] for item in noisy], axis=0).mean()
            after = np.std([getattr(item, field)[:, :3] for item in results], axis=0).mean()
            assert after < 0.6 * before

    def test_a_steady_motion_is_followed(self, kind: str) -> None:
        speed = 1.5  # metres a second
        items = [detection(speed * i * FRAME_US / 1e6) for i in range(120)]
        results = run(kind, items, [i * FRAME_US for i in range(120)])
        behind_m = (items[-1].world - results[-1].world)[:, :3].mean()
        assert behind_m / speed < 0.06  # seconds of lag

    def test_what_is_hidden_is_trusted_less(self, kind: str) -> None:
        def jump(visibility: float) -> float:
            items = [detection()] * 20 + [detection(0.2, visibility)]
            results = run(kind, items, [i * FRAME_US for i in range(21)])
            return float((results[-1].world - results[-2].world)[:, :3].mean())

        assert jump(0.0) < 0.7 * jump(0.9)

    def test_no_axis_is_preferred(self, kind: str) -> None:
        """A motion turned by 90 degrees gives the result turned, in metres and in the picture."""
        rng = np.random.default_rng(3)
        path = np.cumsum(rng.normal(0, 0.02, 30))
        aspect = 0.5
        results = {}
        for axis in (0, 1):
            items = []
            for offset in path:
                item = detection()
                item.world[:, axis] += offset
                item.image[:, axis] += offset / (aspect if axis == 0 else 1)
                items.append(item)
            last = run(kind, items, [i * FRAME_US for i in range(30)], aspect)[-1]
            change = last.image[:, axis] - detection().image[:, axis]
            results[axis] = (last.world[:, axis] - detection().world[:, axis], change * (aspect if axis == 0 else 1))
        np.testing.assert_allclose(results[0], results[1], atol=1e-5)

    def test_uneven_frame_times_give_nearly_the_same(self, kind: str) -> None:
        rng = np.random.default_rng(5)
        even = np.arange(1, 181) * FRAME_US
        uneven = np.sort(even + rng.integers(-6000, 6000, 180))

        def motion(times: np.ndarray) -> np.ndarray:
            items = [detection(0.3 * math.sin(2 * math.pi * t / 1e6)) for t in times]
            return np.array([r.world[0, 0] for r in run(kind, items, times.tolist())])

        difference = np.interp(even, uneven, motion(uneven)) - motion(even)
        assert np.abs(difference[30:-5]).max() < 0.02


class TestSmoother:
    def test_one_euro_is_not_applied_twice(self) -> None:
        people = [(1, detection())]
        smoother = Smoother(Smoothing("one-euro"), engine_smoothed=True)
        smoother.apply(people, 0)
        jumped = [(1, detection(0.5))]
        assert smoother.apply(jumped, FRAME_US) == jumped
        assert Smoother(Smoothing("none")).apply(jumped, 0) == jumped

    def test_each_person_has_a_filter_of_its_own(self) -> None:
        smoother = Smoother(Smoothing("moving-average"))
        for index in range(10):
            smoother.apply([(1, detection(0)), (2, detection(3))], index * FRAME_US)
        (_, one), (_, two) = smoother.apply([(1, detection(0)), (2, detection(3))], 10 * FRAME_US)
        np.testing.assert_allclose(one.world[:, :3] + 3, two.world[:, :3], atol=1e-4)

    def test_who_was_lost_starts_anew_and_is_forgotten(self) -> None:
        smoother = Smoother(Smoothing("kalman"))
        smoother.apply([(1, detection(0))], 0)
        smoother.apply([], 2 * RESET_GAP_US)
        assert smoother._filters == {}
        (_, back) = smoother.apply([(1, detection(2))], 3 * RESET_GAP_US)[0]
        np.testing.assert_allclose(back.world, detection(2).world, atol=1e-6)

    def test_given_parameters_work_on_what_the_engine_smoothed(self) -> None:
        tuned = Smoother(Smoothing("one-euro", (("min_cutoff_hz", 0.1),)), engine_smoothed=True)
        tuned.apply([(1, detection())], 0)
        [(_, smooth)] = tuned.apply([(1, detection(0.5))], FRAME_US)
        assert 0 < np.abs(smooth.world[:, :3] - detection().world[:, :3]).max() < 0.49

    @pytest.mark.parametrize("kind", ACTIVE)
    def test_the_settings_know_the_parameters_and_defaults_of_each_filter(self, kind: str) -> None:
        found = inspect.signature(FILTERS[kind]).parameters
        assert {name: known.default for name, known in FILTER_PARAMETERS[kind].items()} == {
            name: parameter.default for name, parameter in found.items()
        }
