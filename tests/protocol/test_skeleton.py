import pytest

from protocol import EDGES, LANDMARKS, PRESETS, ProtocolError
from protocol.skeleton import resolve


def test_33_landmarks_and_edges_between_them() -> None:
    assert len(LANDMARKS) == len(set(LANDMARKS)) == 33
    assert (LANDMARKS[0], LANDMARKS[11], LANDMARKS[32]) == ("nose", "left_shoulder", "right_foot_index")
    assert len(EDGES) == len({frozenset(edge) for edge in EDGES}) == 35
    assert all(0 <= a < 33 and 0 <= b < 33 and a != b for a, b in EDGES)


def test_left_and_right_are_mirror_images() -> None:
    def other(index: int) -> int:
        name = LANDMARKS[index]
        swapped = name.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right")
        return LANDMARKS.index(swapped)

    edges = {frozenset(edge) for edge in EDGES}
    assert {frozenset(map(other, edge)) for edge in edges} == edges
    for name, indices in PRESETS.items():
        assert {other(index) for index in indices} == set(indices), name


def test_presets() -> None:
    assert PRESETS["all"] == tuple(range(33))
    assert set(PRESETS["face"]) | set(PRESETS["no_face"]) == set(range(33))
    coco = "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    coco += "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle"
    assert [LANDMARKS[index] for index in PRESETS["coco17"]] == coco.split()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [(None, tuple(range(33))), ("face", tuple(range(11))), ((5, "nose", 32), (5, 0, 32)), (("left_hip",), (23,))],
)
def test_resolve(selection: object, expected: tuple) -> None:
    assert resolve(selection) == expected


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        ("tail", "unknown_landmark"),
        ((33,), "unknown_landmark"),
        ((-1,), "unknown_landmark"),
        (("Nose",), "unknown_landmark"),
        ((), "bad_value"),
        ((0, "nose"), "bad_value"),
    ],
)
def test_what_does_not_resolve(selection: object, code: str) -> None:
    with pytest.raises(ProtocolError) as error:
        resolve(selection)
    assert error.value.code == code
