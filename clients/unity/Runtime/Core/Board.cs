namespace Posewire.Core
{
    /// <summary>What a receiver knows: written by the socket's thread, read by any. No lock is held for longer than a copy.
    /// </summary>
    internal sealed class Board
    {
        private readonly object _lock = new object();
        private readonly ArrivalWindow _arrivals = new ArrivalWindow();
        private ConnectionState _state = ConnectionState.Off;
        private string _reason = "";
        private Hello _hello;
        private Subscribed _subscribed;
        private Status _streamStatus;
        private long _received;
        private long _droppedBefore;
        private long _dropped;
        private double _offsetUs;
        private double _errorUs = double.PositiveInfinity;

        public Board()
        {
            Ring = new FrameRing();
        }

        public FrameRing Ring { get; private set; }

        public ConnectionState State
        {
            get
            {
                lock (_lock)
                {
                    return _state;
                }
            }
        }

        public string Reason
        {
            get
            {
                lock (_lock)
                {
                    return _reason;
                }
            }
        }

        public Hello Hello
        {
            get
            {
                lock (_lock)
                {
                    return _hello;
                }
            }
        }

        public Subscribed Subscribed
        {
            get
            {
                lock (_lock)
                {
                    return _subscribed;
                }
            }
        }

        public Status StreamStatus
        {
            get
            {
                lock (_lock)
                {
                    return _streamStatus;
                }
            }
        }

        public long Received
        {
            get
            {
                lock (_lock)
                {
                    return _received;
                }
            }
        }

        public long Dropped
        {
            get
            {
                lock (_lock)
                {
                    return _droppedBefore + _dropped;
                }
            }
        }

        public double OffsetUs
        {
            get
            {
                lock (_lock)
                {
                    return _offsetUs;
                }
            }
        }

        public double ErrorUs
        {
            get
            {
                lock (_lock)
                {
                    return _errorUs;
                }
            }
        }

        public float Rate(long nowUs)
        {
            lock (_lock)
            {
                return _arrivals.CountIn(nowUs);
            }
        }

        public float LatencyMs(long nowUs)
        {
            lock (_lock)
            {
                return _arrivals.MedianAgeMs(nowUs);
            }
        }

        public void Enter(ConnectionState state, string reason)
        {
            lock (_lock)
            {
                _state = state;
                _reason = reason;
            }
        }

        /// <summary>What a message changed.</summary>
        public void Take(MessageKind kind, Session session, long nowUs)
        {
            lock (_lock)
            {
                _hello = session.Hello;
                if (session.Subscribed != null)
                {
                    // Not sooner: the frames that are shown until then are of the clock before.
                    _offsetUs = session.Clock.OffsetUs;
                    _errorUs = session.Clock.ErrorUs;
                }
                switch (kind)
                {
                    case MessageKind.Hello:
                        _streamStatus = null;
                        _droppedBefore += _dropped;
                        _dropped = 0;
                        break;
                    case MessageKind.Subscribed:
                        _subscribed = session.Subscribed;
                        _state = ConnectionState.Live;
                        _reason = "";
                        // Frames of an earlier connection are shown until now: they are of another clock.
                        Ring.Clear();
                        break;
                    case MessageKind.Status:
                        if (_streamStatus != null && _streamStatus.Gone && !session.StreamStatus.Gone)
                        {
                            // How late frames come is learned anew of a stream that was away.
                            Ring.Clear();
                        }
                        _streamStatus = session.StreamStatus;
                        if (session.IsAway)
                        {
                            _state = ConnectionState.Live;
                            _reason = "";
                        }
                        break;
                    case MessageKind.Dropped:
                        _dropped = session.Dropped;
                        break;
                    case MessageKind.Frame:
                        _received++;
                        double arrivalUs = nowUs + _offsetUs;
                        _arrivals.Add(nowUs, (float)((arrivalUs - session.Frame.TUs) / 1000));
                        Ring.Push(session.Frame, arrivalUs);
                        break;
                }
            }
        }
    }
}
