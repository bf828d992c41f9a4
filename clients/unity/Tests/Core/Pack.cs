using System;
using System.Collections.Generic;
using System.Text;

namespace Posewire.Core.Tests
{
    /// <summary>Msgpack of whatever a test needs, right or wrong.</summary>
    internal sealed class Pack
    {
        private readonly List<byte> _bytes = new List<byte>();

        public byte[] Bytes
        {
            get { return _bytes.ToArray(); }
        }

        public Pack Raw(params byte[] bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public Pack Map(int pairs)
        {
            return Raw(0xde, (byte)(pairs >> 8), (byte)pairs);
        }

        public Pack Array(int elements)
        {
            return Raw(0xdc, (byte)(elements >> 8), (byte)elements);
        }

        public Pack Text(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            return Raw(0xda, (byte)(utf8.Length >> 8), (byte)utf8.Length).Raw(utf8);
        }

        public Pack Texts(params string[] texts)
        {
            Array(texts.Length);
            foreach (string text in texts)
            {
                Text(text);
            }
            return this;
        }

        public Pack Int(long value)
        {
            byte[] bytes = BitConverter.GetBytes(value);
            System.Array.Reverse(bytes);
            return Raw(0xd3).Raw(bytes);
        }

        public Pack Float(double value)
        {
            byte[] bytes = BitConverter.GetBytes(value);
            System.Array.Reverse(bytes);
            return Raw(0xcb).Raw(bytes);
        }

        public Pack Bin(params float[] numbers)
        {
            byte[] bytes = new byte[4 * numbers.Length];
            Buffer.BlockCopy(numbers, 0, bytes, 0, bytes.Length);
            return Raw(0xc5, (byte)(bytes.Length >> 8), (byte)bytes.Length).Raw(bytes);
        }
    }
}
