using System;

namespace Posewire.Core
{
    /// <summary>Swaps left and right and reflects x, so that an avatar moves like a mirror image. In the wire's axes.</summary>
    public sealed class Mirror
    {
        private readonly int[] _bones;
        private readonly int[] _landmarks;
        private readonly int[] _angles;
        private readonly float[] _angleSigns;

        /// <summary>hello names bones, landmarks and angles; subscribed says which landmark a row is. What has no partner, or one
        /// that wasn't subscribed, is its own.</summary>
        public Mirror(Hello hello, Subscribed subscribed)
        {
            _bones = Partners(hello.Bones == null ? new string[0] : hello.Bones.Names);
            string[] rows = new string[subscribed.Landmarks.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                int landmark = subscribed.Landmarks[i];
                rows[i] = landmark < hello.Skeleton.Landmarks.Length ? hello.Skeleton.Landmarks[landmark] : "";
            }
            _landmarks = Partners(rows);
            _angles = Partners(hello.Angles);
            _angleSigns = new float[hello.Angles.Length];
            for (int i = 0; i < _angleSigns.Length; i++)
            {
                // trunk_lean_left, neck_bend_left ...: to the left becomes to the right. A limb's angle goes to the other limb.
                _angleSigns[i] = hello.Angles[i].EndsWith("_left", StringComparison.Ordinal) ? -1 : 1;
            }
        }

        public static Vec3 Reflect(Vec3 position)
        {
            return new Vec3(-position.X, position.Y, position.Z);
        }

        public static Quat Reflect(Quat rotation)
        {
            return new Quat(rotation.X, -rotation.Y, -rotation.Z, rotation.W);
        }

        /// <summary>The mirror image of everyone in a frame goes into another, which has to be another object.</summary>
        public void Apply(Frame frame, Frame into)
        {
            into.CopyHead(frame);
            into.Count = frame.Count;
            for (int i = 0; i < frame.Count; i++)
            {
                Apply(frame.Poses[i], into.Poses[i]);
            }
        }

        /// <summary>The mirror image of a pose goes into another, which has to be another object.</summary>
        public void Apply(Pose pose, Pose into)
        {
            into.CopyFrom(pose);
            for (int row = 0; row < pose.ImageCount; row++)
            {
                int from = Partner(_landmarks, row, pose.ImageCount);
                Array.Copy(pose.Image, 4 * from, into.Image, 4 * row, 4);
                into.Image[4 * row] = 1 - into.Image[4 * row];
            }
            for (int row = 0; row < pose.WorldCount; row++)
            {
                int from = Partner(_landmarks, row, pose.WorldCount);
                Array.Copy(pose.World, 4 * from, into.World, 4 * row, 4);
                into.World[4 * row] = -into.World[4 * row];
            }
            for (int bone = 0; bone < pose.BoneCount; bone++)
            {
                int from = Partner(_bones, bone, pose.BoneCount);
                into.SetBone(bone, Reflect(pose.BoneAt(from)));
                into.Held[bone] = pose.Held[from];
            }
            for (int bone = 0; bone < pose.RestCount; bone++)
            {
                int from = Partner(_bones, bone, pose.RestCount);
                Array.Copy(pose.Rest, 3 * from, into.Rest, 3 * bone, 3);
                into.Rest[3 * bone] = -into.Rest[3 * bone];
            }
            for (int angle = 0; angle < pose.AngleCount; angle++)
            {
                int from = Partner(_angles, angle, pose.AngleCount);
                into.Angles[angle] = pose.Angles[from] * (angle < _angleSigns.Length ? _angleSigns[angle] : 1);
            }
            into.Root = Reflect(pose.Root);
            into.LeftContact = pose.RightContact;
            into.RightContact = pose.LeftContact;
        }

        // Arrays may have other rows than the names said.
        private static int Partner(int[] partners, int row, int count)
        {
            return row < partners.Length && partners[row] < count ? partners[row] : row;
        }

        private static int[] Partners(string[] names)
        {
            int[] partners = new int[names.Length];
            for (int i = 0; i < names.Length; i++)
            {
                int partner = Array.IndexOf(names, Opposite(names[i]));
                partners[i] = partner < 0 ? i : partner;
            }
            return partners;
        }

        // leftHand, left_wrist, left_knee_flexion and mouth_left. trunk_lean_left has no opposite of its own: it is none of a limb.
        private static string Opposite(string name)
        {
            return Swap(name, "left", "right") ?? Swap(name, "right", "left") ?? name;
        }

        private static string Swap(string name, string side, string other)
        {
            if (name.StartsWith(side, StringComparison.Ordinal))
            {
                return other + name.Substring(side.Length);
            }
            if (name.EndsWith("_" + side, StringComparison.Ordinal))
            {
                return name.Substring(0, name.Length - side.Length) + other;
            }
            return null;
        }
    }
}
