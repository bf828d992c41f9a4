using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class SessionTests
    {
        private readonly byte[] _buffer = new byte[Session.SendBufferBytes];
        private Session _session;

        [SetUp]
        public void Begin()
        {
            _session = new Session(new Subscription(), 0);
        }

        [Test]
        public void ABoneThatIsItsOwnParentIsRefused()
        {
            byte[] hello = Sample.Hello(0, "cam");
            // The only integer of eight bytes of ones is the parent of the first bone, -1.
            int at = System.Array.LastIndexOf(hello, (byte)0xff);
            for (int i = 0; i < 8; i++)
            {
                Assert.That(hello[at - i], Is.EqualTo(0xff));
                hello[at - i] = 0;
            }
            WireException error = Assert.Throws<WireException>(() => Receive(hello, 0));
            Assert.That(error.Message, Is.EqualTo("bones: the parent of bone 0 is 0; it has to come before it"));
        }

        [Test]
        public void NothingIsSaidBeforeHello()
        {
            Assert.That(_session.Write(1000, _buffer), Is.EqualTo(0));
        }

        [Test]
        public void HelloComesFirst()
        {
            Assert.Throws<WireException>(() => Receive(Sample.Status("cam", "live", ""), 0));
        }

        [Test]
        public void HelloComesOnce()
        {
            Receive(Sample.Hello(0, "cam"), 0);
            Assert.Throws<WireException>(() => Receive(Sample.Hello(0, "cam"), 0));
        }

        [Test]
        public void ATimeIsAskedBeforeTheFirstStreamIsSubscribedTo()
        {
            Receive(Sample.Hello(0, "cam", "other"), 10);
            List<string> sent = Sent(10);
            Assert.That(sent.Count, Is.EqualTo(2));
            Assert.That(sent[0], Contains.Substring("time"));
            Assert.That(sent[1], Contains.Substring("subscribe"));
            Assert.That(sent[1], Contains.Substring("cam"));
            Assert.That(sent[1], Contains.Substring("bones"));
            Assert.That(!sent[1].Contains("other"));
        }

        [Test]
        public void TheStreamAskedForIsNamed()
        {
            Subscription wanted = new Subscription();
            wanted.Stream = "other";
            _session = new Session(wanted, 0);
            Receive(Sample.Hello(0, "cam", "other"), 10);
            Assert.That(Sent(10)[1], Contains.Substring("other"));
        }

        [Test]
        public void AServerWithoutStreamsIsAskedForAllAndTheFirstThatSendsIsTaken()
        {
            Receive(Sample.Hello(0), 10);
            Assert.That(Sent(10)[1], Contains.Substring("*"));
            Receive(Sample.Subscribed(1), 20);
            Assert.That(Receive(Sample.Frame(1, "late", 1, 5), 30), Is.EqualTo(MessageKind.Frame));
            Assert.That(Receive(Sample.Frame(1, "later", 1, 5), 40), Is.EqualTo(MessageKind.Unknown));
            Assert.That(Receive(Sample.Frame(1, "late", 2, 6), 50), Is.EqualTo(MessageKind.Frame));
        }

        [Test]
        public void TheTimeIsAskedFiveTimesIn250MsThenEveryTwoSeconds()
        {
            Receive(Sample.Hello(0, "cam"), 0);
            List<long> asked = new List<long>();
            for (long nowUs = 0; nowUs < 6500000; nowUs += 1000)
            {
                foreach (string message in Sent(nowUs))
                {
                    if (message.Contains("time"))
                    {
                        asked.Add(nowUs / 1000);
                    }
                }
            }
            Assert.That(asked, Is.EqualTo(new long[] { 0, 50, 100, 150, 200, 2200, 4200, 6200 }));
        }

        [Test]
        public void AnAnswerSetsTheClock()
        {
            Receive(Sample.Hello(7000000, "cam"), 1000);
            Assert.That(_session.Clock.OffsetUs, Is.EqualTo(6999000));
            Receive(Sample.Time(2000, 7001100, 7001200), 2300);
            Assert.That(_session.Clock.Ready);
            Assert.That(_session.Clock.OffsetUs, Is.EqualTo(6999000));
            Assert.That(_session.Clock.ErrorUs, Is.EqualTo(100));
        }

        [Test]
        public void FramesOfTheStreamAreTakenOthersNot()
        {
            Subscribe();
            Assert.That(Receive(Sample.Frame(1, "cam", 8, 5), 30), Is.EqualTo(MessageKind.Frame));
            Assert.That(_session.Frame.Seq, Is.EqualTo(8));
            Assert.That(_session.Frame.Poses[0].Root, Is.EqualTo(new Vec3(1, 2, 3)));
            Assert.That(Receive(Sample.Frame(1, "other", 9, 5), 30), Is.EqualTo(MessageKind.Unknown));
            Assert.That(Receive(Sample.Frame(2, "cam", 9, 5), 30), Is.EqualTo(MessageKind.Unknown));
        }

        [Test]
        public void AFrameBeforeTheAnswerIsRefused()
        {
            Receive(Sample.Hello(0, "cam"), 10);
            Assert.Throws<WireException>(() => Receive(Sample.Frame(1, "cam", 8, 5), 30));
        }

        [Test]
        public void AnErrorToTheSubscriptionIsItsRefusal()
        {
            Receive(Sample.Hello(0, "cam"), 10);
            Sent(10);
            Assert.That(Receive(Sample.Error(1, "unknown_field", "no field 'x'"), 20), Is.EqualTo(MessageKind.Error));
            Assert.That(_session.Refusal.Code, Is.EqualTo("unknown_field"));
        }

        [Test]
        public void AnErrorOfNothingInParticularIsARefusalOnlyBeforeTheSubscription()
        {
            Receive(Sample.Hello(0, "cam"), 10);
            Assert.That(Receive(Sample.Error(-1, "malformed", "x"), 20), Is.EqualTo(MessageKind.Error));
            Subscribe();
            Assert.That(Receive(Sample.Error(-1, "internal", "x"), 20), Is.EqualTo(MessageKind.Unknown));
            Assert.That(_session.Refusal, Is.Null);
        }

        [Test]
        public void StatusAndDroppedOfTheStreamAreKept()
        {
            Subscribe();
            Assert.That(Receive(Sample.Status("other", "lost", "x"), 30), Is.EqualTo(MessageKind.Unknown));
            Assert.That(_session.StreamStatus, Is.Null);
            Assert.That(Receive(Sample.Status("cam", "lost", "unplugged"), 30), Is.EqualTo(MessageKind.Status));
            Assert.That(_session.StreamStatus.State, Is.EqualTo(StreamState.Lost));
            Assert.That(_session.StreamStatus.Detail, Is.EqualTo("unplugged"));
            Assert.That(Receive(Sample.Dropped(1, "other", 9), 30), Is.EqualTo(MessageKind.Unknown));
            Assert.That(Receive(Sample.Dropped(1, "cam", 4), 30), Is.EqualTo(MessageKind.Dropped));
            Assert.That(_session.Dropped, Is.EqualTo(4));
        }

        [Test]
        public void StreamsThatComeAndGoDoSoInHello()
        {
            Subscribe();
            Hello first = _session.Hello;
            Assert.That(Receive(Sample.Come("hall.cam"), 30), Is.EqualTo(MessageKind.Unknown));
            Assert.That(Streams(), Is.EqualTo("cam hall.cam"));
            Assert.That(_session.Hello.Streams[1].Node, Is.EqualTo("hall"));
            Assert.That(_session.Hello.Bones, Is.SameAs(first.Bones));
            Receive(Sample.Come("hall.cam"), 30);
            Receive(Sample.Status("hall.cam", "lost", "unplugged"), 30);
            Receive(Sample.Gone("never", ""), 30);
            Assert.That(Streams(), Is.EqualTo("cam hall.cam"));
            Receive(Sample.Gone("cam", ""), 30);
            Receive(Sample.Come("cam"), 30);
            Assert.That(Streams(), Is.EqualTo("hall.cam cam"));
            Assert.That(first.Streams.Length, Is.EqualTo(1), "whoever holds it isn't disturbed");
            for (int i = 0; i < 100; i++)
            {
                Receive(Sample.Come("s" + i), 30);
            }
            Assert.That(_session.Hello.Streams.Length, Is.EqualTo(Limits.MaxStreams));
        }

        [Test]
        public void AStreamThatComesBackHasFramesAgainAndIsNotAskedForAnew()
        {
            Subscribe();
            Receive(Sample.Frame(1, "cam", 900, 5), 30);
            Receive(Sample.Dropped(1, "cam", 4), 30);
            Assert.That(Receive(Sample.Gone("cam", "node hall has left"), 30), Is.EqualTo(MessageKind.Status));
            Assert.That(_session.StreamStatus.Gone);
            Assert.That(Receive(Sample.Come("cam"), 40), Is.EqualTo(MessageKind.Status));
            Assert.That(Receive(Sample.Frame(1, "cam", 1, 6), 50), Is.EqualTo(MessageKind.Frame));
            Receive(Sample.Dropped(1, "cam", 1), 50);
            Assert.That(_session.Dropped, Is.EqualTo(5));
            Assert.That(Sent(60).FindAll(message => message.Contains("subscribe")), Is.Empty);
        }

        [Test]
        public void AStreamThatWasThereBeforeIsWaitedFor()
        {
            Subscription wanted = new Subscription();
            wanted.Stream = "hall.cam";
            _session = new Session(wanted, 0, true);
            Receive(Sample.Hello(0, "cam"), 10);
            Sent(10);
            Assert.That(Receive(Sample.Error(1, "unknown_stream", "no stream 'hall.cam'"), 20), Is.EqualTo(MessageKind.Status));
            Assert.That(_session.StreamStatus.Gone && _session.IsAway);
            Assert.That(_session.Refusal, Is.Null);
            Receive(Sample.Come("other"), 9000000);
            Assert.That(_session.Overdue(9000000), Is.Null);
            Assert.That(Sent(9000000).FindAll(message => message.Contains("subscribe")), Is.Empty);
            Receive(Sample.Come("hall.cam"), 9000010);
            Assert.That(Sent(9000020).FindAll(message => message.Contains("subscribe")).Count, Is.EqualTo(1));
            Assert.That(!_session.IsAway);
        }

        [Test]
        public void AnUnknownTypeIsIgnored()
        {
            Subscribe();
            byte[] later = new Pack().Map(2).Text("type").Text("later").Text("x").Int(1).Bytes;
            Assert.That(Receive(later, 30), Is.EqualTo(MessageKind.Unknown));
        }

        [Test]
        public void SilenceForFiveSecondsIsOverdue()
        {
            Assert.That(_session.Overdue(4999999), Is.Null);
            Assert.That(_session.NextUs, Is.EqualTo(5000000));
            Assert.That(_session.Overdue(5000000), Contains.Substring("5 s"));
            Subscribe();
            Receive(Sample.Time(0, 0, 0), 8000000);
            Assert.That(_session.Overdue(12999999), Is.Null);
            Assert.That(_session.Overdue(13000000), Is.EqualTo("nothing came for 5 s"));
        }

        [Test]
        public void AnUnansweredSubscriptionIsOverdueThoughTheTimeIsAnswered()
        {
            Receive(Sample.Hello(0, "cam"), 0);
            Sent(0);
            Receive(Sample.Time(0, 0, 0), 4000000);
            Assert.That(_session.Overdue(4999999), Is.Null);
            Assert.That(_session.Overdue(5000000), Contains.Substring("subscription"));
        }

        [Test]
        public void TheLargestSubscriptionFitsTheBuffer()
        {
            Subscription wanted = new Subscription();
            wanted.Stream = new string('\u20ac', Limits.MaxNameLength);
            wanted.Fields = new string[Limits.MaxFields];
            wanted.MaxFps = 12.5;
            wanted.Dtype = Dtype.F16;
            for (int i = 0; i < wanted.Fields.Length; i++)
            {
                wanted.Fields[i] = new string('\u20ac', Limits.MaxNameLength);
            }
            Assert.That(wanted.Problem(), Is.Null);
            _session = new Session(wanted, 0);
            Receive(Sample.Hello(0, "cam"), 0);
            Assert.That(Sent(0)[1], Contains.Substring("f16"));
        }

        [Test]
        public void AFaultySubscriptionIsNamed()
        {
            Assert.That(new Subscription().Problem(), Is.Null);
            Assert.That(With(s => s.Stream = new string('x', 65)), Contains.Substring("65 characters; at most 64"));
            Assert.That(With(s => s.Stream = null), Is.Not.Null);
            Assert.That(With(s => s.Fields = null), Contains.Substring("0 fields; 1 to 16"));
            Assert.That(With(s => s.Fields = new string[17]), Contains.Substring("17 fields"));
            Assert.That(With(s => s.Fields = new[] { "" }), Contains.Substring("names of 1 to 64"));
            Assert.That(With(s => s.MaxFps = 1001), Contains.Substring("1001 frames a second; from 0.01 to 1000"));
            Assert.That(With(s => s.MaxFps = -1), Is.Not.Null);
            Assert.That(With(s => s.MaxFps = double.NaN), Is.Not.Null);
        }

        private static string With(System.Action<Subscription> change)
        {
            Subscription subscription = new Subscription();
            change(subscription);
            return subscription.Problem();
        }

        private string Streams()
        {
            return string.Join(" ", Array.ConvertAll(_session.Hello.Streams, stream => stream.Id));
        }

        private void Subscribe()
        {
            _session = new Session(new Subscription(), 0);
            Receive(Sample.Hello(0, "cam"), 10);
            Sent(10);
            Assert.That(Receive(Sample.Subscribed(7), 20), Is.EqualTo(MessageKind.Unknown), "not ours");
            Assert.That(Receive(Sample.Subscribed(1), 20), Is.EqualTo(MessageKind.Subscribed));
        }

        private MessageKind Receive(byte[] data, long nowUs)
        {
            return _session.Receive(data, 0, data.Length, nowUs);
        }

        private List<string> Sent(long nowUs)
        {
            List<string> sent = new List<string>();
            int count;
            while ((count = _session.Write(nowUs, _buffer)) > 0)
            {
                sent.Add(Encoding.UTF8.GetString(_buffer, 0, count));
            }
            return sent;
        }
    }
}
