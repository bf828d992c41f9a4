using System;

namespace Posewire
{
    /// <summary>What each pose holds (protocol/SPEC.md, "subscribe").</summary>
    [Flags]
    public enum PoseFields
    {
        /// <summary>What the components of the scene need; where these need nothing, image and world.</summary>
        Automatic = 0,

        /// <summary>Landmarks in the picture.</summary>
        Image = 1,

        /// <summary>Landmarks in metres about the hips.</summary>
        World = 2,

        /// <summary>Rotations of bones, and where the hips are.</summary>
        Bones = 4,

        /// <summary>The person's own bone lengths.</summary>
        Rest = 8,

        /// <summary>Joint angles in degrees.</summary>
        Angles = 16,
    }
}
