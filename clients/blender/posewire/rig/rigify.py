"""Rigs that Rigify generated: their limbs follow IK controls or FK controls, and only the latter take rotations."""

MODES = {"IK_FK": 1.0, "FK_limb_follow": 0.0, "neck_follow": 1.0, "head_follow": 1.0}
"""Custom properties of controls, and what they have to be for rotations to arrive as they are given."""
HANDS_OFF = ("hips", "chest", "spine_fk", "spine_fk.001")
"""Controls that turn what others turn too; they have to be at rest."""


def is_generated(target) -> bool:
    """Whether an armature object came from Rigify's generator."""
    return "rig_id" in target.data and "torso" in target.pose.bones


def wrong(target) -> int:
    """How many of a generated rig's settings keep rotations from arriving."""
    return sum(
        1 for bone in target.pose.bones for key, value in MODES.items() if abs(bone.get(key, value) - value) > 1e-3
    )


def switch_to_fk(target) -> None:
    """Make a generated rig follow rotations: limbs on FK, head and neck with the trunk."""
    for bone in target.pose.bones:
        for key, value in MODES.items():
            if key in bone:
                bone[key] = value
        if bone.name in HANDS_OFF:
            bone.matrix_basis.identity()
    # The rig's drivers don't see custom properties that a script sets.
    target.update_tag()
