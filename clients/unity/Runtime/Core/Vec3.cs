using System;

namespace Posewire.Core
{
    /// <summary>A position, offset or direction; metres where it is a length.</summary>
    public struct Vec3
    {
        public float X;
        public float Y;
        public float Z;

        public Vec3(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        public static Vec3 Zero
        {
            get { return new Vec3(0, 0, 0); }
        }

        public float Length
        {
            get { return (float)Math.Sqrt((double)X * X + (double)Y * Y + (double)Z * Z); }
        }

        /// <summary>Of length 1 in the same direction; zero for a vector without one.</summary>
        public Vec3 Normalized
        {
            get
            {
                float length = Length;
                return length > 1e-12f ? this * (1 / length) : Zero;
            }
        }

        public static Vec3 operator +(Vec3 a, Vec3 b)
        {
            return new Vec3(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
        }

        public static Vec3 operator -(Vec3 a, Vec3 b)
        {
            return new Vec3(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        }

        public static Vec3 operator *(Vec3 a, float factor)
        {
            return new Vec3(a.X * factor, a.Y * factor, a.Z * factor);
        }

        public static float Dot(Vec3 a, Vec3 b)
        {
            return a.X * b.X + a.Y * b.Y + a.Z * b.Z;
        }

        public static Vec3 Cross(Vec3 a, Vec3 b)
        {
            return new Vec3(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
        }

        public static Vec3 Lerp(Vec3 a, Vec3 b, float share)
        {
            return a + (b - a) * share;
        }

        public override string ToString()
        {
            return "(" + X + ", " + Y + ", " + Z + ")";
        }
    }
}
