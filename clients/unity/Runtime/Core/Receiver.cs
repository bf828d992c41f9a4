using System;
using System.Threading;

namespace Posewire.Core
{
    /// <summary>Keeps a connection alive on a thread of its own and puts the stream's frames into a ring. Reading its properties
    /// never waits for the network, and nothing throws. Other settings: stop this one and make another.</summary>
    public sealed class Receiver : IDisposable
    {
        private const int StopLimitMs = 2000;
        private const int MostToken = 1024;

        private readonly Board _board = new Board();
        private readonly CancellationTokenSource _stop = new CancellationTokenSource();
        private readonly object _starting = new object();
        private readonly Subscription _wanted;
        private readonly string _token;
        private readonly Uri _address;
        private readonly string _problem;
        private Thread _thread;

        public Receiver(ReceiverOptions options)
        {
            _wanted = options.Subscription.Copy();
            _token = options.Token ?? "";
            _address = Address.Stream(options.Address, out _problem);
            _problem = _problem ?? _wanted.Problem() ?? TokenProblem(_token);
        }

        /// <summary>The frames that came; read them through a <see cref="Playout"/>.</summary>
        public FrameRing Ring
        {
            get { return _board.Ring; }
        }

        public ConnectionState State
        {
            get { return _board.State; }
        }

        /// <summary>Why it is lost or refused, one line; empty otherwise.</summary>
        public string Reason
        {
            get { return _board.Reason; }
        }

        /// <summary>Of the last connection, its streams as they come and go; null before the first.</summary>
        public Hello Hello
        {
            get { return _board.Hello; }
        }

        /// <summary>What the server agreed to; null before the first.</summary>
        public Subscribed Subscribed
        {
            get { return _board.Subscribed; }
        }

        /// <summary>How the stream fares: the last status of the connection; null while all is well from the start.</summary>
        public Status StreamStatus
        {
            get { return _board.StreamStatus; }
        }

        /// <summary>Frames a second over the last second.</summary>
        public float Rate
        {
            get { return _board.Rate(MonotonicClock.NowUs); }
        }

        /// <summary>Median age of the last second's frames on arrival, milliseconds; NaN where none came.</summary>
        public float LatencyMs
        {
            get { return _board.LatencyMs(MonotonicClock.NowUs); }
        }

        /// <summary>Frames received, over all connections.</summary>
        public long Received
        {
            get { return _board.Received; }
        }

        /// <summary>Frames that the server left out because this connection was slow, over all connections.</summary>
        public long Dropped
        {
            get { return _board.Dropped; }
        }

        /// <summary>How far off the server's clock may be, microseconds; infinite before the first answer.</summary>
        public double ErrorUs
        {
            get { return _board.ErrorUs; }
        }

        /// <summary>Now on the server's clock as it is known, microseconds: for Playout.Show.</summary>
        public double ServerNowUs
        {
            get { return MonotonicClock.NowUs + _board.OffsetUs; }
        }

        /// <summary>Whether the thread lives.</summary>
        public bool IsRunning
        {
            get
            {
                lock (_starting)
                {
                    return _thread != null && _thread.IsAlive;
                }
            }
        }

        /// <summary>Begin. A second call, or one after Stop, does nothing.</summary>
        public void Start()
        {
            lock (_starting)
            {
                if (_thread != null || _stop.IsCancellationRequested)
                {
                    return;
                }
                if (_problem != null)
                {
                    _board.Enter(ConnectionState.Refused, _problem);
                    return;
                }
                _board.Enter(ConnectionState.Connecting, "");
                _thread = new Thread(Run);
                _thread.IsBackground = true;
                _thread.Name = "Posewire receiver";
                _thread.Start();
            }
        }

        /// <summary>End the connection and its thread. May be called twice, and at any time.</summary>
        public void Stop()
        {
            lock (_starting)
            {
                _stop.Cancel();
                if (_thread != null && _thread != Thread.CurrentThread)
                {
                    _thread.Join(StopLimitMs);
                }
                _board.Enter(ConnectionState.Off, "");
            }
        }

        public void Dispose()
        {
            Stop();
        }

        private void Run()
        {
            Connection connection = new Connection(_address, _token, _wanted, _board, _stop.Token);
            Backoff backoff = new Backoff(new Random());
            try
            {
                while (true)
                {
                    Outcome outcome = connection.Attempt();
                    _stop.Token.ThrowIfCancellationRequested();
                    if (outcome.Refused)
                    {
                        _board.Enter(ConnectionState.Refused, outcome.Reason);
                        return;
                    }
                    _board.Enter(ConnectionState.Lost, outcome.Reason);
                    if (outcome.WasLive)
                    {
                        backoff.Reset();
                    }
                    if (_stop.Token.WaitHandle.WaitOne(Math.Max(outcome.RetryAfterMs, backoff.Next())))
                    {
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // Told to stop.
            }
        }

        // It goes into a header as it is.
        private static string TokenProblem(string token)
        {
            if (token.Length > MostToken)
            {
                return "the token has " + token.Length + " characters; at most " + MostToken;
            }
            foreach (char character in token)
            {
                if (character <= ' ' || character > '~')
                {
                    return "the token holds a character that isn't printable ASCII";
                }
            }
            return null;
        }
    }
}
