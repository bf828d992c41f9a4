// https://docs.unity3d.com/ScriptReference/Color.html
// https://docs.unity3d.com/ScriptReference/Color32.html
// https://docs.unity3d.com/ScriptReference/Bounds.html
// https://docs.unity3d.com/ScriptReference/Pose.html
using System;

namespace UnityEngine
{
    public struct Color
    {
        public float r;
        public float g;
        public float b;
        public float a;

        public Color(float r, float g, float b)
            : this(r, g, b, 1)
        {
        }

        public Color(float r, float g, float b, float a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }
    }

    public struct Color32
    {
        public byte r;
        public byte g;
        public byte b;
        public byte a;

        public Color32(byte r, byte g, byte b, byte a)
        {
            this.r = r;
            this.g = g;
            this.b = b;
            this.a = a;
        }

        public static implicit operator Color32(Color c)
        {
            return new Color32(Byte(c.r), Byte(c.g), Byte(c.b), Byte(c.a));
        }

        private static byte Byte(float share)
        {
            return (byte)Math.Round(Mathf.Clamp01(share) * 255);
        }
    }

    public struct Bounds
    {
        public Bounds(Vector3 center, Vector3 size)
        {
            this.center = center;
            extents = size * 0.5f;
        }

        public Vector3 center { get; set; }
        public Vector3 extents { get; set; }
        public Vector3 size { get { return extents * 2; } set { extents = value * 0.5f; } }
    }

    // Unused: it is there so that a bare "Pose" is as ambiguous here as it is in the engine.
    public struct Pose
    {
        public Vector3 position;
        public Quaternion rotation;
    }
}
