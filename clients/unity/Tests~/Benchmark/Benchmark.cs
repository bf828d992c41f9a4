using System;
using System.Globalization;
using System.IO;
using System.Net.WebSockets;
using System.Threading;

namespace Posewire.Core.Benchmark
{
    /// <summary>Measures the core: `Posewire.Core.Benchmark.exe decode FILE` or `latency ADDRESS MESSAGES`, or `socket ADDRESS
    /// MESSAGES`. Writes one JSON object.</summary>
    public static class Benchmark
    {
        private const int WarmUp = 20000;
        private const int Frames = 200000;

        public static int Main(string[] arguments)
        {
            switch (arguments[0])
            {
                case "decode":
                    Decode(File.ReadAllBytes(arguments[1]));
                    return 0;
                case "latency":
                    Latency(new Uri(arguments[1]), int.Parse(arguments[2], CultureInfo.InvariantCulture));
                    return 0;
                default:
                    Socket(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture));
                    return 0;
            }
        }

        private static void Decode(byte[] message)
        {
            MessageDecoder decoder = new MessageDecoder();
            Frame frame = new Frame();
            FrameRing ring = new FrameRing();
            Playout playout = new Playout(ring, PlayoutMode.Smooth);
            Action decode = () => decoder.Decode(message, 0, message.Length, Dtype.F32, frame);
            long nowUs = 0;
            Action all = () =>
            {
                nowUs += 16667;
                decoder.Decode(message, 0, message.Length, Dtype.F32, frame);
                frame.TUs = nowUs;
                ring.Push(frame, nowUs + 20000);
                playout.Show(nowUs + 20000, nowUs);
            };
            long bytes;
            double decodeUs = Measure(decode, out bytes);
            long allBytes;
            double allUs = Measure(all, out allBytes);
            Print("decode_us", decodeUs, "decode_bytes", bytes, "all_us", allUs, "all_bytes", allBytes);
        }

        /// <summary>Microseconds each; the bytes of all together.</summary>
        private static double Measure(Action work, out long bytes)
        {
            for (int i = 0; i < WarmUp; i++)
            {
                work();
            }
            // The first call of the counter allocates.
            GC.GetAllocatedBytesForCurrentThread();
            long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
            long before = MonotonicClock.NowUs;
            for (int i = 0; i < Frames; i++)
            {
                work();
            }
            double tookUs = MonotonicClock.NowUs - before;
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
            return tookUs / Frames;
        }

        /// <summary>Ages of frames right after decoding.</summary>
        private static void Latency(Uri address, int messages)
        {
            double[] capturedMs = new double[messages];
            double[] sentMs = new double[messages];
            byte[] received = new byte[Limits.MaxServerMessageBytes];
            byte[] sending = new byte[Session.SendBufferBytes];
            using (ClientWebSocket socket = new ClientWebSocket())
            {
                socket.Options.AddSubProtocol(Limits.Subprotocol);
                socket.ConnectAsync(address, CancellationToken.None).Wait();
                Session session = new Session(new Subscription(), MonotonicClock.NowUs);
                int taken = 0;
                while (taken < messages)
                {
                    WebSocketReceiveResult result =
                        socket.ReceiveAsync(new ArraySegment<byte>(received), CancellationToken.None).Result;
                    MessageKind kind = session.Receive(received, 0, result.Count, MonotonicClock.NowUs);
                    double nowUs = MonotonicClock.NowUs + session.Clock.OffsetUs;
                    if (kind == MessageKind.Frame)
                    {
                        capturedMs[taken] = (nowUs - session.Frame.TUs) / 1000;
                        sentMs[taken++] = (nowUs - session.Frame.SentUs) / 1000;
                    }
                    int count;
                    while ((count = session.Write(MonotonicClock.NowUs, sending)) > 0)
                    {
                        ArraySegment<byte> message = new ArraySegment<byte>(sending, 0, count);
                        socket.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None).Wait();
                    }
                }
                Array.Sort(capturedMs);
                Array.Sort(sentMs);
                Print(
                    "captured_p50_ms", capturedMs[messages / 2], "captured_p99_ms", capturedMs[messages * 99 / 100],
                    "sent_p50_ms", sentMs[messages / 2], "sent_p99_ms", sentMs[messages * 99 / 100],
                    "error_us", session.Clock.ErrorUs);
            }
        }

        /// <summary>How often the nursery fills while a receiver receives. The core allocates nothing, so what fills it is the
        /// runtime's socket; its size is MONO_GC_PARAMS' to say.</summary>
        private static void Socket(string address, int messages)
        {
            ReceiverOptions options = new ReceiverOptions();
            options.Address = address;
            using (Receiver receiver = new Receiver(options))
            {
                receiver.Start();
                WaitFor(receiver, 300);
                long first = receiver.Received;
                int before = GC.CollectionCount(0);
                WaitFor(receiver, first + messages);
                Print("collections", GC.CollectionCount(0) - before, "messages", receiver.Received - first);
            }
        }

        private static void WaitFor(Receiver receiver, long received)
        {
            while (receiver.Received < received)
            {
                Thread.Sleep(10);
            }
        }

        private static void Print(params object[] pairs)
        {
            string[] texts = new string[pairs.Length / 2];
            for (int i = 0; i < texts.Length; i++)
            {
                texts[i] = "\"" + pairs[2 * i] + "\":" + Convert.ToString(pairs[2 * i + 1], CultureInfo.InvariantCulture);
            }
            Console.WriteLine("{" + string.Join(",", texts) + "}");
        }
    }
}
