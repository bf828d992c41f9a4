"""Bones are found by the names that tools give them."""

import pytest

from posewire.rig.matching import match
from posewire.rig.naming import Parts, parts
from posewire.rig.skeleton import HUMANOID

MIXAMO = [
    "Hips",
    "Spine",
    "Spine1",
    "Spine2",
    "Neck",
    "Head",
    "HeadTop_End",
    "LeftShoulder",
    "LeftArm",
    "LeftForeArm",
    "LeftHand",
    "LeftHandThumb1",
    "RightShoulder",
    "RightArm",
    "RightForeArm",
    "RightHand",
    "LeftUpLeg",
    "LeftLeg",
    "LeftFoot",
    "LeftToeBase",
    "RightUpLeg",
    "RightLeg",
    "RightFoot",
    "RightToeBase",
]
UNREAL = [
    "root pelvis spine_01 spine_02 spine_03 neck_01 head",
    *[
        f"clavicle_{s} upperarm_{s} upperarm_twist_01_{s} lowerarm_{s} lowerarm_twist_01_{s} hand_{s} index_01_{s} "
        f"thigh_{s} thigh_twist_01_{s} calf_{s} foot_{s} ball_{s} ik_foot_{s} ik_hand_{s}"
        for s in "lr"
    ],
]
RIGS = {
    "Mixamo": [f"mixamorig:{name}" for name in MIXAMO],
    "Mixamo, numbered": [f"mixamorig1:{name}" for name in MIXAMO],
    "Mixamo, underscore": [f"mixamorig_{name}" for name in MIXAMO],
    "Mixamo, bare": MIXAMO,
    "VRM": [bone.name for bone in HUMANOID],
    "Blender VRM add-on": [
        "root hips spine chest neck head",
        *[f"shoulder.{s} upper_arm.{s} lower_arm.{s} hand.{s} upper_leg.{s} lower_leg.{s} foot.{s}" for s in "LR"],
    ],
    "VRoid": [
        "Root J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_UpperChest J_Bip_C_Neck J_Bip_C_Head",
        *[
            f"J_Bip_{s}_Shoulder J_Bip_{s}_UpperArm J_Bip_{s}_LowerArm J_Bip_{s}_Hand J_Bip_{s}_UpperLeg "
            f"J_Bip_{s}_LowerLeg J_Bip_{s}_Foot J_Bip_{s}_ToeBase J_Sec_{s}_Bust1"
            for s in "LR"
        ],
    ],
    "Rigify metarig": [
        "spine spine.001 spine.002 spine.003 spine.004 spine.005 spine.006 face",
        *[
            f"pelvis.{s} breast.{s} shoulder.{s} upper_arm.{s} forearm.{s} hand.{s} thigh.{s} "
            f"shin.{s} foot.{s} toe.{s} "
            f"heel.02.{s}"
            for s in "LR"
        ],
    ],
    "Rigify": [
        "root torso hips chest neck head spine_fk spine_fk.001 "
        "spine_fk.002 spine_fk.003 tweak_spine ORG-spine DEF-spine",
        *[
            f"shoulder.{s} upper_arm_fk.{s} upper_arm_ik.{s} forearm_fk.{s} hand_fk.{s} hand_ik.{s} "
            f"thigh_fk.{s} shin_fk.{s} "
            f"foot_fk.{s} foot_ik.{s} ORG-upper_arm.{s} DEF-upper_arm.{s} DEF-upper_arm.{s}.001 ORG-hand.{s}"
            for s in "LR"
        ],
    ],
    "Rigify deform bones": [
        "root DEF-spine DEF-spine.001 DEF-spine.002 DEF-spine.003 DEF-spine.004 DEF-spine.005 DEF-spine.006",
        *[
            f"DEF-shoulder.{s} DEF-upper_arm.{s} DEF-upper_arm.{s}.001 DEF-forearm.{s} "
            f"DEF-forearm.{s}.001 DEF-hand.{s} "
            f"DEF-thigh.{s} DEF-thigh.{s}.001 DEF-shin.{s} DEF-shin.{s}.001 DEF-foot.{s}"
            for s in "LR"
        ],
    ],
    "Unreal": UNREAL,
    "Unreal 5": [*UNREAL, "spine_04 spine_05 neck_02"],
    "MakeHuman": [
        "root spine05 spine04 spine03 spine02 spine01 neck01 neck02 neck03 head jaw",
        *[
            f"pelvis.{s} clavicle.{s} shoulder01.{s} upperarm01.{s} upperarm02.{s} lowerarm01.{s} "
            f"lowerarm02.{s} wrist.{s} "
            f"upperleg01.{s} upperleg02.{s} lowerleg01.{s} lowerleg02.{s} foot.{s} toe1-1.{s}"
            for s in "LR"
        ],
    ],
    "Character Creator": [
        "CC_Base_Hip CC_Base_Pelvis CC_Base_Waist CC_Base_Spine01 CC_Base_Spine02 "
        "CC_Base_NeckTwist01 CC_Base_NeckTwist02 "
        "CC_Base_Head",
        *[
            f"CC_Base_{s}_Clavicle CC_Base_{s}_Upperarm CC_Base_{s}_UpperarmTwist01 CC_Base_{s}_Forearm "
            f"CC_Base_{s}_Hand "
            f"CC_Base_{s}_Thigh CC_Base_{s}_ThighTwist01 CC_Base_{s}_Calf CC_Base_{s}_Foot CC_Base_{s}_ToeBase"
            for s in "LR"
        ],
    ],
    "Daz Genesis 8": [
        "hip pelvis abdomenLower abdomenUpper chestLower chestUpper neckLower neckUpper head",
        *[
            f"{s}Collar {s}ShldrBend {s}ShldrTwist {s}ForearmBend {s}ForearmTwist {s}Hand {s}ThighBend {s}ThighTwist "
            f"{s}Shin {s}Foot {s}Toe"
            for s in "lr"
        ],
    ],
    "Daz Genesis 9": [
        "hip pelvis spine1 spine2 spine3 spine4 neck1 neck2 head",
        *[
            f"{s}_shoulder {s}_upperarm {s}_upperarmtwist1 {s}_forearm {s}_hand {s}_thigh {s}_shin {s}_foot {s}_toes"
            for s in "lr"
        ],
    ],
    "MMD": [
        "全ての親 センター グルーブ 下半身 上半身 上半身2 首 頭",
        *[f"{s}肩 {s}腕 {s}ひじ {s}手首 {s}足 {s}ひざ {s}足首 {s}つま先 {s}足ＩＫ" for s in "左右"],
    ],
    "MMD in Blender": [
        "全ての親 センター 下半身 上半身 上半身2 首 頭",
        *[f"肩.{s} 腕.{s} ひじ.{s} 手首.{s} 足.{s} ひざ.{s} 足首.{s} 足IK.{s}" for s in "LR"],
    ],
    "Auto-Rig Pro": [
        "c_traj c_root_master.x c_root.x c_spine_01.x c_spine_02.x c_neck.x c_head.x spine_01.x",
        *[
            f"c_shoulder.{s} c_arm_fk.{s} c_forearm_fk.{s} c_hand_fk.{s} c_thigh_fk.{s} "
            f"c_leg_fk.{s} c_foot_fk.{s} arm.{s}"
            for s in "lr"
        ],
    ],
    "BVH": [
        "Hips Chest Neck Head",
        *[f"{s}Collar {s}UpArm {s}LowArm {s}Hand {s}UpLeg {s}LowLeg {s}Foot" for s in ("Left", "Right")],
    ],
}
BIPED = [
    "Bip001",
    *[f"Bip001 {name}" for name in ("Pelvis", "Spine", "Spine1", "Spine2", "Neck", "Head")],
    *[
        f"Bip001 {side} {name}"
        for side in "LR"
        for name in ("Clavicle", "UpperArm", "Forearm", "Hand", "Finger0", "Thigh", "Calf", "Foot", "Toe0")
    ],
]
SPOT = {
    "Mixamo": {"chest": "mixamorig:Spine2", "leftUpperArm": "mixamorig:LeftArm", "rightLowerLeg": "mixamorig:RightLeg"},
    "VRoid": {"hips": "J_Bip_C_Hips", "chest": "J_Bip_C_Chest", "leftHand": "J_Bip_L_Hand"},
    "Rigify metarig": {"hips": "spine", "chest": "spine.003", "head": "spine.006", "leftFoot": "foot.L"},
    "Rigify": {"hips": "torso", "leftUpperArm": "upper_arm_fk.L", "rightFoot": "foot_fk.R", "head": "head"},
    "Rigify deform bones": {"hips": "DEF-spine", "leftUpperArm": "DEF-upper_arm.L"},
    "Unreal": {"hips": "pelvis", "chest": "spine_03", "leftUpperArm": "upperarm_l", "rightLowerLeg": "calf_r"},
    "Unreal 5": {"chest": "spine_05"},
    "MakeHuman": {"hips": "root", "spine": "spine05", "chest": "spine01", "leftUpperArm": "upperarm01.L"},
    "Character Creator": {"hips": "CC_Base_Hip", "rightUpperArm": "CC_Base_R_Upperarm"},
    "Daz Genesis 8": {"leftUpperArm": "lShldrBend", "rightUpperLeg": "rThighBend", "chest": "chestUpper"},
    "Daz Genesis 9": {"leftShoulder": "l_shoulder", "leftUpperArm": "l_upperarm"},
    "MMD": {"leftUpperLeg": "左足", "leftFoot": "左足首", "rightLowerArm": "右ひじ"},
    "MMD in Blender": {"leftUpperLeg": "足.L", "rightHand": "手首.R"},
    "Auto-Rig Pro": {"hips": "c_root_master.x", "leftUpperArm": "c_arm_fk.l"},
}


