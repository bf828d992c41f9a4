using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class AllocationTests
    {
        private const int WarmUp = 200;
        private const int Frames = 2000;

        [TestCase(PlayoutMode.Latest)]
        [TestCase(PlayoutMode.Smooth)]
        public void FromBytesToTheFrameShownNothingIsAllocated(PlayoutMode mode)
        {
            if (!Counts())
            {
                Assert.Ignore("this runtime doesn't count what a thread allocates");
            }
            Session session = new Session(new Subscription(), 0);
            byte[] hello = Sample.Hello(0, "cam");
            byte[] subscribed = Sample.Subscribed(1);
            session.Receive(hello, 0, hello.Length, 0);
            session.Receive(subscribed, 0, subscribed.Length, 0);
            Board board = new Board();
            Playout playout = new Playout(board.Ring, mode);
            Playback playback = new Playback(session, board, playout);
            playback.Run(WarmUp);
            long before = GC.GetAllocatedBytesForCurrentThread();
            playback.Run(Frames);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.EqualTo(0));
            Assert.That(playback.Shown, Is.GreaterThan(Frames));
        }

        private static bool Counts()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            byte[] bytes = new byte[1000];
            return GC.GetAllocatedBytesForCurrentThread() - before >= bytes.Length;
        }

        /// <summary>Frames that are received, followed, mirrored and solved as an avatar needs it.</summary>
        private sealed class Playback
        {
            private readonly Session _session;
            private readonly Board _board;
            private readonly Playout _playout;
            private readonly Follower _follower = new Follower(0);
            private readonly Stage _stage = new Stage();
            private readonly Kinematics _kinematics;
            private readonly Mirror _mirror;
            private readonly Frame _image = new Frame();
            private readonly byte[] _frame;
            private long _nowUs;

            public Playback(Session session, Board board, Playout playout)
            {
                _session = session;
                _board = board;
                _playout = playout;
                _kinematics = new Kinematics(session.Hello.Bones);
                _mirror = new Mirror(session.Hello, session.Subscribed);
                _frame = Sample.Frame(1, "cam", 1, 0);
            }

            public int Shown { get; private set; }

            public void Run(int frames)
            {
                for (int i = 0; i < frames; i++)
                {
                    _nowUs += 16000;
                    MessageKind kind = _session.Receive(_frame, 0, _frame.Length, _nowUs);
                    _session.Frame.TUs = _nowUs - 5000;
                    _board.Take(kind, _session, _nowUs);
                    Show(_nowUs + 1000);
                    Show(_nowUs + 9000);
                    _board.Rate(_nowUs);
                    _board.LatencyMs(_nowUs);
                }
            }

            private void Show(long nowUs)
            {
                Frame shown = _playout.Show(nowUs, nowUs);
                if (shown == null)
                {
                    return;
                }
                _mirror.Apply(shown, _image);
                Pose pose = _follower.Follow(_image);
                _kinematics.Solve(pose);
                _stage.Hips(pose, _session.Hello.Bones, RootMotion.Full, 1);
                Shown++;
            }
        }
    }
}
