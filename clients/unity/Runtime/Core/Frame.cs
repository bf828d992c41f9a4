namespace Posewire.Core
{
    /// <summary>Everyone in one picture. A buffer that is filled again and again: keep a copy (<see cref="CopyFrom"/>), not
    /// the object.</summary>
    public sealed class Frame
    {
        /// <summary>Of the subscription.</summary>
        public int Id;
        public string Stream = "";
        public long Seq;

        /// <summary>When the picture was captured, server's clock in microseconds.</summary>
        public long TUs;
        public long SentUs;
        public int Width;
        public int Height;

        /// <summary>How many of Poses count.</summary>
        public int Count;
        public readonly Pose[] Poses = new Pose[Limits.MaxPeople];

        public Frame()
        {
            for (int i = 0; i < Poses.Length; i++)
            {
                Poses[i] = new Pose();
            }
        }

        /// <summary>The person of an id; null where they aren't in the picture.</summary>
        public Pose Find(long id)
        {
            for (int i = 0; i < Count; i++)
            {
                if (Poses[i].Id == id)
                {
                    return Poses[i];
                }
            }
            return null;
        }

        /// <summary>Become a copy of another.</summary>
        public void CopyFrom(Frame other)
        {
            CopyHead(other);
            Count = other.Count;
            for (int i = 0; i < Count; i++)
            {
                Poses[i].CopyFrom(other.Poses[i]);
            }
        }

        internal void CopyHead(Frame other)
        {
            Id = other.Id;
            Stream = other.Stream;
            Seq = other.Seq;
            TUs = other.TUs;
            SentUs = other.SentUs;
            Width = other.Width;
            Height = other.Height;
        }
    }
}
