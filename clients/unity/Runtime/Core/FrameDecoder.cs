namespace Posewire.Core
{
    /// <summary>A frame message into a Frame, without allocating.</summary>
    internal sealed class FrameDecoder
    {
        private const int Id = 0;
        private const int Stream = 1;
        private const int Seq = 2;
        private const int TUs = 3;
        private const int SentUs = 4;
        private const int Size = 5;
        private const int Poses = 6;

        private readonly MsgpackReader _reader;
        private readonly WireMap _map;
        private readonly PoseDecoder _pose;
        private readonly NameCache _names = new NameCache();

        public FrameDecoder(MsgpackReader reader)
        {
            _reader = reader;
            _map = new WireMap(reader, "frame", "id", "stream", "seq", "t_us", "sent_us", "size", "poses");
            _pose = new PoseDecoder(reader);
        }

        public void Decode(int at, Dtype dtype, Frame into)
        {
            _map.Read(at);
            into.Id = (int)_map.Integer(Id, 0, Limits.MaxId);
            int name = _map.TextAt(Stream, Limits.MaxNameLength);
            into.Stream = _names.Get(_reader, name, _reader.Length);
            into.Seq = _map.Integer(Seq, 0, long.MaxValue);
            into.TUs = _map.Integer(TUs, 0, long.MaxValue);
            into.SentUs = _map.Integer(SentUs, 0, long.MaxValue);
            int size = _map.ArrayAt(Size, 2);
            if (_reader.Length != 2)
            {
                throw _map.Bad(WireException.BadValue, "size has to be [width, height]");
            }
            into.Width = _map.Element(Size, ref size, 0, Limits.MaxSide);
            into.Height = _map.Element(Size, ref size, 0, Limits.MaxSide);
            int pose = _map.ArrayAt(Poses, Limits.MaxPeople);
            into.Count = _reader.Length;
            for (int i = 0; i < into.Count; i++)
            {
                pose = _pose.Decode(pose, dtype, into.Poses[i]);
            }
        }
    }
}
