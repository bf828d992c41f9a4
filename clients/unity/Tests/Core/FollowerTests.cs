using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class FollowerTests
    {
        [Test]
        public void TheFirstByIdNotByPlace()
        {
            Assert.That(new Follower(0).Follow(Sample.FrameOf(0, 0, 9, 4, 6)).Id, Is.EqualTo(4));
            Assert.That(new Follower(1).Follow(Sample.FrameOf(0, 0, 9, 4, 6)).Id, Is.EqualTo(6));
            Assert.That(new Follower(2).Follow(Sample.FrameOf(0, 0, 9, 4, 6)).Id, Is.EqualTo(9));
            Assert.That(new Follower(3).Follow(Sample.FrameOf(0, 0, 9, 4, 6)), Is.Null);
        }

        [Test]
        public void SomebodyIsKeptThoughAnotherWithALowerIdIsThere()
        {
            Follower follower = new Follower(0);
            follower.Follow(Sample.FrameOf(0, 0, 7));
            Assert.That(follower.IsNew);
            Assert.That(follower.Follow(Sample.FrameOf(1000, 0, 3, 7)).Id, Is.EqualTo(7));
            Assert.That(!follower.IsNew);
            Assert.That(follower.Id, Is.EqualTo(7));
        }

        [Test]
        public void WhoIsGoneIsWaitedForASecond()
        {
            Follower follower = new Follower(0);
            follower.Follow(Sample.FrameOf(0, 0, 3, 7));
            Assert.That(follower.Follow(Sample.FrameOf(999999, 0, 7)), Is.Null);
            Assert.That(follower.Follow(Sample.FrameOf(999999, 0, 3, 7)).Id, Is.EqualTo(3), "back in time");
            Assert.That(follower.Follow(Sample.FrameOf(1999998, 0, 7)), Is.Null);
            Assert.That(follower.Follow(Sample.FrameOf(1999999, 0, 7)).Id, Is.EqualTo(7));
            Assert.That(follower.IsNew);
        }

        [Test]
        public void NobodyIsNobody()
        {
            Follower follower = new Follower(0);
            Assert.That(follower.Follow(Sample.FrameOf(0, 0)), Is.Null);
            Assert.That(follower.Id, Is.EqualTo(-1));
            follower.Follow(Sample.FrameOf(0, 0, 3));
            Assert.That(follower.Follow(Sample.FrameOf(2000000, 0)), Is.Null);
            Assert.That(follower.Id, Is.EqualTo(-1));
        }

        [Test]
        public void AClockThatBeganAnewEndsTheWait()
        {
            Follower follower = new Follower(0);
            follower.Follow(Sample.FrameOf(900000000, 0, 3));
            Assert.That(follower.Follow(Sample.FrameOf(1000, 0, 1)).Id, Is.EqualTo(1));
        }
    }
}
