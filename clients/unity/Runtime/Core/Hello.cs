namespace Posewire.Core
{
    /// <summary>The first message of a connection.</summary>
    public sealed class Hello
    {
        public int Version;

        /// <summary>Name and version of the server's software.</summary>
        public string Server;

        /// <summary>The server's clock, microseconds.</summary>
        public long NowUs;
        public StreamInfo[] Streams;
        public Skeleton Skeleton;

        /// <summary>Null where the server solves none.</summary>
        public BoneTree Bones;

        /// <summary>Names of the angles of a pose; empty where there are none.</summary>
        public string[] Angles;
    }
}
