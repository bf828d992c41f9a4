using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class PlayoutTests
    {
        private const double DisplayUs = 1e6 / 90;
        private const long FrameUs = 33333;

        private FrameRing _ring;
        private Playout _playout;

        [SetUp]
        public void Begin()
        {
            _ring = new FrameRing();
            _playout = new Playout(_ring, PlayoutMode.Smooth);
        }

        [Test]
        public void NothingIsShownBeforeTheFirstFrame()
        {
            Assert.That(Show(0), Is.Null);
            Assert.That(new Playout(_ring, PlayoutMode.Latest).Show(0, 0), Is.Null);
        }

        [Test]
        public void LatestShowsTheNewestAtOnce()
        {
            Playout latest = new Playout(_ring, PlayoutMode.Latest);
            Push(1000, 1, 1100);
            Assert.That(latest.Show(1100, 1100).TUs, Is.EqualTo(1000));
            Push(2000, 2, 2100);
            Push(3000, 3, 2100);
            Assert.That(latest.Show(2100, 2100).TUs, Is.EqualTo(3000));
            long number = latest.Number;
            Assert.That(latest.Show(9e9, 9e9).Poses[0].Root.X, Is.EqualTo(3));
            Assert.That(latest.Number, Is.EqualTo(number));
        }

        [Test]
        public void MotionIsInterpolatedForTheMoment()
        {
            // One metre a second, so the place tells the moment.
            Run(0, 5000000, 20000, shown =>
            {
                double expected = Math.Min(_playout.MomentUs, 1e9) / 1e6;
                Assert.That(shown.Poses[0].Root.X, Is.EqualTo(expected).Within(1e-3));
            });
            Assert.That(_playout.DelayUs, Is.EqualTo(FrameUs + 20000).Within(1));
        }

        [Test]
        public void TheMomentIsTheDelayBehindAndNeverGoesBack()
        {
            double last = double.NegativeInfinity;
            double now = Run(0, 4000000, 20000, shown =>
            {
                Assert.That(_playout.MomentUs, Is.GreaterThanOrEqualTo(last));
                last = _playout.MomentUs;
            });
            Assert.That(now - DisplayUs - _playout.MomentUs, Is.EqualTo(FrameUs + 20000).Within(100));
        }

        [Test]
        public void UnderJitterSpeedStaysWithinTenPercent()
        {
            Random random = new Random(3);
            double last = double.NaN;
            int steps = 0;
            int held = 0;
            Jittered(random, 12000000, 60000, moment =>
            {
                // Until the window has seen the jitter the newest frame may hold it; later that is what one in twenty does.
                if (moment > 3000000)
                {
                    Assert.That(moment - last, Is.InRange(0.0, 1.1 * DisplayUs + 1e-3));
                    held += moment - last < 0.9 * DisplayUs - 1e-3 ? 1 : 0;
                    steps++;
                }
                last = moment;
            });
            Assert.That(steps, Is.GreaterThan(700));
            Assert.That(held, Is.LessThan(steps / 20));
        }

        [Test]
        public void WhereNothingComesMotionHoldsAndGoesOnWithoutAJump()
        {
            double now = Run(0, 2000000, 10000, shown => { });
            long newest = Newest();
            for (double end = now + 300000; now < end; now += DisplayUs)
            {
                Frame shown = Show(now);
                Assert.That(_playout.MomentUs, Is.LessThanOrEqualTo(newest));
                Assert.That(shown.Poses[0].Root.X, Is.LessThanOrEqualTo(newest / 1e6 + 1e-4));
            }
            Assert.That(_playout.MomentUs, Is.EqualTo(newest));
            Assert.That(Show(now).Poses[0].Root.X, Is.EqualTo(newest / 1e6).Within(1e-4));
            double last = _playout.MomentUs;
            double lastNow = now;
            Run(now, now + 2000000, 10000, shown =>
            {
                Assert.That(_playout.MomentUs - last, Is.InRange(0.0, 1.1 * DisplayUs + 1));
                last = _playout.MomentUs;
            });
            Assert.That(_playout.MomentUs, Is.GreaterThan(lastNow + 1500000), "it caught up");
        }

        [Test]
        public void OffByMoreThanHalfASecondItIsSetAnew()
        {
            double now = Run(0, 1000000, 10000, shown => { });
            now += 2000000;
            for (int i = 0; i < 16; i++)
            {
                Push((long)now - 10000 - (15 - i) * FrameUs, 0, now);
            }
            Show(now);
            Assert.That(now - _playout.MomentUs, Is.LessThan(260000));
        }

        [TestCase(10000, 1.05)]
        [TestCase(-10000, 0.95)]
        [TestCase(300000, 1.1)]
        [TestCase(-300000, 0.9)]
        public void ABetterIdeaOfTheClockIsNoJump(int betterUs, double speed)
        {
            double now = Run(0, 4000000, 10000, shown => { });
            for (long t = Newest() + FrameUs; t < now + 400000; t += FrameUs)
            {
                // Arrivals as needed before: the delay stays.
                Push(t, 0, t + 10000);
            }
            double before = _playout.MomentUs;
            _playout.Show(now + betterUs, now);
            Assert.That(_playout.MomentUs - before, Is.EqualTo(speed * DisplayUs).Within(2));
        }

        [TestCase(600000)]
        [TestCase(-600000)]
        public void ATargetOffByMoreThanHalfASecondIsTakenAtOnce(int betterUs)
        {
            double now = Run(0, 4000000, 10000, shown => { });
            for (long t = Newest() + FrameUs; t < now + 800000; t += FrameUs)
            {
                Push(t, 0, t + 10000);
            }
            _playout.Show(now + betterUs, now);
            Assert.That(_playout.MomentUs, Is.EqualTo(now + betterUs - _playout.DelayUs).Within(1));
        }

        [Test]
        public void AClockThatWentBackIsFollowed()
        {
            Run(100000000, 102000000, 10000, shown => { });
            _ring.Clear();
            Assert.That(Show(5000000), Is.Null);
            double now = Run(5000000, 7000000, 10000, shown => { });
            Assert.That(now - _playout.MomentUs, Is.LessThan(60000));
        }

        [Test]
        public void AGapOfMoreThanHalfASecondIsntBridged()
        {
            Push(0, 0, 0);
            Push(600000, 10, 600000);
            Frame shown = Show(400000 + _playout.DelayUs);
            Assert.That(shown.TUs, Is.EqualTo(0));
            Assert.That(shown.Poses[0].Root.X, Is.EqualTo(0));
        }

        [Test]
        public void AGapOfLessIsBridged()
        {
            Push(0, 0, 0);
            Push(400000, 10, 400000);
            Frame shown = Show(300000);
            // The need was 400 ms, of which 250 are allowed.
            Assert.That(_playout.MomentUs, Is.EqualTo(50000).Within(1));
            Assert.That(shown.Poses[0].Root.X, Is.EqualTo(1.25).Within(1e-4));
        }

        [Test]
        public void PeopleAreMatchedByIdAndWhoIsOnlyEarlierIsShownAsThere()
        {
            _ring.Push(Sample.FrameOf(0, 0, 5, 6), 0);
            Frame next = Sample.FrameOf(20000, 8, 9, 5);
            next.Poses[0].Root = new Vec3(100, 0, 0);
            _ring.Push(next, 20000);
            Frame shown = Show(30000);
            Assert.That(_playout.MomentUs, Is.EqualTo(10000));
            Assert.That(shown.Count, Is.EqualTo(2));
            Assert.That(shown.Poses[0].Id, Is.EqualTo(5));
            Assert.That(shown.Poses[0].Root.X, Is.EqualTo(4).Within(1e-5));
            Assert.That(shown.Poses[1].Id, Is.EqualTo(6));
            Assert.That(shown.Poses[1].Root.X, Is.EqualTo(0));
        }

        [Test]
        public void EverythingOfAPoseIsInterpolatedAndRotationsAreNormalized()
        {
            Frame first = Full(0, 0, Quat.Identity);
            Frame second = Full(20000, 1, Sample.Turn(60));
            second.Poses[0].Angles[1] = float.NaN;
            _ring.Push(first, 0);
            _ring.Push(second, 20000);
            Pose pose = Show(30000).Poses[0];
            Assert.That(pose.World[3], Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(pose.Image[0], Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(pose.Rest[4], Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(pose.Floor, Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(pose.Angles[0], Is.EqualTo(0.5f).Within(1e-6));
            Assert.That(pose.Angles[1], Is.EqualTo(0f), "one that can't be told later stays");
            Assert.That(Quat.AngleDegrees(pose.BoneAt(2), Sample.Turn(30)), Is.LessThan(0.01f));
            Assert.That(Quat.Dot(pose.BoneAt(2), pose.BoneAt(2)), Is.EqualTo(1).Within(1e-6));
            Assert.That(pose.Held[1] && !pose.Held[2]);
        }

        private static Frame Full(long tUs, float value, Quat turn)
        {
            Frame frame = Sample.FrameOf(tUs, value, 5);
            Pose pose = frame.Poses[0];
            pose.WorldCount = pose.ImageCount = 2;
            pose.RestCount = 4;
            pose.AngleCount = 2;
            pose.Floor = value;
            pose.Held[value > 0 ? 2 : 1] = true;
            foreach (float[] numbers in new[] { pose.World, pose.Image, pose.Rest, pose.Angles })
            {
                for (int i = 0; i < numbers.Length; i++)
                {
                    numbers[i] = value;
                }
            }
            for (int bone = 0; bone < pose.BoneCount; bone++)
            {
                pose.SetBone(bone, turn);
            }
            return frame;
        }

        private void Push(long tUs, float x, double arrivalUs)
        {
            _ring.Push(Sample.FrameOf(tUs, x, 5), arrivalUs);
        }

        private Frame Show(double nowUs)
        {
            return _playout.Show(nowUs, nowUs);
        }

        private long Newest()
        {
            Frame frame = new Frame();
            _ring.CopyNewest(0, frame);
            return frame.TUs;
        }

        /// <summary>A stream that arrives `lateUs` after capture, shown at 90 Hz. Returns the time after the last.</summary>
        private double Run(double fromUs, double toUs, long lateUs, Action<Frame> check)
        {
            double now = fromUs;
            long next = (long)fromUs;
            for (; now < toUs; now += DisplayUs)
            {
                for (; next + lateUs <= now; next += FrameUs)
                {
                    Push(next, next / 1e6f, next + lateUs);
                }
                Frame shown = Show(now);
                if (shown != null)
                {
                    check(shown);
                }
            }
            return now;
        }

        private void Jittered(Random random, double toUs, int jitterUs, Action<double> check)
        {
            long next = 0;
            double arrival = 0;
            for (double now = 0; now < toUs; now += DisplayUs)
            {
                while (arrival <= now)
                {
                    Push(next, 0, arrival);
                    next += FrameUs;
                    arrival = Math.Max(arrival, next + 10000 + random.Next(jitterUs));
                }
                if (Show(now) != null)
                {
                    check(_playout.MomentUs);
                }
            }
        }
    }
}
