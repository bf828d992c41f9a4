using System.Diagnostics;

namespace Posewire.Core
{
    /// <summary>This machine's clock that never goes back.</summary>
    public static class MonotonicClock
    {
        private static readonly double MicrosecondsPerTick = 1e6 / Stopwatch.Frequency;

        public static long NowUs
        {
            get { return (long)(Stopwatch.GetTimestamp() * MicrosecondsPerTick); }
        }
    }
}
