using System;

namespace Posewire.Core
{
    /// <summary>A rotation as a unit quaternion x, y, z, w. a * b turns by b first, then by a.</summary>
    public struct Quat
    {
        public float X;
        public float Y;
        public float Z;
        public float W;

        public Quat(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        public static Quat Identity
        {
            get { return new Quat(0, 0, 0, 1); }
        }

        /// <summary>The inverse of a unit quaternion.</summary>
        public Quat Inverse
        {
            get { return new Quat(-X, -Y, -Z, W); }
        }

        /// <summary>Of length 1; the identity for one too short to have a direction.</summary>
        public Quat Normalized
        {
            get
            {
                double length = Math.Sqrt((double)X * X + (double)Y * Y + (double)Z * Z + (double)W * W);
                if (length < 1e-12)
                {
                    return Identity;
                }
                return new Quat((float)(X / length), (float)(Y / length), (float)(Z / length), (float)(W / length));
            }
        }

        public static Quat operator *(Quat a, Quat b)
        {
            return new Quat(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
                a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);
        }

        /// <summary>The vector turned.</summary>
        public static Vec3 operator *(Quat q, Vec3 v)
        {
            Vec3 axis = new Vec3(q.X, q.Y, q.Z);
            Vec3 twice = Vec3.Cross(axis, v) * 2;
            return v + twice * q.W + Vec3.Cross(axis, twice);
        }

        public static float Dot(Quat a, Quat b)
        {
            return a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;
        }

        /// <summary>Normalized linear interpolation along the shorter way round.</summary>
        public static Quat Nlerp(Quat a, Quat b, float share)
        {
            float to = Dot(a, b) < 0 ? -share : share;
            float from = 1 - share;
            return new Quat(
                from * a.X + to * b.X,
                from * a.Y + to * b.Y,
                from * a.Z + to * b.Z,
                from * a.W + to * b.W).Normalized;
        }

        /// <summary>The smallest rotation that turns one direction into another; of opposite ones half a turn about any axis
        /// at right angles. The identity where one has no direction.</summary>
        public static Quat ShortestArc(Vec3 from, Vec3 to)
        {
            // In double: of nearly opposite directions the last digits say about which axis.
            double x = (double)from.Y * to.Z - (double)from.Z * to.Y;
            double y = (double)from.Z * to.X - (double)from.X * to.Z;
            double z = (double)from.X * to.Y - (double)from.Y * to.X;
            double dot = (double)from.X * to.X + (double)from.Y * to.Y + (double)from.Z * to.Z;
            double w = dot + Math.Sqrt(dot * dot + x * x + y * y + z * z);
            double length = Math.Sqrt(x * x + y * y + z * z + w * w);
            if (length > 1e-9 * Math.Abs(dot) && length > 1e-30)
            {
                return new Quat((float)(x / length), (float)(y / length), (float)(z / length), (float)(w / length));
            }
            Vec3 other = Math.Abs(from.Normalized.X) < 0.9f ? new Vec3(1, 0, 0) : new Vec3(0, 1, 0);
            Vec3 axis = Vec3.Cross(from, other).Normalized;
            return dot < 0 ? new Quat(axis.X, axis.Y, axis.Z, 0) : Identity;
        }

        /// <summary>The angle between two rotations in degrees, 0 to 180.</summary>
        public static float AngleDegrees(Quat a, Quat b)
        {
            Quat way = a.Inverse * b;
            double sine = Math.Sqrt((double)way.X * way.X + (double)way.Y * way.Y + (double)way.Z * way.Z);
            return (float)(2 * Math.Atan2(sine, Math.Abs(way.W)) * 180 / Math.PI);
        }

        public override string ToString()
        {
            return "(" + X + ", " + Y + ", " + Z + ", " + W + ")";
        }
    }
}
