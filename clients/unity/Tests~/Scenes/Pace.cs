using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Posewire.Core;
using Posewire.Stubs;

namespace Posewire.Scenes
{
    /// <summary>Steps at a display's rate and notes how old the motion is that the avatars show, and what a step costs.</summary>
    internal static class Pace
    {
        private const double StepMs = 1000.0 / 60;

        public static string Measure(PosewireReceiver receiver, PlayoutMode mode, int steps)
        {
            receiver.PlayoutMode = mode;
            List<double> agesMs = new List<double>();
            List<double> costsUs = new List<double>();
            // The component's own clock isn't public: it is told by the receiver beneath it.
            Receiver connection = Scene.ConnectionOf(receiver);
            Stopwatch clock = Stopwatch.StartNew();
            long shownUs = 0;
            for (int step = 0; step < steps; step++)
            {
                double beforeMs = clock.Elapsed.TotalMilliseconds;
                Player.Step();
                costsUs.Add((clock.Elapsed.TotalMilliseconds - beforeMs) * 1000);
                Frame frame = receiver.Frame;
                // The first second sees the playout find its pace.
                if (frame != null && frame.TUs != shownUs && step > 60)
                {
                    agesMs.Add((connection.ServerNowUs - frame.TUs) / 1000);
                }
                shownUs = frame == null ? 0 : frame.TUs;
                double leftMs = (step + 1) * StepMs - clock.Elapsed.TotalMilliseconds;
                if (leftMs > 0)
                {
                    Thread.Sleep((int)leftMs);
                }
            }
            return new Answer()
                .Number("shown", agesMs.Count)
                .Number("age_p50_ms", Share(agesMs, 0.5))
                .Number("age_p99_ms", Share(agesMs, 0.99))
                .Number("step_p50_us", Share(costsUs, 0.5))
                .ToString();
        }

        private static double Share(List<double> values, double share)
        {
            values.Sort();
            return values.Count == 0 ? -1 : values[Math.Min((int)(share * values.Count), values.Count - 1)];
        }
    }
}
