using System;

namespace Posewire.Core
{
    /// <summary>The last 16 frames of the stream, between the socket's thread and the display: the oldest is overwritten.
    /// Safe between threads; frames are copied in and out.</summary>
    public sealed class FrameRing
    {
        public const int Capacity = 16;

        private readonly object _lock = new object();
        private readonly Frame[] _frames = new Frame[Capacity];
        private readonly double[] _needsUs = new double[Capacity];
        private long _pushed;
        private long _clearedAt;
        private int _epoch;

        public FrameRing()
        {
            for (int i = 0; i < Capacity; i++)
            {
                _frames[i] = new Frame();
            }
        }

        /// <summary>Grows with each Clear: what was learned of earlier frames counts no more.</summary>
        public int Epoch
        {
            get
            {
                lock (_lock)
                {
                    return _epoch;
                }
            }
        }

        /// <summary>Number of the newest frame, counted from 1 over all; 0 where there is none.</summary>
        public long Newest
        {
            get
            {
                lock (_lock)
                {
                    return _pushed > _clearedAt ? _pushed : 0;
                }
            }
        }

        /// <summary>Add a copy of a frame. arrivalUs: when it came, server's clock.</summary>
        public void Push(Frame frame, double arrivalUs)
        {
            lock (_lock)
            {
                // Only with this much delay would the frame before still be interpolated when this one comes.
                bool first = _pushed == _clearedAt;
                double needUs = first ? double.NaN : arrivalUs - At(_pushed).TUs;
                _pushed++;
                At(_pushed).CopyFrom(frame);
                _needsUs[_pushed % Capacity] = needUs;
            }
        }

        /// <summary>Forget all frames, as on a new connection, whose clock is another.</summary>
        public void Clear()
        {
            lock (_lock)
            {
                _clearedAt = _pushed;
                _epoch++;
            }
        }

        /// <summary>Copy the newest frame where it is another than number `known`. Returns its number, 0 for none.</summary>
        public long CopyNewest(long known, Frame into)
        {
            lock (_lock)
            {
                if (_pushed == _clearedAt)
                {
                    return 0;
                }
                if (_pushed != known)
                {
                    into.CopyFrom(At(_pushed));
                }
                return _pushed;
            }
        }

        /// <summary>Time of the newest frame, server's clock; long.MinValue where there is none.</summary>
        internal long NewestUs()
        {
            lock (_lock)
            {
                return _pushed == _clearedAt ? long.MinValue : At(_pushed).TUs;
            }
        }

        /// <summary>The delays that the frames after number `known` needed go to a window. Returns the newest number.</summary>
        internal long ReadNeeds(long known, DelayWindow window)
        {
            lock (_lock)
            {
                for (long number = Math.Max(known + 1, Oldest()); number <= _pushed; number++)
                {
                    double needUs = _needsUs[number % Capacity];
                    if (!double.IsNaN(needUs))
                    {
                        window.Add(needUs);
                    }
                }
                return _pushed;
            }
        }

        /// <summary>Copy the frame at or before a moment and the one after it, where they are others than those known. Before the
        /// oldest frame it is the oldest; after the newest there is none after it (0).</summary>
        internal bool CopyAround(double momentUs, Frame before, ref long beforeNumber, Frame after, ref long afterNumber)
        {
            lock (_lock)
            {
                if (_pushed == _clearedAt)
                {
                    return false;
                }
                long number = _pushed;
                long oldest = Oldest();
                while (number > oldest && At(number).TUs > momentUs)
                {
                    number--;
                }
                if (number != beforeNumber)
                {
                    before.CopyFrom(At(number));
                    beforeNumber = number;
                }
                long next = number < _pushed ? number + 1 : 0;
                if (next != 0 && next != afterNumber)
                {
                    after.CopyFrom(At(next));
                }
                afterNumber = next;
                return true;
            }
        }

        private long Oldest()
        {
            return Math.Max(_clearedAt, _pushed - Capacity) + 1;
        }

        private Frame At(long number)
        {
            return _frames[number % Capacity];
        }
    }
}
