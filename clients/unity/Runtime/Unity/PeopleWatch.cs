using System;
using Posewire.Core;
using Pose = Posewire.Core.Pose;

namespace Posewire
{
    /// <summary>Who is in the picture: says who came and who went. Gone is who was out of the picture for a second, as a person
    /// may be missed in a frame or two.</summary>
    internal sealed class PeopleWatch
    {
        // Everyone in the picture, and as many who left it within the last second.
        private const int Most = 2 * Limits.MaxPeople;

        private readonly long[] _ids = new long[Most];
        private readonly long[] _seenUs = new long[Most];
        private readonly Action<Pose> _appeared;
        private readonly Action<long> _gone;
        private long _lastUs = long.MinValue;

        public PeopleWatch(Action<Pose> appeared, Action<long> gone)
        {
            _appeared = appeared;
            _gone = gone;
        }

        public int Count { get; private set; }

        public void Look(Frame frame)
        {
            if (frame.TUs < _lastUs)
            {
                // The server's clock began anew, and so did its ids.
                Clear();
            }
            _lastUs = frame.TUs;
            for (int i = 0; i < frame.Count; i++)
            {
                int place = Array.IndexOf(_ids, frame.Poses[i].Id, 0, Count);
                if (place >= 0)
                {
                    _seenUs[place] = frame.TUs;
                    continue;
                }
                if (Count == Most)
                {
                    Remove(LongestUnseen());
                }
                _ids[Count] = frame.Poses[i].Id;
                _seenUs[Count] = frame.TUs;
                Count++;
                _appeared(frame.Poses[i]);
            }
            for (int i = Count - 1; i >= 0; i--)
            {
                if (frame.TUs - _seenUs[i] >= Follower.PatienceUs)
                {
                    Remove(i);
                }
            }
        }

        /// <summary>Everyone is gone.</summary>
        public void Clear()
        {
            while (Count > 0)
            {
                Remove(Count - 1);
            }
            _lastUs = long.MinValue;
        }

        private int LongestUnseen()
        {
            int longest = 0;
            for (int i = 1; i < Count; i++)
            {
                if (_seenUs[i] < _seenUs[longest])
                {
                    longest = i;
                }
            }
            return longest;
        }

        private void Remove(int place)
        {
            long id = _ids[place];
            Count--;
            _ids[place] = _ids[Count];
            _seenUs[place] = _seenUs[Count];
            _gone(id);
        }
    }
}
