namespace Posewire.Core
{
    /// <summary>A frame between two of one stream.</summary>
    internal static class Interpolation
    {
        /// <summary>share: 0 is before, 1 is after. People are matched by id; who is only in the earlier frame is shown as there.
        /// </summary>
        public static void Between(Frame before, Frame after, float share, Frame into)
        {
            into.CopyFrom(before);
            into.TUs = before.TUs + (long)((after.TUs - before.TUs) * (double)share);
            for (int i = 0; i < into.Count; i++)
            {
                Pose later = after.Find(into.Poses[i].Id);
                if (later != null)
                {
                    Blend(into.Poses[i], later, share);
                }
            }
        }

        private static void Blend(Pose pose, Pose later, float share)
        {
            if (later.ImageCount == pose.ImageCount)
            {
                Lerp(pose.Image, later.Image, 4 * pose.ImageCount, share);
            }
            if (later.WorldCount == pose.WorldCount)
            {
                Lerp(pose.World, later.World, 4 * pose.WorldCount, share);
            }
            if (later.RestCount == pose.RestCount)
            {
                Lerp(pose.Rest, later.Rest, 3 * pose.RestCount, share);
            }
            if (later.AngleCount == pose.AngleCount)
            {
                LerpAngles(pose.Angles, later.Angles, pose.AngleCount, share);
            }
            if (later.BoneCount != pose.BoneCount)
            {
                return;
            }
            for (int bone = 0; bone < pose.BoneCount; bone++)
            {
                pose.SetBone(bone, Quat.Nlerp(pose.BoneAt(bone), later.BoneAt(bone), share));
            }
            pose.Root = Vec3.Lerp(pose.Root, later.Root, share);
            if (pose.HasFloor && later.HasFloor)
            {
                pose.Floor += (later.Floor - pose.Floor) * share;
            }
        }

        private static void Lerp(float[] numbers, float[] later, int count, float share)
        {
            for (int i = 0; i < count; i++)
            {
                numbers[i] += (later[i] - numbers[i]) * share;
            }
        }

        // An angle that can't be told in the later frame stays what it was.
        private static void LerpAngles(float[] angles, float[] later, int count, float share)
        {
            for (int i = 0; i < count; i++)
            {
                if (!float.IsNaN(later[i]))
                {
                    angles[i] += (later[i] - angles[i]) * share;
                }
            }
        }
    }
}
