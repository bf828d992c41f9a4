namespace Posewire.Core
{
    /// <summary>Places the server's monotonic clock on this machine's, as NTP does: of the last eight exchanges the one with the
    /// shortest round trip counts, which queues on the way bent least (RFC 5905, the clock filter).</summary>
    public sealed class ClockSync
    {
        private const int Window = 8;

        private readonly double[] _offsetsUs = new double[Window];
        private readonly double[] _tripsUs = new double[Window];
        private int _count;
        private int _next;
        private double _firstOffsetUs;

        /// <summary>Whether there was an exchange.</summary>
        public bool Ready
        {
            get { return _count > 0; }
        }

        /// <summary>Server's clock minus ours.</summary>
        public double OffsetUs
        {
            get { return Ready ? _offsetsUs[Best()] : _firstOffsetUs; }
        }

        /// <summary>How far off the offset may be; infinite before the first exchange.</summary>
        public double ErrorUs
        {
            get { return Ready ? _tripsUs[Best()] / 2 : double.PositiveInfinity; }
        }

        /// <summary>A new connection: hello's clock has to do until the first exchange. It is behind by the way here.</summary>
        public void Restart(long serverNowUs, long arrivedUs)
        {
            _count = 0;
            _next = 0;
            _firstOffsetUs = (double)serverNowUs - arrivedUs;
        }

        /// <summary>An answer that arrived at t3 on our clock.</summary>
        public void Add(TimeReply reply, long t3Us)
        {
            double outUs = (double)reply.T1Us - reply.T0Us;
            double backUs = (double)reply.T2Us - t3Us;
            _offsetsUs[_next] = (outUs + backUs) / 2;
            _tripsUs[_next] = outUs - backUs;
            _next = (_next + 1) % Window;
            _count = _count < Window ? _count + 1 : Window;
        }

        private int Best()
        {
            int best = 0;
            for (int i = 1; i < _count; i++)
            {
                if (_tripsUs[i] < _tripsUs[best])
                {
                    best = i;
                }
            }
            return best;
        }
    }
}
