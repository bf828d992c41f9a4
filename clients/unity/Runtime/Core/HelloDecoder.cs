namespace Posewire.Core
{
    /// <summary>The first message of a connection. Rare, so it allocates what it returns.</summary>
    internal sealed class HelloDecoder
    {
        private readonly MsgpackReader _reader;
        private readonly WireMap _hello;
        private readonly WireMap _stream;
        private readonly WireMap _skeleton;
        private readonly WireMap _bones;

        public HelloDecoder(MsgpackReader reader)
        {
            _reader = reader;
            _hello = new WireMap(reader, "hello", "version", "server", "now_us", "streams", "skeleton", "bones", "angles");
            _stream = new WireMap(
                reader, "stream", "id", "width", "height", "fps", "engine", "model", "people", "smoothing", "state",
                "node");
            _skeleton = new WireMap(reader, "skeleton", "landmarks", "edges");
            _bones = new WireMap(reader, "bones", "names", "parents", "rest");
        }

        public Hello Decode(int at)
        {
            _hello.Read(at);
            Hello hello = new Hello();
            hello.Skeleton = ReadSkeleton(_hello.At(4));
            hello.Version = (int)_hello.Integer(0, 1, 1000000);
            hello.Server = _hello.Text(1, Limits.MaxTextLength);
            hello.NowUs = _hello.Integer(2, 0, long.MaxValue);
            int stream = _hello.ArrayAt(3, Limits.MaxStreams);
            hello.Streams = new StreamInfo[_reader.Length];
            for (int i = 0; i < hello.Streams.Length; i++)
            {
                int after = _stream.Read(stream);
                hello.Streams[i] = ReadStream();
                stream = after;
            }
            hello.Bones = _hello.Has(5) ? ReadBones(_hello.At(5)) : null;
            hello.Angles = _hello.Has(6) ? _hello.Texts(6, Limits.MaxAngles) : new string[0];
            return hello;
        }

        /// <summary>The description of a stream alone, as `status` has it.</summary>
        public StreamInfo DecodeStream(int at)
        {
            _stream.Read(at);
            return ReadStream();
        }

        private StreamInfo ReadStream()
        {
            StreamInfo stream = new StreamInfo();
            stream.Id = _stream.Text(0, Limits.MaxNameLength);
            stream.Width = (int)_stream.Integer(1, 0, Limits.MaxSide);
            stream.Height = (int)_stream.Integer(2, 0, Limits.MaxSide);
            stream.Fps = _stream.Number(3, 0, 1e6);
            stream.Engine = _stream.Text(4, Limits.MaxNameLength);
            stream.Model = _stream.Text(5, Limits.MaxNameLength);
            stream.People = _stream.Has(6) ? (int)_stream.Integer(6, 1, Limits.MaxPeople) : 1;
            stream.Smoothing = _stream.Has(7) ? _stream.Text(7, Limits.MaxNameLength) : "none";
            stream.State = _stream.Has(8) ? StreamStates.Read(_stream, 8) : StreamState.Live;
            stream.Node = _stream.Has(9) ? _stream.Text(9, Limits.MaxNameLength) : "";
            return stream;
        }

        private Skeleton ReadSkeleton(int at)
        {
            _skeleton.Read(at);
            Skeleton skeleton = new Skeleton();
            skeleton.Landmarks = _skeleton.Texts(0, Limits.MaxItems);
            int edge = _skeleton.ArrayAt(1, Limits.MaxItems);
            skeleton.Edges = new int[2 * _reader.Length];
            for (int i = 0; i < skeleton.Edges.Length; i += 2)
            {
                edge = _reader.Head(edge);
                if (_reader.Type != WireType.Array || _reader.Length != 2)
                {
                    throw _skeleton.Bad(WireException.BadValue, "edges has to hold pairs of indices");
                }
                skeleton.Edges[i] = _skeleton.Element(1, ref edge, 0, skeleton.Landmarks.Length - 1);
                skeleton.Edges[i + 1] = _skeleton.Element(1, ref edge, 0, skeleton.Landmarks.Length - 1);
            }
            return skeleton;
        }

        private BoneTree ReadBones(int at)
        {
            _bones.Read(at);
            string[] names = _bones.Texts(0, Limits.MaxBones);
            int[] parents = _bones.Integers(1, Limits.MaxBones, -1, Limits.MaxBones - 1);
            int offset = _bones.ArrayAt(2, Limits.MaxBones);
            int offsets = _reader.Length;
            if (names.Length != parents.Length || names.Length != offsets)
            {
                throw _bones.Bad(
                    WireException.BadValue,
                    names.Length + " names, " + parents.Length + " parents, " + offsets + " rest offsets");
            }
            for (int i = 0; i < parents.Length; i++)
            {
                if (parents[i] >= i)
                {
                    throw _bones.Bad(
                        WireException.BadValue,
                        "the parent of bone " + i + " is " + parents[i] + "; it has to come before it");
                }
            }
            Vec3[] rest = new Vec3[offsets];
            for (int i = 0; i < offsets; i++)
            {
                offset = _reader.Head(offset);
                if (_reader.Type != WireType.Array || _reader.Length != 3)
                {
                    throw _bones.Bad(WireException.BadValue, "rest has to hold 3 numbers for each bone");
                }
                float x = Coordinate(ref offset);
                float y = Coordinate(ref offset);
                rest[i] = new Vec3(x, y, Coordinate(ref offset));
            }
            return names.Length > 0 ? new BoneTree(names, parents, rest) : null;
        }

        private float Coordinate(ref int at)
        {
            int after = _reader.Head(at);
            double value = _reader.Type == WireType.Int ? _reader.Int : _reader.Type == WireType.Float ? _reader.Float : double.NaN;
            if (!(value >= -float.MaxValue && value <= float.MaxValue))
            {
                throw _bones.Bad(WireException.BadValue, "rest holds " + _reader.Show(at) + "; finite numbers only");
            }
            at = after;
            return (float)value;
        }
    }
}
