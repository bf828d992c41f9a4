using Posewire.Core;
using UnityEngine;

namespace Posewire
{
    /// <summary>From the wire's numbers to the engine's. The change of axes itself is <see cref="Axes"/>.</summary>
    public static class UnityAxes
    {
        public static Vector3 ToVector3(Vec3 wire)
        {
            Vec3 position = Axes.ToUnity(wire);
            return new Vector3(position.X, position.Y, position.Z);
        }

        public static Quaternion ToQuaternion(Quat wire)
        {
            Quat rotation = Axes.ToUnity(wire);
            return new Quaternion(rotation.X, rotation.Y, rotation.Z, rotation.W);
        }
    }
}
