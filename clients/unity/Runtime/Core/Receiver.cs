using System;

namespace Posewire.Core
{
    /// <summary>Keeps a connection alive on a thread of its own and puts the stream's frames into a ring. Nothing here blocks
    /// on the network, and nothing throws. Other settings: stop this one and make another.</summary>
    public sealed class Receiver : IDisposable
    {
        public Receiver(ReceiverOptions options)
        {
            throw new NotImplementedException();
        }

        /// <summary>The frames that came; read them through a <see cref="Playout"/>.</summary>
        public FrameRing Ring { get; private set; }

        public ConnectionState State
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Why it is lost or refused, one line; empty otherwise.</summary>
        public string Reason
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Of the last connection; null before the first.</summary>
        public Hello Hello
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>What the server agreed to; null before the first.</summary>
        public Subscribed Subscribed
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>How the stream fares: the last status of the connection; null while all is well from the start.</summary>
        public Status StreamStatus
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Frames a second over the last second.</summary>
        public float Rate
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Median age of the last second's frames on arrival, milliseconds; NaN where none came or the clock isn't known.
        /// </summary>
        public float LatencyMs
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Frames received, over all connections.</summary>
        public long Received
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Frames that the server left out because this connection was slow, over all connections.</summary>
        public long Dropped
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>How far off the server's clock may be, microseconds; infinite before the first answer.</summary>
        public double ErrorUs
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Now on the server's clock, microseconds: what Playout.Show takes.</summary>
        public double ServerNowUs
        {
            get { throw new NotImplementedException(); }
        }

        /// <summary>Begin. Once only.</summary>
        public void Start()
        {
            throw new NotImplementedException();
        }

        /// <summary>End the connection and its thread. May be called twice.</summary>
        public void Stop()
        {
            throw new NotImplementedException();
        }

        public void Dispose()
        {
            Stop();
        }
    }
}
