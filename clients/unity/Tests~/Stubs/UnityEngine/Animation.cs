// https://docs.unity3d.com/ScriptReference/Animator.html
// https://docs.unity3d.com/ScriptReference/Avatar.html
// https://docs.unity3d.com/ScriptReference/AvatarBuilder.html
// https://docs.unity3d.com/ScriptReference/HumanDescription.html
// https://docs.unity3d.com/ScriptReference/HumanBone.html
// https://docs.unity3d.com/ScriptReference/SkeletonBone.html

namespace UnityEngine
{
    public class Animator : Behaviour
    {
        public Avatar avatar { get; set; }
        public bool isHuman { get { return avatar != null && avatar.isHuman; } }

        public Transform GetBoneTransform(HumanBodyBones humanBoneId)
        {
            foreach (HumanBone bone in avatar.humanDescription.human)
            {
                if (bone.humanName == humanBoneId.ToString())
                {
                    return Named(transform, bone.boneName);
                }
            }
            return null;
        }

        private static Transform Named(Transform below, string name)
        {
            for (int i = 0; i < below.childCount; i++)
            {
                Transform child = below.GetChild(i);
                Transform found = child.name == name ? child : Named(child, name);
                if (found != null)
                {
                    return found;
                }
            }
            return null;
        }
    }

    public class Avatar : Object
    {
        internal Avatar()
        {
        }

        public bool isValid { get; internal set; }
        public bool isHuman { get; internal set; }
        public HumanDescription humanDescription { get; internal set; }
    }

    public class AvatarBuilder
    {
        public static Avatar BuildHumanAvatar(GameObject go, HumanDescription humanDescription)
        {
            return new Avatar { name = go.name, isValid = true, isHuman = true, humanDescription = humanDescription };
        }
    }

    public struct HumanDescription
    {
        public HumanBone[] human;
        public SkeletonBone[] skeleton;
    }

    public struct HumanBone
    {
        public string boneName { get; set; }
        public string humanName { get; set; }
    }

    public struct SkeletonBone
    {
        public string name;
        public Vector3 position;
        public Quaternion rotation;
        public Vector3 scale;
    }
}
