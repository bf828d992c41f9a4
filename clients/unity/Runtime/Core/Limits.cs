namespace Posewire.Core
{
    /// <summary>The protocol's limits (protocol/SPEC.md, section 5).</summary>
    public static class Limits
    {
        public const int Version = 1;
        public const string Subprotocol = "posewire.v1.msgpack";
        public const int MaxServerMessageBytes = 1048576;
        public const int MaxDepth = 8;
        public const int MaxId = 2147483647;
        public const int MaxNameLength = 64;
        public const int MaxTextLength = 1024;
        public const double MinFps = 0.01;
        public const double MaxFps = 1000;
        public const int MaxFields = 16;
        public const int MaxItems = 1024;
        public const int MaxPeople = 8;
        public const long MaxPoseId = 9007199254740991;
        public const int MaxSide = 65535;
        public const int MaxLandmarks = 33;
        public const int MaxBones = 64;
        public const int MaxAngles = 64;
        public const int MaxStreams = 64;
    }
}
