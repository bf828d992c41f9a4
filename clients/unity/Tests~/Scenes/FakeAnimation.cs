using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>Stands in for an animator's controller: it writes every bone before LateUpdate, another pose each frame.</summary>
    internal sealed class FakeAnimation : MonoBehaviour
    {
        private int _frame;

        private void Update()
        {
            _frame++;
            Write(GetComponent<Animator>().GetBoneTransform(HumanBodyBones.Hips));
        }

        private void Write(Transform bone)
        {
            bone.localRotation = Rotation;
            if (bone.parent.name == "Armature")
            {
                bone.localPosition = new Vector3(0, 1, 0.01f * (_frame % 10));
            }
            for (int i = 0; i < bone.childCount; i++)
            {
                Write(bone.GetChild(i));
            }
        }

        /// <summary>That every bone was given last.</summary>
        public Quaternion Rotation
        {
            get { return Quaternion.Euler(_frame % 30, 0, 0); }
        }
    }
}
