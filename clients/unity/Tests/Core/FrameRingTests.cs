using System;
using System.Threading;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class FrameRingTests
    {
        private readonly FrameRing _ring = new FrameRing();
        private readonly Frame _copy = new Frame();

        [SetUp]
        public void Clear()
        {
            _ring.Clear();
        }

        [Test]
        public void TheNewestIsCopiedOnce()
        {
            Assert.That(_ring.CopyNewest(0, _copy), Is.EqualTo(0));
            _ring.Push(Sample.FrameOf(10, 1, 5), 10);
            long number = _ring.CopyNewest(0, _copy);
            Assert.That(number, Is.EqualTo(_ring.Newest));
            Assert.That(_copy.TUs, Is.EqualTo(10));
            Assert.That(_copy.Poses[0].Root.X, Is.EqualTo(1));
            _copy.TUs = 77;
            Assert.That(_ring.CopyNewest(number, _copy), Is.EqualTo(number));
            Assert.That(_copy.TUs, Is.EqualTo(77), "known already: not copied");
        }

        [Test]
        public void ACopyIsNoReference()
        {
            Frame frame = Sample.FrameOf(10, 1, 5);
            _ring.Push(frame, 10);
            frame.Poses[0].Root = new Vec3(9, 9, 9);
            frame.Poses[0].Bones[3] = 9;
            _ring.CopyNewest(0, _copy);
            Assert.That(_copy.Poses[0].Root.X, Is.EqualTo(1));
            Assert.That(_copy.Poses[0].BoneAt(0).W, Is.EqualTo(1));
        }

        [Test]
        public void SixteenAreKeptTheOldestIsOverwritten()
        {
            for (int i = 1; i <= 40; i++)
            {
                _ring.Push(Sample.FrameOf(i * 10, i, 5), i * 10);
            }
            long before = 0;
            long after = 0;
            Frame next = new Frame();
            Assert.That(_ring.CopyAround(0, _copy, ref before, next, ref after));
            Assert.That(_copy.TUs, Is.EqualTo(250));
            Assert.That(next.TUs, Is.EqualTo(260));
            _ring.CopyAround(399, _copy, ref before, next, ref after);
            Assert.That(_copy.TUs, Is.EqualTo(390));
            Assert.That(next.TUs, Is.EqualTo(400));
            _ring.CopyAround(400, _copy, ref before, next, ref after);
            Assert.That(_copy.TUs, Is.EqualTo(400));
            Assert.That(after, Is.EqualTo(0));
        }

        [Test]
        public void ClearedItHoldsNothing()
        {
            _ring.Push(Sample.FrameOf(10, 1, 5), 10);
            int epoch = _ring.Epoch;
            _ring.Clear();
            long before = 0;
            long after = 0;
            Assert.That(_ring.Epoch, Is.EqualTo(epoch + 1));
            Assert.That(_ring.Newest, Is.EqualTo(0));
            Assert.That(_ring.CopyNewest(0, _copy), Is.EqualTo(0));
            Assert.That(!_ring.CopyAround(10, _copy, ref before, new Frame(), ref after));
        }

        [Test]
        public void AFrameNeedsTheDelayFromTheOneBeforeToItsArrival()
        {
            DelayWindow window = new DelayWindow();
            _ring.Push(Sample.FrameOf(1000, 0, 5), 5000);
            long heard = _ring.ReadNeeds(0, window);
            Assert.That(window.DelayUs, Is.EqualTo(0), "the first has none before it");
            _ring.Push(Sample.FrameOf(2000, 0, 5), 5500);
            heard = _ring.ReadNeeds(heard, window);
            Assert.That(window.DelayUs, Is.EqualTo(4500));
            Assert.That(_ring.ReadNeeds(heard, window), Is.EqualTo(heard));
        }

        [Test]
        public void TheDelayIsThe95thPercentileOfTheLast64()
        {
            DelayWindow window = new DelayWindow();
            for (int i = 0; i < 1000; i++)
            {
                window.Add(200000);
            }
            for (int i = 1; i <= 64; i++)
            {
                window.Add(i * 1000);
            }
            // 0.95 * 64 = 60.8
            Assert.That(window.DelayUs, Is.EqualTo(61000));
            for (int i = 0; i < 64; i++)
            {
                window.Add(9e9);
            }
            Assert.That(window.DelayUs, Is.EqualTo(250000), "at most 250 ms");
        }

        [Test]
        public void ReaderAndWriterNeverSeeHalfAFrame()
        {
            const int Frames = 20000;
            Thread writer = new Thread(() =>
            {
                Frame frame = Sample.FrameOf(0, 0, 5);
                for (int i = 1; i <= Frames; i++)
                {
                    frame.TUs = i;
                    frame.Poses[0].Root = new Vec3(i, i, i);
                    frame.Poses[0].SetBone(3, new Quat(i, i, i, i));
                    _ring.Push(frame, i);
                }
            });
            writer.Start();
            long known = 0;
            long last = 0;
            while (last < Frames)
            {
                known = _ring.CopyNewest(known, _copy);
                if (known == 0)
                {
                    continue;
                }
                Assert.That(_copy.TUs, Is.GreaterThanOrEqualTo(last));
                last = _copy.TUs;
                Assert.That(_copy.Poses[0].Root.Z, Is.EqualTo((float)last));
                Assert.That(_copy.Poses[0].BoneAt(3).W, Is.EqualTo((float)last));
            }
            writer.Join();
        }
    }
}
