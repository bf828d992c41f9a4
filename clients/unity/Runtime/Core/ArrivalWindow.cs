using System;

namespace Posewire.Core
{
    /// <summary>The frames of the last second: how many, and how old they were when they came. Not safe between threads by
    /// itself.</summary>
    internal sealed class ArrivalWindow
    {
        private const long SpanUs = 1000000;

        // More than a server sends in a second (Limits.MaxFps).
        private const int Size = 1024;

        private readonly long[] _arrivedUs = new long[Size];
        private readonly float[] _agesMs = new float[Size];
        private readonly float[] _ages = new float[Size];
        private int _next;
        private int _count;

        public void Add(long arrivedUs, float ageMs)
        {
            _arrivedUs[_next] = arrivedUs;
            _agesMs[_next] = ageMs;
            _next = (_next + 1) % Size;
            _count = Math.Min(_count + 1, Size);
        }

        public int CountIn(long nowUs)
        {
            Forget(nowUs);
            return _count;
        }

        /// <summary>NaN where none came.</summary>
        public float MedianAgeMs(long nowUs)
        {
            Forget(nowUs);
            if (_count == 0)
            {
                return float.NaN;
            }
            for (int i = 0; i < _count; i++)
            {
                _ages[i] = _agesMs[(_next - _count + i + Size) % Size];
            }
            return Rank.Of(_ages, _count, _count / 2);
        }

        private void Forget(long nowUs)
        {
            while (_count > 0 && _arrivedUs[(_next - _count + Size) % Size] <= nowUs - SpanUs)
            {
                _count--;
            }
        }
    }
}
