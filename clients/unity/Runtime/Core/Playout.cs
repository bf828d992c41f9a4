using System;

namespace Posewire.Core
{
    /// <summary>Which moment of the stream is shown now (clients/README.md, "Playout"). Of one thread, the display's.</summary>
    public sealed class Playout
    {
        private const double ResetUs = 500000;
        private const double MostGapUs = 500000;
        private const double CatchUpUs = 200000;
        private const double MostSpeedChange = 0.1;

        private readonly FrameRing _ring;
        private readonly DelayWindow _delay = new DelayWindow();
        private readonly Frame _before = new Frame();
        private readonly Frame _after = new Frame();
        private readonly Frame _shown = new Frame();
        private long _beforeNumber;
        private long _afterNumber;
        private long _heard;
        private int _epoch = -1;
        private bool _running;
        private double _lastOursUs;

        public Playout(FrameRing ring, PlayoutMode mode)
        {
            _ring = ring;
            Mode = mode;
        }

        public PlayoutMode Mode { get; private set; }

        /// <summary>How late smooth playout wants to be, microseconds.</summary>
        public double DelayUs
        {
            get { return _delay.DelayUs; }
        }

        /// <summary>The moment last shown, server's clock in microseconds.</summary>
        public double MomentUs { get; private set; }

        /// <summary>Number of the frame last shown (smooth: of the earlier of its two), counted by the ring; 0 before the first.
        /// </summary>
        public long Number
        {
            get { return _beforeNumber; }
        }

        /// <summary>What to show now; null before the first frame. nowUs: the server's clock as it is known. ourNowUs: our own, by
        /// which time goes on, so that a better idea of the server's is no jump. The frame is this object's own buffer, good
        /// until the next call.</summary>
        public Frame Show(double nowUs, double ourNowUs)
        {
            if (_ring.Epoch != _epoch)
            {
                Restart();
            }
            if (Mode == PlayoutMode.Latest)
            {
                long number = _ring.CopyNewest(_beforeNumber, _before);
                if (number == 0)
                {
                    return null;
                }
                _beforeNumber = number;
                MomentUs = _before.TUs;
                return _before;
            }
            _heard = _ring.ReadNeeds(_heard, _delay);
            long newestUs = _ring.NewestUs();
            if (newestUs == long.MinValue)
            {
                return null;
            }
            Advance(nowUs, ourNowUs, newestUs);
            if (!_ring.CopyAround(MomentUs, _before, ref _beforeNumber, _after, ref _afterNumber))
            {
                return null;
            }
            if (_afterNumber == 0 || _after.TUs - _before.TUs > MostGapUs || MomentUs <= _before.TUs)
            {
                return _before;
            }
            double share = (MomentUs - _before.TUs) / (_after.TUs - _before.TUs);
            Interpolation.Between(_before, _after, (float)Math.Min(share, 1), _shown);
            return _shown;
        }

        private void Restart()
        {
            _epoch = _ring.Epoch;
            _delay.Clear();
            _beforeNumber = 0;
            _afterNumber = 0;
            _heard = 0;
            _running = false;
        }

        private void Advance(double nowUs, double ourNowUs, long newestUs)
        {
            double targetUs = nowUs - _delay.DelayUs;
            double elapsedUs = Math.Max(0, ourNowUs - _lastOursUs);
            _lastOursUs = ourNowUs;
            if (!_running || Math.Abs(targetUs - (MomentUs + elapsedUs)) > ResetUs)
            {
                MomentUs = targetUs;
                _running = true;
            }
            else
            {
                double off = (targetUs - (MomentUs + elapsedUs)) / CatchUpUs;
                MomentUs += elapsedUs * (1 + Math.Max(-MostSpeedChange, Math.Min(off, MostSpeedChange)));
            }
            MomentUs = Math.Min(MomentUs, newestUs);
        }
    }
}
