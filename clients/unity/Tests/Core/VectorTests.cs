using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class VectorTests
    {
        [Test]
        public void ValidVectorsDecodeToTheirTwins()
        {
            List<Dictionary<string, object>> vectors = Vectors.Load("valid");
            foreach (Dictionary<string, object> vector in vectors)
            {
                // Dirty from the vector before, as in use, and more than that.
                Soil();
                MessageKind kind = _decoder.Decode(Vectors.Bytes(vector), 0, Length(vector), Vectors.DtypeOf(vector), _frame);
                Compare((string)vector["name"], Vectors.Twin(vector), Twin.Of(_decoder, kind, _frame));
            }
            Assert.That(vectors.Count, Is.GreaterThan(30));
        }

        [Test]
        public void ValidVectorsDecodeAnywhereInABuffer()
        {
            foreach (Dictionary<string, object> vector in Vectors.Load("valid"))
            {
                byte[] bytes = Vectors.Bytes(vector);
                byte[] buffer = new byte[bytes.Length + 20];
                Array.Copy(bytes, 0, buffer, 7, bytes.Length);
                MessageKind kind = _decoder.Decode(buffer, 7, bytes.Length, Vectors.DtypeOf(vector), _frame);
                Compare((string)vector["name"], Vectors.Twin(vector), Twin.Of(_decoder, kind, _frame));
            }
        }

        [Test]
        public void InvalidVectorsAreRefusedWithTheirCodes()
        {
            List<Dictionary<string, object>> vectors = Vectors.Load("invalid", "malformed", "too_deep");
            vectors.RemoveAll(vector => Array.IndexOf(WrongInNotRead, vector["name"]) >= 0);
            foreach (Dictionary<string, object> vector in vectors)
            {
                WireException error = Refused(vector);
                Assert.That(error.Code, Is.EqualTo(vector["error"]), vector["name"] + ": " + error.Message);
                Assert.That(error.Message.Length, Is.InRange(5, 300), (string)vector["name"]);
                Assert.That(error.Message.IndexOf('\n'), Is.EqualTo(-1), (string)vector["name"]);
            }
            Assert.That(vectors.Count, Is.GreaterThan(50));
        }

        [Test]
        public void AFrameCutAnywhereIsRefused()
        {
            foreach (Dictionary<string, object> vector in Vectors.Load("valid"))
            {
                byte[] bytes = Vectors.Bytes(vector);
                int step = Math.Max(1, bytes.Length / 200);
                for (int length = 0; length < bytes.Length; length += step)
                {
                    int cut = length;
                    Assert.Throws<WireException>(
                        () => _decoder.Decode(bytes, 0, cut, Vectors.DtypeOf(vector), _frame), (string)vector["name"]);
                }
            }
        }

        [Test]
        public void RandomDamageGivesAWireExceptionAtMost()
        {
            Random random = new Random(1);
            int refused = 0;
            foreach (Dictionary<string, object> vector in Vectors.Load("valid"))
            {
                byte[] bytes = Vectors.Bytes(vector);
                for (int round = 0; round < 300; round++)
                {
                    byte[] damaged = (byte[])bytes.Clone();
                    for (int i = random.Next(1, 4); i > 0; i--)
                    {
                        damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                    }
                    try
                    {
                        _decoder.Decode(damaged, 0, damaged.Length, Vectors.DtypeOf(vector), _frame);
                    }
                    catch (WireException)
                    {
                        refused++;
                    }
                }
            }
            Assert.That(refused, Is.GreaterThan(1000));
        }

        /// <summary>Optional keys that avatars have no use for.</summary>
        private static readonly string[] NotRead = { "mirror", "preview", "clock_error_us", "image_raw", "world_raw" };

        /// <summary>The vectors that are wrong in one of these keys only, which does no harm here.</summary>
        private static readonly string[] WrongInNotRead =
        {
            "invalid_hello_mirror_no_bool", "invalid_status_info_clock_error_negative",
            "invalid_raw_cut", "invalid_raw_differs", "invalid_raw_not_finite",
        };

        private readonly MessageDecoder _decoder = new MessageDecoder();
        private readonly Frame _frame = new Frame();

        private void Soil()
        {
            foreach (Pose pose in _frame.Poses)
            {
                for (int i = 0; i < pose.Held.Length; i++)
                {
                    pose.Held[i] = true;
                }
                pose.LeftContact = pose.RightContact = pose.HasFloor = true;
                pose.ImageCount = pose.WorldCount = pose.BoneCount = pose.RestCount = pose.AngleCount = 1;
            }
        }

        private static int Length(Dictionary<string, object> vector)
        {
            return Vectors.Bytes(vector).Length;
        }

        private WireException Refused(Dictionary<string, object> vector)
        {
            try
            {
                _decoder.Decode(Vectors.Bytes(vector), 0, Length(vector), Vectors.DtypeOf(vector), _frame);
            }
            catch (WireException error)
            {
                return error;
            }
            Assert.Fail(vector["name"] + " was taken: " + vector["about"]);
            return null;
        }

        private static void Compare(string where, object expected, object actual)
        {
            Dictionary<string, object> map = expected as Dictionary<string, object>;
            List<object> list = expected as List<object>;
            if (map != null)
            {
                Dictionary<string, object> other = (Dictionary<string, object>)actual;
                List<string> read = new List<string>(map.Keys);
                read.RemoveAll(key => Array.IndexOf(NotRead, key) >= 0);
                Assert.That(other.Keys, Is.EquivalentTo(read), where);
                foreach (string key in read)
                {
                    Compare(where + "." + key, map[key], other[key]);
                }
            }
            else if (list != null)
            {
                List<object> other = (List<object>)actual;
                Assert.That(other.Count, Is.EqualTo(list.Count), where);
                for (int i = 0; i < list.Count; i++)
                {
                    Compare(where + "[" + i + "]", list[i], other[i]);
                }
            }
            else if (actual is double && expected != null)
            {
                // Floats on the wire have been rounded to f32 or f16; their twins to six decimals.
                Assert.That(Convert.ToDouble(expected), Is.EqualTo(Math.Round((double)actual, 6)).Within(1e-9), where);
            }
            else
            {
                Assert.That(actual, Is.EqualTo(expected), where);
            }
        }
    }
}
