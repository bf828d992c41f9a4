using UnityEngine;

namespace Posewire
{
    /// <summary>An avatar's own T-pose in the space of its root, as its Avatar asset describes it. The transforms themselves may
    /// be in any pose.</summary>
    public sealed class TPose
    {
        private readonly Vector3[] _positions = new Vector3[HumanoidBones.Count];
        private readonly Quaternion[] _rotations = new Quaternion[HumanoidBones.Count];
        private readonly Transform[] _bones = new Transform[HumanoidBones.Count];

        private TPose(Transform root)
        {
            Root = root;
        }

        public Transform Root { get; private set; }

        /// <summary>The height of the floor that the avatar stands on: its root's origin, or its feet where these are below it, as in
        /// a model whose origin is in its hips.</summary>
        public float FloorHeight { get; private set; }

        /// <summary>Of the hips above the floor.</summary>
        public float HipHeight
        {
            get { return _positions[HumanoidBones.Hips].y - FloorHeight; }
        }

        /// <summary>Null where the avatar has no such bone.</summary>
        public Transform Bone(int bone)
        {
            return _bones[bone];
        }

        public Vector3 Position(int bone)
        {
            return _positions[bone];
        }

        public Quaternion Rotation(int bone)
        {
            return _rotations[bone];
        }

        /// <summary>The T-pose of an animator's avatar; null where there is none, with one line that says why.</summary>
        public static TPose Of(Animator animator, out string problem)
        {
            Avatar avatar = animator.avatar;
            if (avatar == null || !avatar.isHuman)
            {
                problem = "'" + animator.name + "' has no Humanoid avatar: set Rig > Animation Type to Humanoid in its import settings";
                return null;
            }
            SkeletonBone[] skeleton = avatar.humanDescription.skeleton;
            TPose pose = new TPose(animator.transform);
            for (int bone = 0; bone < HumanoidBones.Count; bone++)
            {
                Transform transform = animator.GetBoneTransform(HumanoidBones.UnityBone(bone));
                pose._bones[bone] = transform;
                if (transform == null)
                {
                    continue;
                }
                problem = pose.Place(bone, transform, skeleton);
                if (problem != null)
                {
                    return null;
                }
            }
            if (pose._bones[HumanoidBones.Hips] == null)
            {
                problem = "the hips of '" + animator.name + "' can't be reached: switch off Rig > Optimize Game Objects in its import settings";
                return null;
            }
            pose.FindFloor();
            problem = null;
            return pose;
        }

        private string Place(int bone, Transform transform, SkeletonBone[] skeleton)
        {
            Vector3 position = Vector3.zero;
            Quaternion rotation = Quaternion.identity;
            for (Transform at = transform; at != Root; at = at.parent)
            {
                if (at == null)
                {
                    return "'" + transform.name + "' isn't below '" + Root.name + "', which has its animator";
                }
                int index = Find(skeleton, at.name, 0);
                if (index < 0)
                {
                    return "the T-pose of avatar '" + Root.name + "' has no transform '" + at.name + "': configure its avatar anew";
                }
                SkeletonBone local = skeleton[index];
                int other = Find(skeleton, at.name, index + 1);
                if (other >= 0 && !IsSame(local, skeleton[other]))
                {
                    return "the T-pose of avatar '" + Root.name + "' has two transforms '" + at.name + "': rename one in the model";
                }
                position = local.position + local.rotation * Vector3.Scale(local.scale, position);
                rotation = local.rotation * rotation;
            }
            _positions[bone] = position;
            _rotations[bone] = Quaternion.Normalize(rotation);
            return null;
        }

        // A description knows its transforms by name alone.
        private static bool IsSame(SkeletonBone a, SkeletonBone b)
        {
            return a.position.Equals(b.position) && a.rotation.Equals(b.rotation) && a.scale.Equals(b.scale);
        }

        private static int Find(SkeletonBone[] skeleton, string name, int from)
        {
            for (int i = from; skeleton != null && i < skeleton.Length; i++)
            {
                if (skeleton[i].name == name)
                {
                    return i;
                }
            }
            return -1;
        }

        private void FindFloor()
        {
            float left = FootHeight(HumanoidBones.IndexOf(HumanBodyBones.LeftFoot));
            float right = FootHeight(HumanoidBones.IndexOf(HumanBodyBones.RightFoot));
            FloorHeight = Mathf.Min(0, Mathf.Min(left, right));
        }

        private float FootHeight(int foot)
        {
            return _bones[foot] != null ? _positions[foot].y : 0;
        }
    }
}
