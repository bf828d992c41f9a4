using Posewire.Core;
using UnityEngine;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>A person's bones as rotations in space for an avatar, in Unity's axes.</summary>
    internal sealed class BodySolver
    {
        private readonly int[] _wireBones = new int[HumanoidBones.Count];
        private readonly Kinematics _kinematics;
        private readonly Mirror _mirror;
        private readonly Pose _mirrored = new Pose();

        public BodySolver(Hello hello, Subscribed subscribed)
        {
            Hello = hello;
            Subscribed = subscribed;
            _kinematics = new Kinematics(hello.Bones);
            _mirror = new Mirror(hello, subscribed);
            for (int bone = 0; bone < _wireBones.Length; bone++)
            {
                _wireBones[bone] = hello.Bones.IndexOf(HumanoidBones.Name(bone));
            }
        }

        public Hello Hello { get; private set; }

        public Subscribed Subscribed { get; private set; }

        /// <summary>False where the pose has no bones: then nothing changes. turns, driven: by HumanoidBones' index.</summary>
        public bool Solve(Pose pose, bool mirror, Quaternion[] turns, bool[] driven)
        {
            Pose solved = pose;
            if (mirror)
            {
                _mirror.Apply(pose, _mirrored);
                solved = _mirrored;
            }
            if (!_kinematics.Solve(solved))
            {
                return false;
            }
            for (int bone = 0; bone < _wireBones.Length; bone++)
            {
                driven[bone] = _wireBones[bone] >= 0;
                if (driven[bone])
                {
                    turns[bone] = UnityAxes.ToQuaternion(_kinematics.Rotations[_wireBones[bone]]);
                }
            }
            return true;
        }
    }
}
