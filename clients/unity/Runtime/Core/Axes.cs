namespace Posewire.Core
{
    /// <summary>The one place where the wire's axes (right-handed, +X the picture's right, +Y up, +Z toward the camera)
    /// become Unity's (left-handed, +Y up): x is mirrored. Its own inverse.</summary>
    public static class Axes
    {
        public static Vec3 ToUnity(Vec3 position)
        {
            return new Vec3(-position.X, position.Y, position.Z);
        }

        public static Quat ToUnity(Quat rotation)
        {
            return new Quat(rotation.X, -rotation.Y, -rotation.Z, rotation.W);
        }
    }
}
