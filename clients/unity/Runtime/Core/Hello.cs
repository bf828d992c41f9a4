using System.Collections.Generic;

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

        /// <summary>In the server's order. A receiver's Hello is another object when streams come or go.</summary>
        public StreamInfo[] Streams;
        public Skeleton Skeleton;

        /// <summary>Null where the server solves none.</summary>
        public BoneTree Bones;

        /// <summary>Names of the angles of a pose; empty where there are none.</summary>
        public string[] Angles;

        /// <summary>What the server offers after the news of a stream; this same object where that is what it offered before.
        /// </summary>
        public Hello After(Status status)
        {
            List<StreamInfo> streams = new List<StreamInfo>(Streams);
            int at = streams.FindIndex(stream => stream.Id == status.Stream);
            if (status.Gone && at >= 0)
            {
                streams.RemoveAt(at);
            }
            else if (!status.Gone && status.Info != null && at >= 0)
            {
                streams[at] = status.Info;
            }
            else if (!status.Gone && status.Info != null && streams.Count < Limits.MaxStreams)
            {
                streams.Add(status.Info);
            }
            else
            {
                return this;
            }
            Hello after = (Hello)MemberwiseClone();
            after.Streams = streams.ToArray();
            return after;
        }
    }
}
