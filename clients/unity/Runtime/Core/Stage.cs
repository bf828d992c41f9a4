namespace Posewire.Core
{
    /// <summary>The stage that an avatar moves on: its origin is on the floor under the place where the person was first
    /// seen. All in the wire's axes.</summary>
    public sealed class Stage
    {
        // What isn't a person's hip height gives no scale.
        private const float LeastHipHeightM = 0.01f;

        private float _originX;
        private float _originZ;
        private bool _set;

        /// <summary>Somebody new: the next pose says where the origin is.</summary>
        public void Reset()
        {
            _set = false;
        }

        /// <summary>Where an avatar's hips are, metres from the stage's origin. tree: hello's, for a pose without rest.
        /// avatarHipHeight: of its hips above its floor in the T-pose, metres; steps are scaled to it.</summary>
        public Vec3 Hips(Pose pose, BoneTree tree, RootMotion motion, float avatarHipHeight)
        {
            if (motion == RootMotion.Off)
            {
                return new Vec3(0, avatarHipHeight, 0);
            }
            if (!_set)
            {
                _originX = pose.Root.X;
                _originZ = pose.Root.Z;
                _set = true;
            }
            float personHipHeight = pose.RestCount > 0 ? pose.RestAt(0).Y : tree != null ? tree.Rest[0].Y : avatarHipHeight;
            float scale = personHipHeight > LeastHipHeightM ? avatarHipHeight / personHipHeight : 1;
            float height = pose.HasFloor ? pose.Root.Y - pose.Floor : personHipHeight;
            if (motion == RootMotion.Height)
            {
                return new Vec3(0, height * scale, 0);
            }
            return new Vec3((pose.Root.X - _originX) * scale, height * scale, (pose.Root.Z - _originZ) * scale);
        }
    }
}
