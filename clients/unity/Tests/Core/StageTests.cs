using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class StageTests
    {
        // The person's hips are 1 m high at rest and in the picture.
        private readonly Pose _pose = Sample.FrameOf(0, 2, 5).Poses[0];
        private readonly Stage _stage = new Stage();

        [SetUp]
        public void Begin()
        {
            _stage.Reset();
            _pose.CopyFrom(Sample.FrameOf(0, 2, 5).Poses[0]);
        }

        [Test]
        public void TheOriginIsOnTheFloorUnderTheFirstPlace()
        {
            Near(Hips(RootMotion.Full, 1), new Vec3(0, 1, 0));
            _pose.Root = new Vec3(2.5f, 0.1f, -4);
            Near(Hips(RootMotion.Full, 1), new Vec3(0.5f, 0.9f, -1));
        }

        [Test]
        public void StepsAreScaledByHipHeight()
        {
            Hips(RootMotion.Full, 0.5f);
            _pose.Root = new Vec3(2.5f, 0.1f, -4);
            Near(Hips(RootMotion.Full, 0.5f), new Vec3(0.25f, 0.45f, -0.5f));
        }

        [Test]
        public void ThePersonsOwnHipHeightCounts()
        {
            _pose.RestCount = 4;
            _pose.Rest[1] = 2;
            Near(Hips(RootMotion.Full, 1), new Vec3(0, 0.5f, 0));
        }

        [Test]
        public void HeightStepsInPlace()
        {
            Hips(RootMotion.Height, 1);
            _pose.Root = new Vec3(2.5f, -0.2f, -4);
            Near(Hips(RootMotion.Height, 1), new Vec3(0, 0.6f, 0));
        }

        [Test]
        public void OffStaysAtRest()
        {
            _pose.Root = new Vec3(2.5f, -0.2f, -4);
            Near(Hips(RootMotion.Off, 0.7f), new Vec3(0, 0.7f, 0));
        }

        [Test]
        public void SomebodyNewHasAPlaceOfTheirOwn()
        {
            Hips(RootMotion.Full, 1);
            _pose.Root = new Vec3(5, 0.2f, -6);
            _stage.Reset();
            Near(Hips(RootMotion.Full, 1), new Vec3(0, 1, 0));
        }

        [Test]
        public void WithoutAFloorTheHipsAreAtRestHeight()
        {
            _pose.HasFloor = false;
            Near(Hips(RootMotion.Full, 0.5f), new Vec3(0, 0.5f, 0));
        }

        [Test]
        public void ANonsensicalHipHeightGivesNoScale()
        {
            _pose.RestCount = 4;
            _pose.Rest[1] = 0;
            Near(Hips(RootMotion.Full, 0.5f), new Vec3(0, 1, 0));
        }

        private Vec3 Hips(RootMotion motion, float avatarHipHeight)
        {
            return _stage.Hips(_pose, Sample.Tree(), motion, avatarHipHeight);
        }

        private static void Near(Vec3 actual, Vec3 expected)
        {
            Assert.That((actual - expected).Length, Is.LessThan(1e-5f), actual + " isn't " + expected);
        }
    }
}
