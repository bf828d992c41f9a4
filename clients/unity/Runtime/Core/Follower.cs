namespace Posewire.Core
{
    /// <summary>Whom of a frame an avatar follows: the n-th person by id, kept until they were out of the picture for 1 s.
    /// </summary>
    public sealed class Follower
    {
        public const long PatienceUs = 1000000;

        private readonly int _rank;
        private long _seenUs;
        private bool _chosen;

        /// <summary>rank: 0 for the first person by id, 1 for the second ...</summary>
        public Follower(int rank)
        {
            _rank = rank;
        }

        /// <summary>Who is followed; -1 for nobody.</summary>
        public long Id
        {
            get { return _chosen ? _id : -1; }
        }

        /// <summary>Whether the last Follow took somebody new.</summary>
        public bool IsNew { get; private set; }

        private long _id;

        /// <summary>The person that is followed; null where they aren't in the picture.</summary>
        public Pose Follow(Frame frame)
        {
            IsNew = false;
            Pose pose = _chosen ? frame.Find(_id) : null;
            if (pose == null)
            {
                // A frame from before the last look (the server's clock began anew) ends the wait, too.
                long waitedUs = frame.TUs - _seenUs;
                if (_chosen && waitedUs >= 0 && waitedUs < PatienceUs)
                {
                    return null;
                }
                pose = ByRank(frame);
                _chosen = pose != null;
                if (pose == null)
                {
                    return null;
                }
                _id = pose.Id;
                IsNew = true;
            }
            _seenUs = frame.TUs;
            return pose;
        }

        private Pose ByRank(Frame frame)
        {
            for (int i = 0; i < frame.Count; i++)
            {
                int below = 0;
                for (int j = 0; j < frame.Count; j++)
                {
                    if (frame.Poses[j].Id < frame.Poses[i].Id)
                    {
                        below++;
                    }
                }
                if (below == _rank)
                {
                    return frame.Poses[i];
                }
            }
            return null;
        }
    }
}
