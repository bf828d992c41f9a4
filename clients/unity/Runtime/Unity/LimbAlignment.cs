using UnityEngine;

namespace Posewire
{
    /// <summary>Few T-poses are exact: arms hang a few degrees, legs stand apart. Limbs are turned the shortest way to where the
    /// wire's T-pose has them, so that a limb points exactly where the person's does. Hands go along with their forearm;
    /// feet stay flat on the floor, as the T-pose has them; trunk and head keep the avatar's own posture.</summary>
    public static class LimbAlignment
    {
        /// <summary>Rotations of the T-pose, limbs aligned, in the space of the avatar's root.</summary>
        public static Quaternion[] Of(TPose pose)
        {
            Quaternion[] rotations = new Quaternion[HumanoidBones.Count];
            for (int bone = 0; bone < rotations.Length; bone++)
            {
                rotations[bone] = pose.Rotation(bone);
            }
            Arm(pose, rotations, HumanBodyBones.LeftUpperArm, HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftHand, Vector3.left);
            Arm(pose, rotations, HumanBodyBones.RightUpperArm, HumanBodyBones.RightLowerArm, HumanBodyBones.RightHand, Vector3.right);
            Leg(pose, rotations, HumanBodyBones.LeftUpperLeg, HumanBodyBones.LeftLowerLeg, HumanBodyBones.LeftFoot);
            Leg(pose, rotations, HumanBodyBones.RightUpperLeg, HumanBodyBones.RightLowerLeg, HumanBodyBones.RightFoot);
            return rotations;
        }

        private static void Arm(
            TPose pose, Quaternion[] rotations, HumanBodyBones upper, HumanBodyBones lower, HumanBodyBones hand, Vector3 level)
        {
            Turn(rotations, upper, Correction(pose, upper, lower, level));
            Quaternion forearm = Correction(pose, lower, hand, level);
            Turn(rotations, lower, forearm);
            Turn(rotations, hand, forearm);
        }

        private static void Leg(TPose pose, Quaternion[] rotations, HumanBodyBones upper, HumanBodyBones lower, HumanBodyBones foot)
        {
            Turn(rotations, upper, Correction(pose, upper, lower, Vector3.down));
            Turn(rotations, lower, Correction(pose, lower, foot, Vector3.down));
        }

        private static Quaternion Correction(TPose pose, HumanBodyBones from, HumanBodyBones to, Vector3 wanted)
        {
            int start = HumanoidBones.IndexOf(from);
            int end = HumanoidBones.IndexOf(to);
            if (pose.Bone(start) == null || pose.Bone(end) == null)
            {
                return Quaternion.identity;
            }
            return Quaternion.FromToRotation(pose.Position(end) - pose.Position(start), wanted);
        }

        private static void Turn(Quaternion[] rotations, HumanBodyBones bone, Quaternion correction)
        {
            int index = HumanoidBones.IndexOf(bone);
            rotations[index] = correction * rotations[index];
        }
    }
}
