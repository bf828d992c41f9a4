using NUnit.Framework;

namespace Posewire.Core.Tests
{
    /// <summary>What needs no network; tests/clients/test_unity_core.py of the repository has the rest.</summary>
    public sealed class ReceiverTests
    {
        private Board _board;

        [SetUp]
        public void Begin()
        {
            _board = new Board();
        }

        [Test]
        public void ANewConnectionForgetsFramesOnceItIsSubscribed()
        {
            Session first = Connect(1000000);
            Give(first, Sample.Frame(1, "cam", 7, 900000), 0);
            Assert.That(_board.Received, Is.EqualTo(1));
            Assert.That(_board.LatencyMs(1), Is.EqualTo(100).Within(0.01));
            Assert.That(_board.Rate(1), Is.EqualTo(1));
            long shown = _board.Ring.Newest;
            _board.Enter(ConnectionState.Lost, "gone");
            Assert.That(_board.Ring.Newest, Is.EqualTo(shown), "still there to be shown");
            Connect(5000);
            Assert.That(_board.Ring.Newest, Is.EqualTo(0), "of another clock");
            Assert.That(_board.State, Is.EqualTo(ConnectionState.Live));
            Assert.That(_board.Reason, Is.EqualTo(""));
        }

        [Test]
        public void FramesAreShownByTheClockTheyAreOf()
        {
            Give(Connect(1000000), Sample.Frame(1, "cam", 7, 900000), 0);
            Session second = new Session(new Subscription(), 0);
            Give(second, Sample.Hello(5000, "cam"), 0);
            Assert.That(_board.OffsetUs, Is.EqualTo(1000000));
            Give(second, Sample.Subscribed(1), 0);
            Assert.That(_board.OffsetUs, Is.EqualTo(5000));
        }

        [Test]
        public void DroppedIsCountedOverAllConnections()
        {
            Session first = Connect(0);
            Give(first, Sample.Dropped(1, "cam", 4), 0);
            Give(first, Sample.Dropped(1, "cam", 6), 0);
            Session second = Connect(0);
            Assert.That(_board.Dropped, Is.EqualTo(6));
            Give(second, Sample.Dropped(1, "cam", 1), 0);
            Assert.That(_board.Dropped, Is.EqualTo(7));
        }

        [Test]
        public void AStatusIsOfItsConnection()
        {
            Give(Connect(0), Sample.Status("cam", "lost", "unplugged"), 0);
            Assert.That(_board.StreamStatus.Detail, Is.EqualTo("unplugged"));
            Connect(0);
            Assert.That(_board.StreamStatus, Is.Null);
        }

        [Test]
        public void AStreamThatIsAwayIsNoFaultOfTheConnection()
        {
            Session session = new Session(new Subscription(), 0, true);
            Give(session, Sample.Hello(0, "cam"), 0);
            _board.Enter(ConnectionState.Lost, "gone");
            Give(session, Sample.Error(1, "unknown_stream", "no stream 'cam'"), 0);
            Assert.That(_board.State, Is.EqualTo(ConnectionState.Live));
            Assert.That(_board.StreamStatus.Gone);
        }

        [Test]
        public void WhenAStreamIsBackItsFramesOfBeforeAreForgotten()
        {
            Session session = Connect(1000000);
            Give(session, Sample.Frame(1, "cam", 7, 900000), 0);
            Give(session, Sample.Gone("cam", "node hall has left"), 0);
            Assert.That(_board.Hello.Streams, Is.Empty);
            Assert.That(_board.Ring.Newest, Is.EqualTo(1), "still there to be shown");
            int epoch = _board.Ring.Epoch;
            Give(session, Sample.Come("cam"), 0);
            Assert.That(_board.Hello.Streams.Length, Is.EqualTo(1));
            Assert.That(_board.Ring.Newest, Is.EqualTo(0));
            Assert.That(_board.Ring.Epoch, Is.EqualTo(epoch + 1));
        }

        [Test]
        public void AFaultySettingIsRefusedWithoutAThread()
        {
            ReceiverOptions options = new ReceiverOptions();
            options.Address = "ftp://host/";
            using (Receiver receiver = new Receiver(options))
            {
                Assert.That(receiver.State, Is.EqualTo(ConnectionState.Off));
                receiver.Start();
                Assert.That(receiver.State, Is.EqualTo(ConnectionState.Refused));
                Assert.That(receiver.Reason, Contains.Substring("ftp://host/"));
                Assert.That(!receiver.IsRunning);
            }
        }

        [Test]
        public void WhatWasStoppedIsNotStartedAgain()
        {
            Receiver receiver = new Receiver(new ReceiverOptions());
            receiver.Stop();
            receiver.Start();
            receiver.Stop();
            receiver.Dispose();
            Assert.That(receiver.State, Is.EqualTo(ConnectionState.Off));
            Assert.That(!receiver.IsRunning);
        }

        [Test]
        public void OptionsAreReadOnce()
        {
            ReceiverOptions options = new ReceiverOptions();
            using (Receiver receiver = new Receiver(options))
            {
                options.Address = "ftp://host/";
                options.Subscription.Fields = null;
                receiver.Start();
                Assert.That(receiver.State, Is.Not.EqualTo(ConnectionState.Refused));
            }
        }

        private Session Connect(long serverNowUs)
        {
            Session session = new Session(new Subscription(), 0);
            Give(session, Sample.Hello(serverNowUs, "cam"), 0);
            Give(session, Sample.Subscribed(1), 0);
            return session;
        }

        private void Give(Session session, byte[] message, long nowUs)
        {
            _board.Take(session.Receive(message, 0, message.Length, nowUs), session, nowUs);
        }
    }
}
