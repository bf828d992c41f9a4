using UnityEngine;

namespace Posewire
{
    /// <summary>An avatar's bones, blended from the animation underneath to the rotations that are solved.</summary>
    public sealed class HumanoidRig
    {
        private readonly TPose _pose;
        private readonly Quaternion[] _rest;
        private readonly Quaternion[] _base = new Quaternion[HumanoidBones.Count];
        private readonly Quaternion[] _written = new Quaternion[HumanoidBones.Count];
        private readonly Transform _hips;
        private Vector3 _baseHips;
        private Vector3 _writtenHips;
        private bool _isWritten;

        public HumanoidRig(Animator animator, TPose pose)
        {
            Animator = animator;
            Avatar = animator.avatar;
            _pose = pose;
            _rest = LimbAlignment.Of(pose);
            _hips = pose.Bone(HumanoidBones.Hips);
        }

        public Animator Animator { get; private set; }

        public Avatar Avatar { get; private set; }

        /// <summary>Of the hips above the avatar's floor in its T-pose, in the space of its root.</summary>
        public float HipHeight
        {
            get { return _pose.HipHeight; }
        }

        /// <summary>Pose the avatar. turns: of each bone in space, Unity's axes, the identity for the T-pose. driven: which count.
        /// hips: from the stage's origin, in the space of the root. weight: 0 leaves the animation as it is.</summary>
        public void Apply(Quaternion[] turns, bool[] driven, Vector3 hips, float weight)
        {
            ReadBase();
            if (weight <= 0)
            {
                Restore();
                return;
            }
            Vector3 rest = _pose.Position(HumanoidBones.Hips);
            Vector3 place = new Vector3(rest.x + hips.x, _pose.FloorHeight + hips.y, rest.z + hips.z);
            _hips.position = _pose.Root.TransformPoint(place);
            Quaternion root = _pose.Root.rotation;
            for (int bone = 0; bone < turns.Length; bone++)
            {
                if (driven[bone] && _pose.Bone(bone) != null)
                {
                    _pose.Bone(bone).rotation = root * turns[bone] * _rest[bone];
                }
            }
            if (weight < 1)
            {
                Blend(weight);
            }
            RememberWritten();
        }

        /// <summary>Back to the animation underneath, or to the pose before the first Apply.</summary>
        public void Restore()
        {
            if (!_isWritten)
            {
                return;
            }
            for (int bone = 0; bone < _base.Length; bone++)
            {
                if (_pose.Bone(bone) != null)
                {
                    _pose.Bone(bone).localRotation = _base[bone];
                }
            }
            if (_hips != null)
            {
                _hips.localPosition = _baseHips;
            }
            _isWritten = false;
        }

        // What stands where it was written was animated by nobody since: its base stays, or a blend would creep frame by frame.
        private void ReadBase()
        {
            for (int bone = 0; bone < _base.Length; bone++)
            {
                if (_pose.Bone(bone) == null)
                {
                    continue;
                }
                Quaternion local = _pose.Bone(bone).localRotation;
                if (!_isWritten || !local.Equals(_written[bone]))
                {
                    _base[bone] = local;
                }
            }
            if (!_isWritten || !_hips.localPosition.Equals(_writtenHips))
            {
                _baseHips = _hips.localPosition;
            }
        }

        private void Blend(float weight)
        {
            for (int bone = 0; bone < _base.Length; bone++)
            {
                Transform transform = _pose.Bone(bone);
                if (transform != null)
                {
                    transform.localRotation = Quaternion.Slerp(_base[bone], transform.localRotation, weight);
                }
            }
            _hips.localPosition = Vector3.Lerp(_baseHips, _hips.localPosition, weight);
        }

        private void RememberWritten()
        {
            for (int bone = 0; bone < _written.Length; bone++)
            {
                if (_pose.Bone(bone) != null)
                {
                    _written[bone] = _pose.Bone(bone).localRotation;
                }
            }
            _writtenHips = _hips.localPosition;
            _isWritten = true;
        }
    }
}
