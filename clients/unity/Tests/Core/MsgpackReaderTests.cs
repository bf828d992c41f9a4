using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class MsgpackReaderTests
    {
        private readonly MsgpackReader _reader = new MsgpackReader();

        [TestCase(0x05, 5L)]
        [TestCase(0x7f, 127L)]
        [TestCase(0xff, -1L)]
        [TestCase(0xe0, -32L)]
        public void SmallIntegers(int code, long value)
        {
            Assert.That(Integer((byte)code), Is.EqualTo(value));
        }

        [Test]
        public void IntegersOfAnyWidth()
        {
            Assert.That(Integer(0xcc, 0xff), Is.EqualTo(255));
            Assert.That(Integer(0xcd, 0xff, 0xfe), Is.EqualTo(65534));
            Assert.That(Integer(0xce, 0xff, 0xff, 0xff, 0xff), Is.EqualTo(4294967295));
            Assert.That(Integer(0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), Is.EqualTo(long.MaxValue));
            Assert.That(Integer(0xd0, 0x80), Is.EqualTo(-128));
            Assert.That(Integer(0xd1, 0x80, 0), Is.EqualTo(-32768));
            Assert.That(Integer(0xd2, 0x80, 0, 0, 0), Is.EqualTo(-2147483648));
            Assert.That(Integer(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0), Is.EqualTo(long.MinValue));
        }

        [Test]
        public void AnIntegerAboveInt64IsHuge()
        {
            Value(0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0);
            Assert.That(_reader.IsHuge);
            Value(0x01);
            Assert.That(!_reader.IsHuge);
        }

        [Test]
        public void Floats()
        {
            Value(0xca, 0x3f, 0xc0, 0, 0);
            Assert.That(_reader.Float, Is.EqualTo(1.5));
            Value(0xcb, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0);
            Assert.That(_reader.Float, Is.EqualTo(-1.5));
        }

        [TestCase(0x0000, 0f)]
        [TestCase(0x3c00, 1f)]
        [TestCase(0xc000, -2f)]
        [TestCase(0x7bff, 65504f)]
        [TestCase(0x0001, 5.9604645e-8f)]
        [TestCase(0x03ff, 6.097555e-5f)]
        [TestCase(0x0400, 6.103515625e-5f)]
        [TestCase(0x3555, 0.333251953125f)]
        [TestCase(0x7c00, float.PositiveInfinity)]
        [TestCase(0xfc00, float.NegativeInfinity)]
        [TestCase(0x7e00, float.NaN)]
        public void Halves(int bits, float value)
        {
            Assert.That(FloatBits.Half(bits), Is.EqualTo(value));
        }

        [TestCase("41", true)]
        [TestCase("c3a4", true)]
        [TestCase("e282ac", true)]
        [TestCase("f09f9880", true)]
        [TestCase("ee8080", true)]
        [TestCase("f48fbfbf", true)]
        [TestCase("80", false)]
        [TestCase("c3", false)]
        [TestCase("c080", false)]
        [TestCase("c1bf", false)]
        [TestCase("e08080", false)]
        [TestCase("e09fbf", false)]
        [TestCase("eda080", false)]
        [TestCase("edbfbf", false)]
        [TestCase("f0808080", false)]
        [TestCase("f4908080", false)]
        [TestCase("f8888080", false)]
        [TestCase("e28241", false)]
        public void Utf8IsChecked(string hex, bool valid)
        {
            byte[] bytes = new byte[hex.Length / 2];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = Convert.ToByte(hex.Substring(2 * i, 2), 16);
            }
            Assert.That(Utf8.IsValid(bytes, 0, bytes.Length), Is.EqualTo(valid));
        }

        [Test]
        public void DepthEightIsTakenNineIsNot()
        {
            _reader.Open(Nested(8), 0, Nested(8).Length);
            Assert.That(Code(Nested(9)), Is.EqualTo(WireException.TooDeep));
            Assert.That(Code(Nested(60000)), Is.EqualTo(WireException.TooDeep));
        }

        [Test]
        public void AKeyTwiceIsRefusedHoweverManyKeysThereAre()
        {
            foreach (int keys in new[] { 2, 32, 33, 50000 })
            {
                Pack pack = new Pack().Map(keys);
                for (int i = 0; i < keys - 1; i++)
                {
                    pack.Text("k" + i).Int(1);
                }
                byte[] fine = new Pack().Raw(pack.Bytes).Text("other").Int(1).Bytes;
                Assert.That(_reader.Open(fine, 0, fine.Length), Is.EqualTo(0));
                pack.Text("k0").Int(1);
                Assert.That(Code(pack.Bytes), Is.EqualTo(WireException.Malformed), keys + " keys");
            }
        }

        [Test]
        public void TheSameKeyInTwoMapsIsFine()
        {
            Pack pack = new Pack().Map(2).Text("a").Map(1).Text("x").Int(1).Text("b").Map(1).Text("x").Int(1);
            Assert.That(_reader.Open(pack.Bytes, 0, pack.Bytes.Length), Is.EqualTo(0));
        }

        [Test]
        public void AMessageOverTheLimitIsRefusedUnread()
        {
            byte[] data = new byte[Limits.MaxServerMessageBytes + 1];
            Assert.That(Code(data), Is.EqualTo(WireException.TooLarge));
        }

        [TestCase(0xdd, 0xff, 0xff, 0xff, 0xff)]
        [TestCase(0xdf, 0xff, 0xff, 0xff, 0xff)]
        [TestCase(0xdb, 0xff, 0xff, 0xff, 0xff)]
        [TestCase(0xc6, 0xff, 0xff, 0xff, 0xff)]
        [TestCase(0xc1, 0, 0, 0, 0)]
        [TestCase(0xd6, 0, 0, 0, 0)]
        [TestCase(0xc7, 1, 0, 0, 0)]
        public void ALieIsRefused(int code, int a, int b, int c, int d)
        {
            byte[] data = new Pack().Map(1).Text("k").Raw((byte)code, (byte)a, (byte)b, (byte)c, (byte)d).Bytes;
            Assert.That(Code(data), Is.EqualTo(WireException.Malformed));
        }

        private static byte[] Nested(int depth)
        {
            Pack pack = new Pack().Map(1).Text("k");
            for (int i = 2; i <= depth; i++)
            {
                pack.Raw(0x91);
            }
            return pack.Raw(0xc0).Bytes;
        }

        private string Code(byte[] data)
        {
            return Assert.Throws<WireException>(() => _reader.Open(data, 0, data.Length)).Code;
        }

        private void Value(params byte[] bytes)
        {
            byte[] data = new Pack().Map(1).Text("k").Raw(bytes).Bytes;
            _reader.Open(data, 0, data.Length);
            _reader.Head(data.Length - bytes.Length);
        }

        private long Integer(params byte[] bytes)
        {
            Value(bytes);
            Assert.That(_reader.Type, Is.EqualTo(WireType.Int));
            return _reader.Int;
        }
    }
}
