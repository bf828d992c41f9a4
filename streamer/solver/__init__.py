"""From landmarks to a body: local rotations of humanoid bones, joint angles and the root. Pure, no I/O.

The order of work is that of solver.py; each of its steps has a module of its own.
"""

from streamer.solver.angles import joint_angles
from streamer.solver.solver import PersonSolver, Solver

__all__ = ["PersonSolver", "Solver", "joint_angles"]
