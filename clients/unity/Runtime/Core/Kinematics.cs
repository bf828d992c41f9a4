namespace Posewire.Core
{
    /// <summary>Local bone rotations become rotations and positions in space (protocol/SPEC.md, section 7), in the wire's axes.
    /// </summary>
    public sealed class Kinematics
    {
        private readonly BoneTree _tree;

        public Kinematics(BoneTree tree)
        {
            _tree = tree;
            Rotations = new Quat[tree.Count];
            Positions = new Vec3[tree.Count];
        }

        /// <summary>Of each bone in space, after Solve.</summary>
        public Quat[] Rotations { get; private set; }

        /// <summary>Of each bone's joint in the axes of root, metres, after Solve.</summary>
        public Vec3[] Positions { get; private set; }

        /// <summary>False where the pose's bones aren't those of the tree: then nothing changes.</summary>
        public bool Solve(Pose pose)
        {
            if (pose.BoneCount != _tree.Count)
            {
                return false;
            }
            for (int bone = 0; bone < pose.BoneCount; bone++)
            {
                int parent = _tree.Parents[bone];
                Quat local = pose.BoneAt(bone);
                if (parent < 0)
                {
                    Rotations[bone] = local;
                    Positions[bone] = pose.Root;
                    continue;
                }
                Vec3 offset = pose.RestCount > 0 ? pose.RestAt(bone) : _tree.Rest[bone];
                Rotations[bone] = (Rotations[parent] * local).Normalized;
                Positions[bone] = Positions[parent] + Rotations[parent] * offset;
            }
            return true;
        }
    }
}
