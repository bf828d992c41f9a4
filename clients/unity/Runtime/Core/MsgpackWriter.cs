using System.Text;

namespace Posewire.Core
{
    /// <summary>Writes the few messages that a client sends into a buffer that is large enough for the largest of them.</summary>
    internal sealed class MsgpackWriter
    {
        private readonly byte[] _buffer;

        public MsgpackWriter(byte[] buffer)
        {
            _buffer = buffer;
        }

        public int Count { get; private set; }

        public void Clear()
        {
            Count = 0;
        }

        /// <summary>A map of at most 15 pairs, which follow.</summary>
        public void Map(int pairs)
        {
            Put(0x80 | pairs);
        }

        /// <summary>An array of at most 65535 elements, which follow.</summary>
        public void Array(int elements)
        {
            Put(0xdc);
            Big(elements, 2);
        }

        public void Text(string text)
        {
            int length = Encoding.UTF8.GetByteCount(text);
            Put(0xda);
            Big(length, 2);
            Encoding.UTF8.GetBytes(text, 0, text.Length, _buffer, Count);
            Count += length;
        }

        public void Int(long value)
        {
            Put(0xd3);
            Big(value, 8);
        }

        public void Float(double value)
        {
            Put(0xcb);
            Big(System.BitConverter.DoubleToInt64Bits(value), 8);
        }

        public void Nil()
        {
            Put(0xc0);
        }

        private void Put(int code)
        {
            _buffer[Count++] = (byte)code;
        }

        private void Big(long value, int bytes)
        {
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            {
                Put((int)(value >> shift & 0xff));
            }
        }
    }
}
