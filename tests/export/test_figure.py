import numpy as np

from benchmarks.humanoid import OWN_REST
from protocol.skeleton import BONES, REST
from streamer.export.figure import joints_at_rest, make_mesh
from streamer.solver.kinematics import forward
from streamer.solver.quaternion import IDENTITY


def test_joints_at_rest_are_those_of_the_t_pose() -> None:
    t_pose = forward(np.tile(IDENTITY, (len(BONES), 1)), OWN_REST[0], OWN_REST)[0]
    assert np.allclose(joints_at_rest(OWN_REST), t_pose)


def test_the_figure_stands_on_the_floor_and_is_as_tall_as_a_person() -> None:
    low, high = (end(make_mesh(np.array(REST)).positions, axis=0) for end in (np.min, np.max))
    assert abs(low[1]) < 0.05
    assert 1.6 < high[1] < 1.75
    assert -low[0] == high[0]


def test_every_bone_has_a_closed_block_that_faces_outward() -> None:
    mesh = make_mesh(OWN_REST)
    assert np.unique(mesh.bones).tolist() == list(range(len(BONES)))
    corners = mesh.positions[mesh.triangles].astype(float)  # (F, 3, 3)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("fi,fi->f", across, mesh.normals[mesh.triangles[:, 0]]) > 0).all()
    for bone in range(len(BONES)):
        own = mesh.bones[mesh.triangles[:, 0]] == bone
        assert own.sum() == 12
        # By the divergence theorem: outward faces enclose a positive volume, and closed ones add up to no area.
        assert np.einsum("fi,fi->", corners[own, 0], across[own]) > 0
        assert np.abs(across[own].sum(axis=0)).max() < 1e-6
    assert np.allclose(np.linalg.norm(mesh.normals, axis=1), 1, atol=1e-6)
