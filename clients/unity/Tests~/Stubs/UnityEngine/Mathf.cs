// https://docs.unity3d.com/ScriptReference/Mathf.html
using System;

namespace UnityEngine
{
    public struct Mathf
    {
        public const float PI = (float)Math.PI;

        public static float Clamp01(float value) { return value < 0 ? 0 : value > 1 ? 1 : value; }
        public static float Min(float a, float b) { return a < b ? a : b; }
        public static float Max(float a, float b) { return a > b ? a : b; }
        public static int Max(int a, int b) { return a > b ? a : b; }
        public static float Abs(float f) { return Math.Abs(f); }

        public static float MoveTowards(float current, float target, float maxDelta)
        {
            return Math.Abs(target - current) <= maxDelta ? target : current + Math.Sign(target - current) * maxDelta;
        }

        public static float SmoothStep(float from, float to, float t)
        {
            t = Clamp01(t);
            t = t * t * (3 - 2 * t);
            return to * t + from * (1 - t);
        }
    }
}
