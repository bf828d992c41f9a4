using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>A transform of a made-up avatar, placed in the space of its root.</summary>
    internal sealed class Joint
    {
        public string Name;
        public string Parent;

        /// <summary>Empty for a transform that is no bone of the avatar.</summary>
        public string Human = "";
        public Vector3 Position;
        public Quaternion Rotation = Quaternion.identity;
        public Transform Transform;
    }
}
