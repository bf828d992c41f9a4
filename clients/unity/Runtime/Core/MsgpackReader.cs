using System;
using System.Text;

namespace Posewire.Core
{
    /// <summary>Reads msgpack that a stranger wrote, without allocating. Open checks the whole message once; after that reading
    /// can't run over its end.</summary>
    internal sealed class MsgpackReader
    {
        private readonly MsgpackCheck _check;
        private byte[] _data;
        private int _end;

        public MsgpackReader()
        {
            _check = new MsgpackCheck(this);
        }

        /// <summary>Of the value whose head was read last.</summary>
        public WireType Type { get; private set; }

        /// <summary>Bytes of a text or of bytes, elements of an array, pairs of a map.</summary>
        public int Length { get; private set; }

        public long Int { get; private set; }

        /// <summary>Whether an integer is beyond Int: above 2^63 - 1.</summary>
        public bool IsHuge { get; private set; }
        public double Float { get; private set; }
        public bool Bool { get; private set; }

        public byte[] Data
        {
            get { return _data; }
        }

        /// <summary>Check a message and begin with it. Returns where its map begins. Throws WireException.</summary>
        public int Open(byte[] data, int offset, int count)
        {
            if (count > Limits.MaxServerMessageBytes)
            {
                throw new WireException(
                    WireException.TooLarge, "message of " + count + " bytes; at most " + Limits.MaxServerMessageBytes);
            }
            _data = data;
            _end = offset + count;
            int after = _check.Value(offset, 1);
            if (after != _end)
            {
                throw Malformed((_end - after) + " bytes after the message");
            }
            Head(offset);
            if (Type != WireType.Map)
            {
                throw Malformed("a message has to be a map");
            }
            return offset;
        }

        /// <summary>Read what stands at `at` up to the content of a text, bytes, array or map. Returns where that begins; of any
        /// other value where it ends.</summary>
        public int Head(int at)
        {
            int code = Byte(at++);
            if (code < 0x80)
            {
                return Whole(at, code);
            }
            if (code < 0x90)
            {
                return Container(at, WireType.Map, code & 0x0f);
            }
            if (code < 0xa0)
            {
                return Container(at, WireType.Array, code & 0x0f);
            }
            if (code < 0xc0)
            {
                return Blob(at, WireType.Text, code & 0x1f);
            }
            if (code >= 0xe0)
            {
                return Whole(at, code - 0x100);
            }
            switch (code)
            {
                case 0xc0:
                    Type = WireType.Nil;
                    return at;
                case 0xc2:
                case 0xc3:
                    Type = WireType.Bool;
                    Bool = code == 0xc3;
                    return at;
                case 0xc4:
                case 0xc5:
                case 0xc6:
                    return Blob(at + (1 << (code - 0xc4)), WireType.Bytes, (long)Unsigned(at, 1 << (code - 0xc4)));
                case 0xca:
                    Type = WireType.Float;
                    Float = FloatBits.Single((uint)Unsigned(at, 4));
                    return at + 4;
                case 0xcb:
                    Type = WireType.Float;
                    Float = BitConverter.Int64BitsToDouble((long)Unsigned(at, 8));
                    return at + 8;
                case 0xcc:
                case 0xcd:
                case 0xce:
                case 0xcf:
                    return UnsignedInt(at, 1 << (code - 0xcc));
                case 0xd0:
                    return Whole(at + 1, (sbyte)Unsigned(at, 1));
                case 0xd1:
                    return Whole(at + 2, (short)Unsigned(at, 2));
                case 0xd2:
                    return Whole(at + 4, (int)Unsigned(at, 4));
                case 0xd3:
                    return Whole(at + 8, (long)Unsigned(at, 8));
                case 0xd9:
                case 0xda:
                case 0xdb:
                    return Blob(at + (1 << (code - 0xd9)), WireType.Text, (long)Unsigned(at, 1 << (code - 0xd9)));
                case 0xdc:
                case 0xdd:
                    return Container(at + (2 << (code - 0xdc)), WireType.Array, (long)Unsigned(at, 2 << (code - 0xdc)));
                case 0xde:
                case 0xdf:
                    return Container(at + (2 << (code - 0xde)), WireType.Map, (long)Unsigned(at, 2 << (code - 0xde)));
                case 0xc1:
                    throw Malformed("the reserved byte 0xc1");
                default:
                    throw Malformed("msgpack extension type; none is used");
            }
        }

        /// <summary>Where the value at `at` ends. It was checked before.</summary>
        public int Skip(int at)
        {
            at = Head(at);
            if (Type == WireType.Text || Type == WireType.Bytes)
            {
                return at + Length;
            }
            if (Type == WireType.Array || Type == WireType.Map)
            {
                int values = Type == WireType.Map ? 2 * Length : Length;
                for (int i = 0; i < values; i++)
                {
                    at = Skip(at);
                }
            }
            return at;
        }

        /// <summary>Whether some bytes of the message are these.</summary>
        public bool Equals(int at, int length, byte[] bytes)
        {
            if (length != bytes.Length)
            {
                return false;
            }
            for (int i = 0; i < length; i++)
            {
                if (_data[at + i] != bytes[i])
                {
                    return false;
                }
            }
            return true;
        }

        public string Text(int at, int length)
        {
            return Encoding.UTF8.GetString(_data, at, length);
        }

        /// <summary>The value at `at` for an error message: short whatever it is.</summary>
        public string Show(int at)
        {
            int content = Head(at);
            switch (Type)
            {
                case WireType.Nil:
                    return "null";
                case WireType.Bool:
                    return Bool ? "true" : "false";
                case WireType.Int:
                    return IsHuge ? "an integer above 2^63 - 1" : Line.Of(Int);
                case WireType.Float:
                    return Line.Of(Float);
                case WireType.Text:
                    return "'" + Line.Clean(Text(content, Length), 40) + "'";
                case WireType.Bytes:
                    return "bytes";
                case WireType.Array:
                    return "an array";
                default:
                    return "a map";
            }
        }

        internal static WireException Malformed(string text)
        {
            return new WireException(WireException.Malformed, "not msgpack as it is used here: " + text);
        }

        private int Byte(int at)
        {
            if (at >= _end)
            {
                throw Malformed("it ends in the middle of a value");
            }
            return _data[at];
        }

        private ulong Unsigned(int at, int bytes)
        {
            if (bytes > _end - at)
            {
                throw Malformed("it ends in the middle of a value");
            }
            ulong value = 0;
            for (int i = 0; i < bytes; i++)
            {
                value = value << 8 | _data[at + i];
            }
            return value;
        }

        private int Whole(int after, long value)
        {
            Type = WireType.Int;
            Int = value;
            IsHuge = false;
            return after;
        }

        private int UnsignedInt(int at, int bytes)
        {
            ulong value = Unsigned(at, bytes);
            int after = Whole(at + bytes, (long)value);
            IsHuge = value > long.MaxValue;
            return after;
        }

        private int Blob(int at, WireType type, long length)
        {
            if (length > _end - at)
            {
                throw Malformed("a length of " + length + " bytes; " + Math.Max(0, _end - at) + " are there");
            }
            Type = type;
            Length = (int)length;
            return at;
        }

        // Every element takes a byte at least, so a larger count is a lie that isn't worth a loop.
        private int Container(int at, WireType type, long count)
        {
            long least = type == WireType.Map ? 2 * count : count;
            if (least > _end - at)
            {
                throw Malformed("a count of " + count + "; " + Math.Max(0, _end - at) + " bytes are there");
            }
            Type = type;
            Length = (int)count;
            return at;
        }
    }
}
