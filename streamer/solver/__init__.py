"""From landmarks to a body: local rotations of humanoid bones, joint angles and the root. Pure, no I/O."""
