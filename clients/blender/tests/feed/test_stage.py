import numpy as np
import pytest

from posewire.feed.stage import RootMotion, Stage

ROOT = (1.0, 0.2, -3.0)


def test_the_origin_is_on_the_floor_where_the_person_was_first_seen() -> None:
    stage = Stage()
    np.testing.assert_allclose(stage.place(1, ROOT, -0.7, 0.9, 0.9), (0, 0.9, 0))
    np.testing.assert_allclose(stage.place(1, (1.5, 0.1, -2.0), -0.7, 0.9, 0.9), (0.5, 0.8, 1.0))


def test_another_person_sets_another_origin() -> None:
    stage = Stage()
    stage.place(1, ROOT, -0.7, 0.9, 0.9)
    np.testing.assert_allclose(stage.place(2, (5, 0.2, -9), -0.7, 0.9, 0.9), (0, 0.9, 0))


def test_to_forget_is_to_set_it_anew() -> None:
    stage = Stage()
    stage.place(1, ROOT, -0.7, 0.9, 0.9)
    stage.forget()
    np.testing.assert_allclose(stage.place(1, (5, 0.2, -9), -0.7, 0.9, 0.9), (0, 0.9, 0))


def test_steps_are_of_the_avatars_size() -> None:
    stage = Stage()
    stage.place(1, ROOT, -0.7, 0.9, 1.8)
    np.testing.assert_allclose(stage.place(1, (1.5, 0.2, -2.0), -0.7, 0.9, 1.8), (1.0, 1.8, 2.0))


def test_height_only_and_off() -> None:
    stage = Stage(RootMotion.HEIGHT)
    stage.place(1, ROOT, -0.7, 0.9, 1.0)
    np.testing.assert_allclose(stage.place(1, (9, -0.25, 9), -0.7, 0.9, 1.0), (0, 0.5, 0))
    stage.motion = RootMotion.OFF
    np.testing.assert_allclose(stage.place(1, (9, -0.25, 9), -0.7, 0.9, 1.0), (0, 1.0, 0))
    stage.motion = RootMotion.FULL
    np.testing.assert_allclose(stage.place(1, (1.9, 0.2, -3), -0.7, 0.9, 1.0), (1.0, 1.0, 0))


def test_a_floor_that_isnt_told_is_where_it_was() -> None:
    stage = Stage()
    np.testing.assert_allclose(stage.place(1, ROOT, None, 0.9, 0.9), (0, 0.9, 0))
    np.testing.assert_allclose(stage.place(1, (1, -0.2, -3), None, 0.9, 0.9), (0, 0.5, 0))
    stage.place(1, ROOT, -1.0, 0.9, 0.9)
    np.testing.assert_allclose(stage.place(1, ROOT, None, 0.9, 0.9), (0, 1.2, 0))


@pytest.mark.parametrize("hips_m", [0.0, -1.0, 1e-9])
def test_impossible_hips_scale_nothing(hips_m: float) -> None:
    stage = Stage()
    stage.place(1, ROOT, -0.7, hips_m, 5.0)
    np.testing.assert_allclose(stage.place(1, (2, 0.2, -3), -0.7, hips_m, 5.0), (1, 0.9, 0))