def names(rig: str) -> "list[str]":
    return BIPED if rig == "Biped" else [name for line in RIGS[rig] for name in line.split()]


@pytest.mark.parametrize("rig", [*RIGS, "Biped"])
def test_all_bones_of_a_rig_are_found(rig: str) -> None:
    found = match(names(rig))
    missing = {bone.name for bone in HUMANOID} - set(found.bones)
    assert missing == ({"spine"} if rig == "BVH" else set())
    assert len(set(found.bones.values())) == len(found.bones), "one bone stands for two"


@pytest.mark.parametrize("rig", SPOT)
def test_the_right_ones_are_found(rig: str) -> None:
    found = match(names(rig)).bones
    assert {bone: found[bone] for bone in SPOT[rig]} == SPOT[rig]


def test_every_left_bone_has_its_right_one() -> None:
    for rig in RIGS:
        found = match(names(rig)).bones
        assert {name[4:] for name in found if name.startswith("left")} == {
            name[5:] for name in found if name.startswith("right")
        }


def test_the_order_of_bones_does_not_matter() -> None:
    for rig in RIGS:
        assert match(names(rig)).bones == match(reversed(names(rig))).bones


@pytest.mark.parametrize(
    "bones", [[], ["Bone", "Bone.001"], ["lid.L", "rope", "lever"], ["", "." * 5, "\x00", "L" * 5000]]
)
def test_what_is_no_humanoid_matches_nothing(bones: "list[str]") -> None:
    assert match(bones).bones == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("upper_arm.L", ("left", "upperarm")),
        ("UpperArm_R", ("right", "upperarm")),
        ("Left arm", ("left", "arm")),
        ("leftUpperArm", ("left", "upperarm")),
        ("lThighBend", ("left", "thighbend")),
        ("DEF-thigh.L.001", ("left", "defthigh001")),
        ("armLeft", ("left", "arm")),
        ("Bip001 R Thigh", ("right", "thigh")),
        ("ns:sub:Hips", ("", "hips")),
        ("lever", ("", "lever")),
        ("root", ("", "root")),
        ("c_spine_01.x", ("", "cspine01x")),
        ("左足首", ("left", "足首")),
    ],
)
def test_side_and_base(name: str, expected: "tuple[str, str]") -> None:
    assert parts(name) == Parts(*expected)
