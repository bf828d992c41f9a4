using System;

namespace Posewire.Core
{
    /// <summary>One connection's conversation without any I/O: bytes that came in, what they mean, and what to send next. A
    /// WireException means that the other side doesn't keep to the protocol: end the connection.</summary>
    public sealed class Session
    {
        /// <summary>The largest message that Write makes fits.</summary>
        public const int SendBufferBytes = 8192;

        private const int SubscriptionId = 1;
        private const long LimitUs = 5000000;
        private const int Burst = 5;
        private const long BurstIntervalUs = 50000;
        private const long IntervalUs = 2000000;

        private readonly Subscription _wanted;
        private readonly MessageDecoder _decoder = new MessageDecoder();
        private readonly Frame _frame = new Frame();
        private string _stream;
        private long _heardUs;
        private long _subscribedAtUs;
        private bool _asked;
        private bool _mayReturn;
        private long _droppedBefore;
        private long _dropped;
        private int _timesAsked;
        private long _nextTimeUs;

        /// <summary>nowUs: our clock when the connection was made. wasThere: whether an earlier connection had this subscription:
        /// then its stream may be away, and is waited for.</summary>
        public Session(Subscription wanted, long nowUs, bool wasThere = false)
        {
            _wanted = wanted.Copy();
            _mayReturn = wasThere;
            Clock = new ClockSync();
            _heardUs = nowUs;
        }

        public ClockSync Clock { get; private set; }

        /// <summary>Null until it came; so are the others.</summary>
        public Hello Hello { get; private set; }
        public Subscribed Subscribed { get; private set; }

        /// <summary>The last of the stream.</summary>
        public Status StreamStatus { get; private set; }

        /// <summary>The server's no to the subscription.</summary>
        public ServerError Refusal { get; private set; }

        /// <summary>Whether the stream wasn't there to be subscribed to; it is asked for when it is.</summary>
        public bool IsAway { get; private set; }

        /// <summary>Frames left out because this connection was slow.</summary>
        public long Dropped
        {
            get { return _droppedBefore + _dropped; }
        }

        /// <summary>The last frame; filled anew by the next.</summary>
        public Frame Frame
        {
            get { return _frame; }
        }

        /// <summary>Take a message. Returns what was new in it: Unknown for what doesn't matter here, such as another stream.
        /// nowUs: our clock on its arrival.</summary>
        public MessageKind Receive(byte[] data, int offset, int count, long nowUs)
        {
            Dtype dtype = Subscribed != null ? Subscribed.Dtype : _wanted.Dtype;
            MessageKind kind = _decoder.Decode(data, offset, count, dtype, _frame);
            _heardUs = nowUs;
            if (Hello == null && kind != MessageKind.Hello)
            {
                throw new WireException(WireException.BadMessage, "the first message isn't hello");
            }
            switch (kind)
            {
                case MessageKind.Hello:
                    TakeHello(nowUs);
                    return kind;
                case MessageKind.Subscribed:
                    if (_decoder.Subscribed.Id != SubscriptionId)
                    {
                        return MessageKind.Unknown;
                    }
                    Subscribed = _decoder.Subscribed;
                    return kind;
                case MessageKind.Frame:
                    return TakeFrame() ? kind : MessageKind.Unknown;
                case MessageKind.Status:
                    return TakeStatus(_decoder.Status) ? kind : MessageKind.Unknown;
                case MessageKind.Dropped:
                    if (_decoder.Dropped.Id != SubscriptionId || _decoder.Dropped.Stream != _stream)
                    {
                        return MessageKind.Unknown;
                    }
                    _dropped = _decoder.Dropped.Total;
                    return kind;
                case MessageKind.Time:
                    Clock.Add(_decoder.Time, nowUs);
                    return kind;
                case MessageKind.Error:
                    return TakeError();
                default:
                    return kind;
            }
        }

