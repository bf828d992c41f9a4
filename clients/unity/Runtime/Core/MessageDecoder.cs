using System;
using System.Text;

namespace Posewire.Core
{
    /// <summary>A server's msgpack messages, typed and checked. A frame is decoded into a buffer of the caller's without
    /// allocating; of all else the properties hold the last one.</summary>
    public sealed class MessageDecoder
    {
        private static readonly string[] FieldNames = { "image", "world", "bones", "rest", "angles" };
        private static readonly byte[] FrameType = Encoding.UTF8.GetBytes("frame");

        private readonly MsgpackReader _reader = new MsgpackReader();
        private readonly WireMap _head;
        private readonly FrameDecoder _frame;
        private readonly HelloDecoder _hello;
        private readonly WireMap _subscribed;
        private readonly WireMap _status;
        private readonly WireMap _dropped;
        private readonly WireMap _time;
        private readonly WireMap _error;

        public MessageDecoder()
        {
            _head = new WireMap(_reader, "message", "type");
            _frame = new FrameDecoder(_reader);
            _hello = new HelloDecoder(_reader);
            _subscribed = new WireMap(_reader, "subscribed", "id", "stream", "fields", "landmarks", "dtype");
            _status = new WireMap(_reader, "status", "stream", "state", "detail", "t_us", "info", "gone");
            _dropped = new WireMap(_reader, "dropped", "id", "stream", "total");
            _time = new WireMap(_reader, "time", "t0_us", "t1_us", "t2_us");
            _error = new WireMap(_reader, "error", "code", "message", "id");
        }

        public Hello Hello { get; private set; }
        public Subscribed Subscribed { get; private set; }
        public Status Status { get; private set; }
        public Dropped Dropped { get; private set; }
        public TimeReply Time { get; private set; }
        public ServerError Error { get; private set; }

        /// <summary>What the message is. dtype: of the frames' arrays. A frame goes to `into`, which holds anything after a
        /// WireException, the only one that is thrown for a message.</summary>
        public MessageKind Decode(byte[] data, int offset, int count, Dtype dtype, Frame into)
        {
            int at = _reader.Open(data, offset, count);
            _head.Read(at);
            int type = _head.TextAt(0, Limits.MaxNameLength);
            if (_reader.Equals(type, _reader.Length, FrameType))
            {
                _frame.Decode(at, dtype, into);
                return MessageKind.Frame;
            }
            switch (_reader.Text(type, _reader.Length))
            {
                case "hello":
                    Hello = _hello.Decode(at);
                    return MessageKind.Hello;
                case "subscribed":
                    Subscribed = ReadSubscribed(at);
                    return MessageKind.Subscribed;
                case "status":
                    Status = ReadStatus(at);
                    return MessageKind.Status;
                case "dropped":
                    Dropped = ReadDropped(at);
                    return MessageKind.Dropped;
                case "time":
                    Time = ReadTime(at);
                    return MessageKind.Time;
                case "error":
                    Error = ReadError(at);
                    return MessageKind.Error;
                default:
                    return MessageKind.Unknown;
            }
        }

        private Subscribed ReadSubscribed(int at)
        {
            _subscribed.Read(at);
            Subscribed subscribed = new Subscribed();
            subscribed.Id = (int)_subscribed.Integer(0, 0, Limits.MaxId);
            subscribed.Landmarks = _subscribed.Integers(3, Limits.MaxLandmarks, 0, Limits.MaxLandmarks - 1);
            if (subscribed.Landmarks.Length == 0 || HasTwice(subscribed.Landmarks))
            {
                throw _subscribed.Bad(WireException.BadValue, "landmarks is empty or names a landmark twice");
            }
            subscribed.Stream = _subscribed.Text(1, Limits.MaxNameLength);
            subscribed.Fields = ReadFields();
            string dtype = _subscribed.Text(4, Limits.MaxNameLength);
            if (dtype != "f32" && dtype != "f16")
            {
                throw _subscribed.Bad(WireException.BadValue, "dtype is '" + Line.Clean(dtype, 40) + "'; one of f32, f16");
            }
            subscribed.Dtype = dtype == "f32" ? Dtype.F32 : Dtype.F16;
            return subscribed;
        }

        private string[] ReadFields()
        {
            string[] fields = _subscribed.Texts(2, Limits.MaxFields);
            if (fields.Length == 0 || HasTwice(fields))
            {
                throw _subscribed.Bad(WireException.BadValue, "fields is empty or names a field twice");
            }
            foreach (string field in fields)
            {
                if (Array.IndexOf(FieldNames, field) < 0)
                {
                    throw _subscribed.Bad(
                        WireException.UnknownField,
                        "no field '" + Line.Clean(field, 40) + "'; any of " + string.Join(", ", FieldNames));
                }
            }
            return fields;
        }

        private static bool HasTwice<T>(T[] items)
        {
            for (int i = 0; i < items.Length; i++)
            {
                if (Array.IndexOf(items, items[i]) != i)
                {
                    return true;
                }
            }
            return false;
        }

        private Status ReadStatus(int at)
        {
            _status.Read(at);
            Status status = new Status();
            status.Stream = _status.Text(0, Limits.MaxNameLength);
            status.State = StreamStates.Read(_status, 1);
            status.Detail = _status.Has(2) ? _status.Text(2, Limits.MaxTextLength) : "";
            status.TUs = _status.Integer(3, 0, long.MaxValue);
            status.Info = _status.Has(4) ? _hello.DecodeStream(_status.At(4)) : null;
            status.Gone = _status.Has(5) && _status.Boolean(5);
            return status;
        }

        private Dropped ReadDropped(int at)
        {
            _dropped.Read(at);
            Dropped dropped = new Dropped();
            dropped.Id = (int)_dropped.Integer(0, 0, Limits.MaxId);
            dropped.Stream = _dropped.Text(1, Limits.MaxNameLength);
            dropped.Total = _dropped.Integer(2, 0, long.MaxValue);
            return dropped;
        }

        private TimeReply ReadTime(int at)
        {
            _time.Read(at);
            TimeReply time = new TimeReply();
            time.T0Us = _time.Integer(0, 0, long.MaxValue);
            time.T1Us = _time.Integer(1, 0, long.MaxValue);
            time.T2Us = _time.Integer(2, 0, long.MaxValue);
            return time;
        }

        private ServerError ReadError(int at)
        {
            _error.Read(at);
            ServerError error = new ServerError();
            error.Id = _error.Has(2) ? (int)_error.Integer(2, 0, Limits.MaxId) : -1;
            error.Code = _error.Text(0, Limits.MaxNameLength);
            error.Message = _error.Text(1, Limits.MaxTextLength);
            return error;
        }
    }
}
