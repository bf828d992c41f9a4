using System.Runtime.InteropServices;

namespace Posewire.Core
{
    /// <summary>IEEE 754 from bits, without allocating.</summary>
    internal static class FloatBits
    {
        private static readonly float[] Powers = MakePowers();

        public static float Single(uint bits)
        {
            Union union = new Union();
            union.Bits = bits;
            return union.Value;
        }

        /// <summary>A number of 16 bits.</summary>
        public static float Half(int bits)
        {
            int exponent = bits >> 10 & 0x1f;
            int fraction = bits & 0x3ff;
            float size;
            if (exponent == 0x1f)
            {
                size = fraction == 0 ? float.PositiveInfinity : float.NaN;
            }
            else
            {
                size = (exponent == 0 ? fraction : fraction + 1024) * Powers[exponent];
            }
            return (bits & 0x8000) != 0 ? -size : size;
        }

        // Of one unit of the fraction; those too small for an exponent of their own share that of the smallest.
        private static float[] MakePowers()
        {
            float[] powers = new float[31];
            powers[0] = 1f / (1 << 24);
            powers[1] = powers[0];
            for (int i = 2; i < powers.Length; i++)
            {
                powers[i] = 2 * powers[i - 1];
            }
            return powers;
        }

        [StructLayout(LayoutKind.Explicit)]
        private struct Union
        {
            [FieldOffset(0)]
            public uint Bits;

            [FieldOffset(0)]
            public float Value;
        }
    }
}
