// https://docs.unity3d.com/ScriptReference/Quaternion.html
using System;

namespace UnityEngine
{
    public struct Quaternion : IEquatable<Quaternion>
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public static Quaternion identity { get { return new Quaternion(0, 0, 0, 1); } }

        public Quaternion normalized { get { return Normalize(this); } }

        public static Quaternion Normalize(Quaternion q)
        {
            float length = (float)Math.Sqrt(Dot(q, q));
            return length < 1e-12f ? identity : new Quaternion(q.x / length, q.y / length, q.z / length, q.w / length);
        }

        public static float Dot(Quaternion a, Quaternion b)
        {
            return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
        }

        public static Quaternion Inverse(Quaternion rotation)
        {
            return new Quaternion(-rotation.x, -rotation.y, -rotation.z, rotation.w);
        }

        public static Quaternion AngleAxis(float angle, Vector3 axis)
        {
            Vector3 unit = axis.normalized;
            double half = angle * Math.PI / 360;
            float sine = (float)Math.Sin(half);
            return new Quaternion(unit.x * sine, unit.y * sine, unit.z * sine, (float)Math.Cos(half));
        }

        public static Quaternion Euler(float x, float y, float z)
        {
            return AngleAxis(y, Vector3.up) * AngleAxis(x, Vector3.right) * AngleAxis(z, Vector3.forward);
        }

        public static Quaternion FromToRotation(Vector3 fromDirection, Vector3 toDirection)
        {
            Vector3 a = fromDirection.normalized;
            Vector3 b = toDirection.normalized;
            float cosine = Vector3.Dot(a, b);
            if (cosine < -0.999999f)
            {
                Vector3 other = Math.Abs(a.x) < 0.9f ? Vector3.right : Vector3.up;
                Vector3 axis = Vector3.Cross(a, other).normalized;
                return new Quaternion(axis.x, axis.y, axis.z, 0);
            }
            Vector3 cross = Vector3.Cross(a, b);
            return Normalize(new Quaternion(cross.x, cross.y, cross.z, 1 + cosine));
        }

        public static Quaternion Slerp(Quaternion a, Quaternion b, float t)
        {
            t = Mathf.Clamp01(t);
            float cosine = Dot(a, b);
            float sign = cosine < 0 ? -1 : 1;
            cosine = Math.Min(1, Math.Abs(cosine));
            float from = 1 - t;
            float to = t;
            if (cosine < 0.9999f)
            {
                double angle = Math.Acos(cosine);
                from = (float)(Math.Sin((1 - t) * angle) / Math.Sin(angle));
                to = (float)(Math.Sin(t * angle) / Math.Sin(angle));
            }
            to *= sign;
            return Normalize(new Quaternion(
                from * a.x + to * b.x, from * a.y + to * b.y, from * a.z + to * b.z, from * a.w + to * b.w));
        }

        public static float Angle(Quaternion a, Quaternion b)
        {
            float cosine = Math.Min(Math.Abs(Dot(a, b)), 1);
            return cosine > 1 - 1e-6f ? 0 : (float)(Math.Acos(cosine) * 2 * 180 / Math.PI);
        }

        public static Quaternion operator *(Quaternion lhs, Quaternion rhs)
        {
            return new Quaternion(
                lhs.w * rhs.x + lhs.x * rhs.w + lhs.y * rhs.z - lhs.z * rhs.y,
                lhs.w * rhs.y - lhs.x * rhs.z + lhs.y * rhs.w + lhs.z * rhs.x,
                lhs.w * rhs.z + lhs.x * rhs.y - lhs.y * rhs.x + lhs.z * rhs.w,
                lhs.w * rhs.w - lhs.x * rhs.x - lhs.y * rhs.y - lhs.z * rhs.z);
        }

        public static Vector3 operator *(Quaternion rotation, Vector3 point)
        {
            Vector3 axis = new Vector3(rotation.x, rotation.y, rotation.z);
            Vector3 twice = Vector3.Cross(axis, point) * 2;
            return point + twice * rotation.w + Vector3.Cross(axis, twice);
        }

        public bool Equals(Quaternion other) { return x == other.x && y == other.y && z == other.z && w == other.w; }
        public override bool Equals(object other) { return other is Quaternion && Equals((Quaternion)other); }
        public override int GetHashCode() { return x.GetHashCode() ^ (y.GetHashCode() << 2) ^ (w.GetHashCode() >> 1); }
    }
}
