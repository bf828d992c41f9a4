using System;
using NUnit.Framework;

namespace Posewire.Core.Tests
{
    public sealed class MathsTests
    {
        [Test]
        public void AxesBecomeUnitys()
        {
            Vec3 position = Axes.ToUnity(new Vec3(1, 2, 3));
            Assert.That(new[] { position.X, position.Y, position.Z }, Is.EqualTo(new[] { -1f, 2f, 3f }));
            Quat rotation = Axes.ToUnity(new Quat(0.1f, 0.2f, 0.3f, 0.4f));
            Assert.That(
                new[] { rotation.X, rotation.Y, rotation.Z, rotation.W }, Is.EqualTo(new[] { 0.1f, -0.2f, -0.3f, 0.4f }));
        }

        [Test]
        public void ToTurnAndConvertIsToConvertAndTurn()
        {
            Quat rotation = new Quat(0.3f, -0.2f, 0.5f, 0.7f).Normalized;
            Vec3 position = new Vec3(0.4f, -1.1f, 2.3f);
            Near(Axes.ToUnity(rotation * position), Axes.ToUnity(rotation) * Axes.ToUnity(position));
        }

        [Test]
        public void AQuarterTurnAboutY()
        {
            Near(Sample.Turn(90) * new Vec3(0, 0, 1), new Vec3(1, 0, 0));
            Near(Sample.Turn(90) * new Vec3(1, 0, 0), new Vec3(0, 0, -1));
        }

        [Test]
        public void AProductTurnsByTheRightFactorFirst()
        {
            Quat aboutX = new Quat((float)Math.Sqrt(0.5), 0, 0, (float)Math.Sqrt(0.5));
            Near((Sample.Turn(90) * aboutX) * new Vec3(0, 1, 0), Sample.Turn(90) * (aboutX * new Vec3(0, 1, 0)));
            Near((Sample.Turn(90) * aboutX) * new Vec3(0, 1, 0), new Vec3(1, 0, 0));
        }

        [Test]
        public void TheInverseTurnsBack()
        {
            Quat rotation = new Quat(0.3f, -0.2f, 0.5f, 0.7f).Normalized;
            Near(rotation.Inverse * (rotation * new Vec3(1, 2, 3)), new Vec3(1, 2, 3));
        }

        [TestCase(0f, 0f)]
        [TestCase(0.25f, 2.5f)]
        [TestCase(0.5f, 5f)]
        [TestCase(1f, 10f)]
        public void NlerpOfASmallStepIsSlerp(float share, float degrees)
        {
            Quat between = Quat.Nlerp(Quat.Identity, Sample.Turn(10), share);
            Assert.That(Quat.AngleDegrees(between, Sample.Turn(degrees)), Is.LessThan(0.01f));
        }

        [Test]
        public void NlerpGoesTheShorterWayAndIsNormalized()
        {
            Quat other = Sample.Turn(40);
            Quat between = Quat.Nlerp(Quat.Identity, new Quat(-other.X, -other.Y, -other.Z, -other.W), 0.5f);
            Assert.That(Quat.AngleDegrees(between, Sample.Turn(20)), Is.LessThan(0.01f));
            Assert.That(Quat.Dot(between, between), Is.EqualTo(1).Within(1e-6));
        }

        [Test]
        public void TheShortestArcTurnsOneDirectionIntoAnother()
        {
            Vec3[] directions =
            {
                new Vec3(1, 0, 0), new Vec3(-1, 0, 0), new Vec3(0, 1, 0), new Vec3(0, 0, -2), new Vec3(1, 2, -3),
                new Vec3(-1, -2, 3), new Vec3(1, 1e-4f, 0),
            };
            foreach (Vec3 from in directions)
            {
                foreach (Vec3 to in directions)
                {
                    Near(Quat.ShortestArc(from, to) * from.Normalized, to.Normalized);
                }
            }
        }

        [Test]
        public void KinematicsWalksDownTheTree()
        {
            Kinematics kinematics = new Kinematics(Sample.Tree());
            Pose pose = Sample.FrameOf(0, 1, 5).Poses[0];
            pose.SetBone(0, Sample.Turn(90));
            pose.SetBone(1, Sample.Turn(90));
            Assert.That(kinematics.Solve(pose));
            Near(kinematics.Positions[0], new Vec3(1, 0.2f, -3));
            Near(kinematics.Positions[1], new Vec3(1, 0.7f, -3));
            // Half a turn: the left hand is on the right now.
            Near(kinematics.Positions[2], new Vec3(0.3f, 0.8f, -3));
            Assert.That(Quat.AngleDegrees(kinematics.Rotations[3], Sample.Turn(180)), Is.LessThan(0.01f));
        }

        [Test]
        public void KinematicsTakesThePersonsOwnOffsets()
        {
            Kinematics kinematics = new Kinematics(Sample.Tree());
            Pose pose = Sample.FrameOf(0, 0, 5).Poses[0];
            pose.RestCount = 4;
            pose.Rest[3 * 1 + 1] = 0.25f;
            kinematics.Solve(pose);
            Near(kinematics.Positions[1], new Vec3(0, 0.45f, -3));
        }

        [Test]
        public void KinematicsRefusesAnotherNumberOfBones()
        {
            Pose pose = Sample.FrameOf(0, 0, 5).Poses[0];
            pose.BoneCount = 3;
            Assert.That(!new Kinematics(Sample.Tree()).Solve(pose));
        }

        private static void Near(Vec3 actual, Vec3 expected)
        {
            Assert.That((actual - expected).Length, Is.LessThan(1e-5f), actual + " isn't " + expected);
        }
    }
}