        /// <summary>The next message that is due, into a buffer of SendBufferBytes. Returns its length, 0 where none is due.</summary>
        public int Write(long nowUs, byte[] buffer)
        {
            if (Hello == null)
            {
                return 0;
            }
            // The time comes first: the server answers in order, so the clock is known when the first frame comes.
            if (!_asked && _timesAsked > 0)
            {
                _asked = true;
                _subscribedAtUs = nowUs;
                return WriteSubscribe(new MsgpackWriter(buffer));
            }
            if (nowUs < _nextTimeUs)
            {
                return 0;
            }
            _timesAsked++;
            _nextTimeUs = nowUs + (_timesAsked < Burst ? BurstIntervalUs : IntervalUs);
            MsgpackWriter writer = new MsgpackWriter(buffer);
            writer.Map(2);
            writer.Text("type");
            writer.Text("time");
            writer.Text("t0_us");
            writer.Int(nowUs);
            return writer.Count;
        }

        /// <summary>When to call Write and Overdue again at the latest, our clock.</summary>
        public long NextUs
        {
            get
            {
                long limitUs = _heardUs + LimitUs;
                return Hello != null && _nextTimeUs < limitUs ? _nextTimeUs : limitUs;
            }
        }

        /// <summary>One line on what the server failed to say in time; null where it is in time.</summary>
        public string Overdue(long nowUs)
        {
            if (nowUs - _heardUs >= LimitUs)
            {
                return Hello == null ? "the server said nothing for 5 s" : "nothing came for 5 s";
            }
            if (_asked && !IsAway && Subscribed == null && nowUs - _subscribedAtUs >= LimitUs)
            {
                return "the server didn't answer the subscription in 5 s";
            }
            return null;
        }

        private void TakeHello(long nowUs)
        {
            if (Hello != null)
            {
                throw new WireException(WireException.BadMessage, "hello came twice");
            }
            Hello = _decoder.Hello;
            Clock.Restart(Hello.NowUs, nowUs);
            _nextTimeUs = nowUs;
            _stream = _wanted.Stream;
            if (_stream.Length == 0 || _stream == "*")
            {
                // Null: whichever sends first.
                _stream = Hello.Streams.Length > 0 ? Hello.Streams[0].Id : null;
            }
            _mayReturn |= Array.Exists(Hello.Streams, stream => stream.Id == _stream);
        }

        private bool TakeStatus(Status status)
        {
            Hello = Hello.After(status);
            if (status.Stream != _stream)
            {
                return false;
            }
            StreamStatus = status;
            if (status.Gone)
            {
                // If it comes back, it is counted anew.
                _droppedBefore += _dropped;
                _dropped = 0;
            }
            else if (IsAway && status.Info != null)
            {
                IsAway = false;
                _asked = false;
            }
            return true;
        }

        private bool TakeFrame()
        {
            if (Subscribed == null)
            {
                throw new WireException(WireException.BadMessage, "a frame came before the answer to the subscription");
            }
            if (_frame.Id != SubscriptionId)
            {
                return false;
            }
            if (_stream == null)
            {
                _stream = _frame.Stream;
            }
            return _frame.Stream == _stream;
        }

        private MessageKind TakeError()
        {
            ServerError error = _decoder.Error;
            if (error.Id != SubscriptionId && Subscribed != null)
            {
                return MessageKind.Unknown;
            }
            if (error.Code == WireException.UnknownStream && _mayReturn)
            {
                IsAway = true;
                StreamStatus = new Status
                {
                    Stream = _stream, State = StreamState.Ended, Detail = error.Message, TUs = Hello.NowUs, Gone = true,
                };
                return MessageKind.Status;
            }
            Refusal = error;
            return MessageKind.Error;
        }

        private int WriteSubscribe(MsgpackWriter writer)
        {
            writer.Map(6);
            writer.Text("type");
            writer.Text("subscribe");
            writer.Text("id");
            writer.Int(SubscriptionId);
            writer.Text("stream");
            writer.Text(_stream ?? "*");
            writer.Text("fields");
            writer.Array(_wanted.Fields.Length);
            foreach (string field in _wanted.Fields)
            {
                writer.Text(field);
            }
            writer.Text("max_fps");
            if (_wanted.MaxFps == 0)
            {
                writer.Nil();
            }
            else
            {
                writer.Float(_wanted.MaxFps);
            }
            writer.Text("dtype");
            writer.Text(_wanted.Dtype == Dtype.F16 ? "f16" : "f32");
            return writer.Count;
        }
    }
}
