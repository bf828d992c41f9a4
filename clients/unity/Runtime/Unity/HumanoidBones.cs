using System;
using UnityEngine;

namespace Posewire
{
    /// <summary>The bones that a server solves (names of VRM 1.0) and what the engine calls them. Parents come before their
    /// children.</summary>
    public static class HumanoidBones
    {
        public const int Hips = 0;

        private static readonly string[] Names =
        {
            "hips", "spine", "chest", "neck", "head",
            "leftShoulder", "leftUpperArm", "leftLowerArm", "leftHand",
            "rightShoulder", "rightUpperArm", "rightLowerArm", "rightHand",
            "leftUpperLeg", "leftLowerLeg", "leftFoot",
            "rightUpperLeg", "rightLowerLeg", "rightFoot",
        };

        private static readonly HumanBodyBones[] Unity =
        {
            HumanBodyBones.Hips, HumanBodyBones.Spine, HumanBodyBones.Chest, HumanBodyBones.Neck, HumanBodyBones.Head,
            HumanBodyBones.LeftShoulder, HumanBodyBones.LeftUpperArm, HumanBodyBones.LeftLowerArm, HumanBodyBones.LeftHand,
            HumanBodyBones.RightShoulder, HumanBodyBones.RightUpperArm, HumanBodyBones.RightLowerArm, HumanBodyBones.RightHand,
            HumanBodyBones.LeftUpperLeg, HumanBodyBones.LeftLowerLeg, HumanBodyBones.LeftFoot,
            HumanBodyBones.RightUpperLeg, HumanBodyBones.RightLowerLeg, HumanBodyBones.RightFoot,
        };

        public static int Count
        {
            get { return Names.Length; }
        }

        public static HumanBodyBones UnityBone(int bone)
        {
            return Unity[bone];
        }

        public static string Name(int bone)
        {
            return Names[bone];
        }

        /// <summary>Index in this table, -1 for a name that isn't in it.</summary>
        public static int IndexOf(string name)
        {
            return Array.IndexOf(Names, name);
        }

        public static int IndexOf(HumanBodyBones bone)
        {
            return Array.IndexOf(Unity, bone);
        }
    }
}
