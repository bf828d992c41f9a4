using System;

namespace Posewire.Core
{
    /// <summary>One person of a frame, in the wire's axes. A buffer that is filled again and again: keep a copy
    /// (<see cref="CopyFrom"/>), not the object.</summary>
    public sealed class Pose
    {
        /// <summary>Stays with a person from frame to frame.</summary>
        public long Id;

        /// <summary>Confidence, 0 to 1.</summary>
        public float Score;

        /// <summary>Rows of image, 0 where the frame has none; x, y as fractions of the picture, z, visibility.</summary>
        public int ImageCount;

        /// <summary>Rows of world, 0 where the frame has none; x, y, z in metres, visibility.</summary>
        public int WorldCount;

        /// <summary>Rows of bones, 0 where the frame has none; local rotations x, y, z, w.</summary>
        public int BoneCount;

        /// <summary>Rows of rest, 0 where the frame has none; x, y, z in metres.</summary>
        public int RestCount;

        /// <summary>Numbers of angles, 0 where the frame has none; degrees, NaN where it can't be told.</summary>
        public int AngleCount;

        public readonly float[] Image = new float[4 * Limits.MaxLandmarks];
        public readonly float[] World = new float[4 * Limits.MaxLandmarks];
        public readonly float[] Bones = new float[4 * Limits.MaxBones];
        public readonly float[] Rest = new float[3 * Limits.MaxBones];
        public readonly float[] Angles = new float[Limits.MaxAngles];

        /// <summary>For each bone whether it isn't measured in this frame; with bones.</summary>
        public readonly bool[] Held = new bool[Limits.MaxBones];

        /// <summary>Where the hips are, metres from the camera; with bones.</summary>
        public Vec3 Root;
        public bool LeftContact;
        public bool RightContact;
        public bool HasFloor;

        /// <summary>Height of the floor in the axes of Root; where HasFloor.</summary>
        public float Floor;

        public Vec3 ImageAt(int row)
        {
            return new Vec3(Image[4 * row], Image[4 * row + 1], Image[4 * row + 2]);
        }

        public float ImageVisibility(int row)
        {
            return Image[4 * row + 3];
        }

        public Vec3 WorldAt(int row)
        {
            return new Vec3(World[4 * row], World[4 * row + 1], World[4 * row + 2]);
        }

        public float WorldVisibility(int row)
        {
            return World[4 * row + 3];
        }

        /// <summary>A bone's rotation in its parent's axes.</summary>
        public Quat BoneAt(int bone)
        {
            return new Quat(Bones[4 * bone], Bones[4 * bone + 1], Bones[4 * bone + 2], Bones[4 * bone + 3]);
        }

        public void SetBone(int bone, Quat rotation)
        {
            Bones[4 * bone] = rotation.X;
            Bones[4 * bone + 1] = rotation.Y;
            Bones[4 * bone + 2] = rotation.Z;
            Bones[4 * bone + 3] = rotation.W;
        }

        /// <summary>A bone's offset from its parent in this person's T-pose.</summary>
        public Vec3 RestAt(int bone)
        {
            return new Vec3(Rest[3 * bone], Rest[3 * bone + 1], Rest[3 * bone + 2]);
        }

        /// <summary>Become a copy of another.</summary>
        public void CopyFrom(Pose other)
        {
            Id = other.Id;
            Score = other.Score;
            ImageCount = other.ImageCount;
            WorldCount = other.WorldCount;
            BoneCount = other.BoneCount;
            RestCount = other.RestCount;
            AngleCount = other.AngleCount;
            Buffer.BlockCopy(other.Image, 0, Image, 0, 16 * ImageCount);
            Buffer.BlockCopy(other.World, 0, World, 0, 16 * WorldCount);
            Buffer.BlockCopy(other.Bones, 0, Bones, 0, 16 * BoneCount);
            Buffer.BlockCopy(other.Rest, 0, Rest, 0, 12 * RestCount);
            Buffer.BlockCopy(other.Angles, 0, Angles, 0, 4 * AngleCount);
            Array.Copy(other.Held, Held, BoneCount);
            Root = other.Root;
            LeftContact = other.LeftContact;
            RightContact = other.RightContact;
            HasFloor = other.HasFloor;
            Floor = other.Floor;
        }
    }
}
