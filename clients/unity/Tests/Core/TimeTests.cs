using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class TimeTests
    {
        [Test]
        public void TheShortestRoundTripOfTheLastEightCounts()
        {
            ClockSync clock = new ClockSync();
            // The server is 5000 ahead; a way of 10 there and 90 back bends the estimate by -40.
            clock.Add(Reply(1000, 6010, 6020), 1110);
            Assert.That(clock.OffsetUs, Is.EqualTo(4960));
            Assert.That(clock.ErrorUs, Is.EqualTo(50));
            clock.Add(Reply(2000, 7005, 7005), 2010);
            Assert.That(clock.OffsetUs, Is.EqualTo(5000));
            Assert.That(clock.ErrorUs, Is.EqualTo(5));
            for (int i = 0; i < 7; i++)
            {
                clock.Add(Reply(3000, 8100, 8100), 3200);
                Assert.That(clock.ErrorUs, Is.EqualTo(5));
            }
            clock.Add(Reply(3000, 8100, 8100), 3200);
            Assert.That(clock.ErrorUs, Is.EqualTo(100));
        }

        [Test]
        public void BeforeTheFirstExchangeHelloHasToDo()
        {
            ClockSync clock = new ClockSync();
            clock.Add(Reply(0, 0, 0), 0);
            clock.Restart(9000, 1000);
            Assert.That(!clock.Ready);
            Assert.That(clock.OffsetUs, Is.EqualTo(8000));
            Assert.That(double.IsPositiveInfinity(clock.ErrorUs));
        }

        [Test]
        public void TheWholeRangeOfTimesFits()
        {
            ClockSync clock = new ClockSync();
            clock.Add(Reply(0, long.MaxValue, long.MaxValue), 10);
            Assert.That(clock.OffsetUs, Is.EqualTo((double)long.MaxValue).Within(1e4));
        }

        [Test]
        public void PausesGrowAndAreShortenedByHalfAtMost()
        {
            for (int seed = 0; seed < 50; seed++)
            {
                Backoff backoff = new Backoff(new Random(seed));
                foreach (int wholeMs in new[] { 250, 500, 1000, 2000, 4000, 5000, 5000 })
                {
                    Assert.That(backoff.Next(), Is.InRange(wholeMs / 2, wholeMs));
                }
                backoff.Reset();
                Assert.That(backoff.Next(), Is.InRange(125, 250));
            }
        }

        [Test]
        public void PausesDiffer()
        {
            Backoff one = new Backoff(new Random(1));
            Backoff other = new Backoff(new Random(2));
            Assert.That(one.Next(), Is.Not.EqualTo(other.Next()));
        }

        [Test]
        public void RateAndAgeAreOfTheLastSecond()
        {
            ArrivalWindow window = new ArrivalWindow();
            for (int i = 0; i < 60; i++)
            {
                window.Add(i * 50000, i);
            }
            Assert.That(window.CountIn(59 * 50000), Is.EqualTo(20));
            Assert.That(window.MedianAgeMs(59 * 50000), Is.EqualTo(50));
            Assert.That(window.CountIn(59 * 50000 + 500000), Is.EqualTo(10));
            Assert.That(window.CountIn(60 * 1000000), Is.EqualTo(0));
            Assert.That(window.MedianAgeMs(60 * 1000000), Is.NaN);
        }

        [Test]
        public void TheRankIsThatOfASortedList()
        {
            Random random = new Random(1);
            for (int round = 0; round < 500; round++)
            {
                float[] numbers = new float[random.Next(1, 70)];
                for (int i = 0; i < numbers.Length; i++)
                {
                    numbers[i] = random.Next(30);
                }
                float[] sorted = (float[])numbers.Clone();
                Array.Sort(sorted);
                int rank = random.Next(numbers.Length);
                Assert.That(Rank.Of(numbers, numbers.Length, rank), Is.EqualTo(sorted[rank]));
            }
        }

        [Test]
        public void MoreThanTheWindowHoldsIsForgotten()
        {
            ArrivalWindow window = new ArrivalWindow();
            for (int i = 0; i < 5000; i++)
            {
                window.Add(i, i);
            }
            Assert.That(window.CountIn(5000), Is.EqualTo(1024));
        }

        [Test]
        public void TheClockGoesOn()
        {
            long before = MonotonicClock.NowUs;
            while (MonotonicClock.NowUs == before)
            {
            }
            Assert.That(MonotonicClock.NowUs, Is.GreaterThan(before));
        }

        private static TimeReply Reply(long t0Us, long t1Us, long t2Us)
        {
            TimeReply reply = new TimeReply();
            reply.T0Us = t0Us;
            reply.T1Us = t1Us;
            reply.T2Us = t2Us;
            return reply;
        }
    }
}
