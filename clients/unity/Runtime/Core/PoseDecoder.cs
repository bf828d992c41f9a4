using System;

namespace Posewire.Core
{
    /// <summary>A pose's map into a Pose, without allocating.</summary>
    internal sealed class PoseDecoder
    {
        private const int Id = 0;
        private const int Score = 1;
        private const int Image = 2;
        private const int World = 3;
        private const int Bones = 4;
        private const int Root = 5;
        private const int Held = 6;
        private const int Contact = 7;
        private const int Floor = 8;
        private const int Rest = 9;
        private const int Angles = 10;
        private const double MostFloorM = 1e6;

        private static readonly string[] Keys =
        {
            "id", "score", "image", "world", "bones", "root", "held", "contact", "floor", "rest", "angles",
        };

        private readonly MsgpackReader _reader;
        private readonly WireMap _map;
        private readonly float[] _root = new float[3];
        private Dtype _dtype;

        public PoseDecoder(MsgpackReader reader)
        {
            _reader = reader;
            _map = new WireMap(reader, "pose", Keys);
        }

        /// <summary>Returns where the map ends.</summary>
        public int Decode(int at, Dtype dtype, Pose into)
        {
            int after = _map.Read(at);
            _dtype = dtype;
            into.Id = _map.Integer(Id, 0, Limits.MaxPoseId);
            into.Score = (float)_map.Number(Score, 0, 1);
            into.ImageCount = Rows(Image, into.Image, 4, Limits.MaxLandmarks);
            into.WorldCount = Rows(World, into.World, 4, Limits.MaxLandmarks);
            into.BoneCount = Rows(Bones, into.Bones, 4, Limits.MaxBones);
            into.RestCount = Rows(Rest, into.Rest, 3, Limits.MaxBones);
            into.AngleCount = _map.Has(Angles) ? Numbers(Angles, into.Angles, 1, Limits.MaxAngles, 1, true) : 0;
            SameRows(Image, into.ImageCount, World, into.WorldCount);
            SameRows(Bones, into.BoneCount, Rest, into.RestCount);
            ReadBody(into);
            return after;
        }

        private void ReadBody(Pose into)
        {
            into.Root = Vec3.Zero;
            into.LeftContact = false;
            into.RightContact = false;
            into.HasFloor = false;
            into.Floor = 0;
            if (into.BoneCount == 0)
            {
                return;
            }
            Array.Clear(into.Held, 0, into.BoneCount);
            Numbers(Root, _root, 3, 3, 1, false);
            into.Root = new Vec3(_root[0], _root[1], _root[2]);
            if (_map.Has(Held))
            {
                int at = _map.ArrayAt(Held, into.BoneCount);
                for (int left = _reader.Length; left > 0; left--)
                {
                    into.Held[_map.Element(Held, ref at, 0, into.BoneCount - 1)] = true;
                }
            }
            if (_map.Has(Contact))
            {
                int at = _map.ArrayAt(Contact, 2);
                if (_reader.Length != 2)
                {
                    throw NoContact();
                }
                into.LeftContact = Foot(ref at);
                into.RightContact = Foot(ref at);
            }
            into.HasFloor = _map.Has(Floor);
            if (into.HasFloor)
            {
                into.Floor = (float)_map.Number(Floor, -MostFloorM, MostFloorM);
            }
        }

        private bool Foot(ref int at)
        {
            at = _reader.Head(at);
            if (_reader.Type != WireType.Bool)
            {
                throw NoContact();
            }
            return _reader.Bool;
        }

        private WireException NoContact()
        {
            return _map.Bad(WireException.BadMessage, "contact has to hold two booleans, left and right");
        }

        private void SameRows(int one, int rows, int other, int otherRows)
        {
            if (rows != 0 && otherRows != 0 && rows != otherRows)
            {
                throw _map.Bad(
                    WireException.BadValue,
                    Keys[one] + " has " + rows + " rows, " + Keys[other] + " " + otherRows + "; they have to be as many");
            }
        }

        private int Rows(int key, float[] into, int columns, int most)
        {
            return _map.Has(key) ? Numbers(key, into, 1, most, columns, false) : 0;
        }

        /// <summary>An array of `least` to `most` rows. Returns how many there are.</summary>
        private int Numbers(int key, float[] into, int least, int most, int columns, bool mayBeNaN)
        {
            int at = _map.At(key);
            int content = _reader.Head(at);
            if (_reader.Type != WireType.Bytes)
            {
                throw _map.Bad(WireException.BadMessage, Keys[key] + " is " + _reader.Show(at) + "; it has to be bin");
            }
            int bytes = _reader.Length;
            int rowBytes = columns * (_dtype == Dtype.F32 ? 4 : 2);
            int rows = bytes / rowBytes;
            if (rows * rowBytes != bytes || rows < least || rows > most)
            {
                throw _map.Bad(
                    WireException.BadValue,
                    Keys[key] + " has " + bytes + " bytes; " + least + " to " + most + " rows of " + rowBytes);
            }
            Fill(content, into, rows * columns);
            for (int i = 0; i < rows * columns; i++)
            {
                // Also false for NaN
                if (!(Math.Abs(into[i]) <= float.MaxValue) && !(mayBeNaN && float.IsNaN(into[i])))
                {
                    throw _map.Bad(WireException.BadValue, Keys[key] + " holds a number that isn't finite");
                }
            }
            return rows;
        }

        private void Fill(int at, float[] into, int count)
        {
            byte[] data = _reader.Data;
            if (_dtype == Dtype.F32)
            {
                // Every machine that Unity runs on is little-endian, as the wire.
                Buffer.BlockCopy(data, at, into, 0, 4 * count);
                return;
            }
            for (int i = 0; i < count; i++)
            {
                into[i] = FloatBits.Half(data[at + 2 * i] | data[at + 2 * i + 1] << 8);
            }
        }
    }
}
