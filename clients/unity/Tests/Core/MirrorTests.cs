using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class MirrorTests
    {
        private readonly Mirror _mirror = new Mirror(MakeHello(), MakeSubscribed());
        private readonly Pose _pose = MakePose();
        private readonly Pose _image = new Pose();

        [Test]
        public void LeftAndRightBonesChangePlacesReflected()
        {
            _mirror.Apply(_pose, _image);
            Assert.That(_image.BoneAt(3), Is.EqualTo(new Quat(0.1f, -0.2f, -0.3f, 0.4f)));
            Assert.That(_image.BoneAt(0), Is.EqualTo(new Quat(0.5f, -0.5f, 0.5f, 0.5f)));
            Assert.That(_image.Held[3] && !_image.Held[2]);
            Assert.That(_image.RestAt(3), Is.EqualTo(new Vec3(-0.7f, 0.1f, 0.2f)));
            Assert.That(_image.Root, Is.EqualTo(new Vec3(-1, 2, 3)));
            Assert.That(_image.RightContact && !_image.LeftContact);
        }

        [Test]
        public void LandmarksChangePlacesAndTheMiddleStays()
        {
            _mirror.Apply(_pose, _image);
            Assert.That(_image.WorldAt(2), Is.EqualTo(new Vec3(-0.5f, 0.6f, 0.7f)));
            Assert.That(_image.WorldVisibility(2), Is.EqualTo(0.8f));
            Assert.That(_image.WorldAt(0), Is.EqualTo(new Vec3(-0.25f, 0, 0)));
            Assert.That(_image.ImageAt(1).X, Is.EqualTo(0.75f));
        }

        [Test]
        public void AnglesOfLimbsChangePlacesThoseOfTheTrunkTheirSign()
        {
            _mirror.Apply(_pose, _image);
            Assert.That(_image.Angles[0], Is.EqualTo(20));
            Assert.That(_image.Angles[1], Is.EqualTo(10));
            Assert.That(_image.Angles[2], Is.EqualTo(-5));
            Assert.That(_image.Angles[3], Is.EqualTo(7));
        }

        [Test]
        public void TwiceIsAsBefore()
        {
            Frame frame = new Frame();
            frame.Count = 1;
            frame.TUs = 9;
            frame.Poses[0].CopyFrom(_pose);
            Frame once = new Frame();
            Frame twice = new Frame();
            _mirror.Apply(frame, once);
            _mirror.Apply(once, twice);
            Assert.That(twice.TUs, Is.EqualTo(9));
            Assert.That(twice.Poses[0].World, Is.EqualTo(_pose.World));
            Assert.That(twice.Poses[0].Image, Is.EqualTo(_pose.Image));
            Assert.That(twice.Poses[0].Bones, Is.EqualTo(_pose.Bones));
            Assert.That(twice.Poses[0].Rest, Is.EqualTo(_pose.Rest));
            Assert.That(twice.Poses[0].Angles, Is.EqualTo(_pose.Angles));
            Assert.That(twice.Poses[0].Held, Is.EqualTo(_pose.Held));
        }

        [Test]
        public void AMirroredBodyIsTheBodyMirrored()
        {
            Kinematics body = new Kinematics(Sample.Tree());
            Kinematics mirrored = new Kinematics(Sample.Tree());
            Pose pose = Sample.FrameOf(0, 1, 5).Poses[0];
            pose.SetBone(0, Sample.Turn(25));
            pose.SetBone(1, new Quat(0.1f, 0.2f, 0.3f, 0.9f).Normalized);
            body.Solve(pose);
            _mirror.Apply(pose, _image);
            mirrored.Solve(_image);
            int[] partners = { 0, 1, 3, 2 };
            for (int bone = 0; bone < partners.Length; bone++)
            {
                Vec3 expected = Mirror.Reflect(body.Positions[partners[bone]]);
                Assert.That((mirrored.Positions[bone] - expected).Length, Is.LessThan(1e-5f));
            }
        }

        private static Hello MakeHello()
        {
            Hello hello = new Hello();
            hello.Bones = Sample.Tree();
            hello.Skeleton = new Skeleton();
            hello.Skeleton.Landmarks = new[] { "nose", "mouth_left", "mouth_right" };
            hello.Angles = new[] { "left_knee_flexion", "right_knee_flexion", "trunk_lean_left", "neck_flexion" };
            return hello;
        }

        private static Subscribed MakeSubscribed()
        {
            Subscribed subscribed = new Subscribed();
            subscribed.Landmarks = new[] { 0, 1, 2 };
            return subscribed;
        }

        private static Pose MakePose()
        {
            Pose pose = new Pose();
            pose.BoneCount = 4;
            pose.SetBone(0, new Quat(0.5f, 0.5f, -0.5f, 0.5f));
            pose.SetBone(2, new Quat(0.1f, 0.2f, 0.3f, 0.4f));
            pose.Held[2] = true;
            pose.RestCount = 4;
            pose.Rest[6] = 0.7f;
            pose.Rest[7] = 0.1f;
            pose.Rest[8] = 0.2f;
            pose.Root = new Vec3(1, 2, 3);
            pose.LeftContact = true;
            pose.WorldCount = 3;
            pose.World[0] = 0.25f;
            pose.World[4] = 0.5f;
            pose.World[5] = 0.6f;
            pose.World[6] = 0.7f;
            pose.World[7] = 0.8f;
            pose.ImageCount = 3;
            pose.Image[8] = 0.25f;
            pose.AngleCount = 4;
            pose.Angles[0] = 10;
            pose.Angles[1] = 20;
            pose.Angles[2] = 5;
            pose.Angles[3] = 7;
            return pose;
        }
    }
}
