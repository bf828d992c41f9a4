using System;

namespace Posewire.Core
{
    /// <summary>How long to wait before the next attempt: 0.25 s, then twice as long each time up to 5 s, each shortened by a
    /// random part of up to one half, so that many clients don't come back at once.</summary>
    public sealed class Backoff
    {
        public const int FirstMs = 250;
        public const int MostMs = 5000;

        private readonly Random _random;
        private int _nextMs = FirstMs;

        public Backoff(Random random)
        {
            _random = random;
        }

        /// <summary>The next pause, milliseconds.</summary>
        public int Next()
        {
            int wholeMs = _nextMs;
            _nextMs = Math.Min(2 * _nextMs, MostMs);
            return (int)(wholeMs * (1 - 0.5 * _random.NextDouble()));
        }

        /// <summary>An attempt succeeded: begin again with the shortest.</summary>
        public void Reset()
        {
            _nextMs = FirstMs;
        }
    }
}
