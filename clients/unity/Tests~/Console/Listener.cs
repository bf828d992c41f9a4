using System;
using System.Globalization;
using System.IO;
using System.Threading;

namespace Posewire.Core.Console
{
    /// <summary>A receiver in a terminal, for the tests: `Listener.exe ADDRESS [TOKEN [STREAM [PAUSE_MS]]]`. Each line that it
    /// writes is a JSON object: a change of state at once, else what is shown every PAUSE_MS. It ends when its input does.
    /// </summary>
    public static class Listener
    {
        private const int PollMs = 5;

        private static bool _ended;

        public static int Main(string[] arguments)
        {
            ReceiverOptions options = new ReceiverOptions();
            options.Address = arguments[0];
            options.Token = arguments.Length > 1 ? arguments[1] : "";
            options.Subscription.Stream = arguments.Length > 2 ? arguments[2] : "";
            int pauseMs = arguments.Length > 3 ? int.Parse(arguments[3], CultureInfo.InvariantCulture) : 100;
            Thread input = new Thread(ReadInput);
            input.IsBackground = true;
            input.Start();
            Receiver receiver = new Receiver(options);
            receiver.Start();
            Watch(receiver, pauseMs);
            long before = MonotonicClock.NowUs;
            receiver.Dispose();
            receiver.Dispose();
            long took = MonotonicClock.NowUs - before;
            System.Console.WriteLine(
                "{\"event\":\"stopped\",\"took_us\":" + took + ",\"running\":" + (receiver.IsRunning ? "true" : "false")
                    + ",\"state\":\"" + receiver.State + "\"}");
            return 0;
        }

        private static void ReadInput()
        {
            while (System.Console.In.ReadLine() != null)
            {
            }
            Volatile.Write(ref _ended, true);
        }

        private static void Watch(Receiver receiver, int pauseMs)
        {
            Playout playout = new Playout(receiver.Ring, PlayoutMode.Latest);
            string state = null;
            long nextUs = 0;
            while (!Volatile.Read(ref _ended))
            {
                string now = receiver.State + ": " + receiver.Reason;
                long nowUs = MonotonicClock.NowUs;
                if (now != state || nowUs >= nextUs)
                {
                    Frame frame = playout.Show(receiver.ServerNowUs, MonotonicClock.NowUs);
                    System.Console.WriteLine(Describe(receiver, frame, now != state ? "state" : "tick"));
                    System.Console.Out.Flush();
                    state = now;
                    nextUs = nowUs + pauseMs * 1000L;
                }
                Thread.Sleep(PollMs);
            }
        }

        private static string Describe(Receiver receiver, Frame frame, string kind)
        {
            StringWriter line = new StringWriter(CultureInfo.InvariantCulture);
            line.Write("{\"event\":\"" + kind + "\",\"state\":\"" + receiver.State + "\",\"reason\":" + Quote(receiver.Reason));
            line.Write(",\"received\":" + receiver.Received + ",\"dropped\":" + receiver.Dropped);
            Number(line, "rate", receiver.Rate);
            Number(line, "latency_ms", receiver.LatencyMs);
            Number(line, "error_us", receiver.ErrorUs);
            Hello hello = receiver.Hello;
            line.Write(",\"server\":" + (hello == null ? "null" : Quote(hello.Server)));
            Status status = receiver.StreamStatus;
            line.Write(",\"stream_state\":" + (status == null ? "null" : Quote(status.State.ToString())));
            line.Write(",\"seq\":" + (frame == null ? "null" : frame.Seq.ToString(CultureInfo.InvariantCulture)));
            line.Write(",\"stream\":" + (frame == null ? "null" : Quote(frame.Stream)));
            line.Write(",\"people\":" + (frame == null ? "null" : frame.Count.ToString(CultureInfo.InvariantCulture)));
            if (frame != null)
            {
                Number(line, "age_ms", (receiver.ServerNowUs - frame.TUs) / 1000);
            }
            line.Write("}");
            return line.ToString();
        }

        private static void Number(StringWriter line, string name, double value)
        {
            bool finite = !double.IsNaN(value) && !double.IsInfinity(value);
            line.Write(",\"" + name + "\":");
            line.Write(finite ? value.ToString("R", CultureInfo.InvariantCulture) : "null");
        }

        private static string Quote(string text)
        {
            StringWriter quoted = new StringWriter(CultureInfo.InvariantCulture);
            foreach (char character in text)
            {
                if (character == '"' || character == '\\' || character < ' ')
                {
                    quoted.Write("\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    quoted.Write(character);
                }
            }
            return "\"" + quoted + "\"";
        }
    }
}
