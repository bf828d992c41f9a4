using System;

namespace Posewire.Core
{
    /// <summary>How late frames may be shown so that nearly all of them come in time: the 95th percentile (nearest rank) of the
    /// delays that the last 64 needed.</summary>
    internal sealed class DelayWindow
    {
        private const int Size = 64;
        private const double Percentile = 0.95;
        private const double MostUs = 250000;

        private readonly float[] _needsUs = new float[Size];
        private readonly float[] _ranked = new float[Size];
        private int _count;
        private int _next;

        /// <summary>Microseconds; 0 before the first.</summary>
        public double DelayUs { get; private set; }

        public void Add(double needUs)
        {
            _needsUs[_next] = (float)needUs;
            _next = (_next + 1) % Size;
            _count = Math.Min(_count + 1, Size);
            Array.Copy(_needsUs, _ranked, _count);
            double need = Rank.Of(_ranked, _count, (int)Math.Ceiling(Percentile * _count) - 1);
            DelayUs = Math.Max(0, Math.Min(need, MostUs));
        }

        public void Clear()
        {
            _count = 0;
            _next = 0;
            DelayUs = 0;
        }
    }
}
