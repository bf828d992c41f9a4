using Posewire.Core;

namespace Posewire
{
    /// <summary>One connection's thread and what of it is shown.</summary>
    internal sealed class Feed
    {
        private readonly Receiver _receiver;
        private Playout _playout;
        private long _shownNumber;
        private double _shownUs;

        public Feed(ReceiverSettings settings, PlayoutMode mode)
        {
            Settings = settings;
            _receiver = new Receiver(settings.ToOptions());
            _playout = new Playout(_receiver.Ring, mode);
            _receiver.Start();
        }

        public ReceiverSettings Settings { get; private set; }

        public Receiver Receiver
        {
            get { return _receiver; }
        }

        /// <summary>What to show now; null before the first frame of a connection. isNew: whether it isn't what was shown last.
        /// </summary>
        public Frame Show(PlayoutMode mode, out bool isNew)
        {
            if (_playout.Mode != mode)
            {
                _playout = new Playout(_receiver.Ring, mode);
            }
            Frame shown = _playout.Show(_receiver.ServerNowUs, MonotonicClock.NowUs);
            isNew = shown != null && (_playout.Number != _shownNumber || _playout.MomentUs != _shownUs);
            if (isNew)
            {
                _shownNumber = _playout.Number;
                _shownUs = _playout.MomentUs;
            }
            return shown;
        }

        public void Stop()
        {
            _receiver.Stop();
        }
    }
}
