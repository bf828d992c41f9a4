using System;
using Posewire.Core;

namespace Posewire
{
    /// <summary>The landmarks that a subscription sends: which side each is on, and which rows a line joins.</summary>
    internal sealed class LandmarkSet
    {
        public LandmarkSet(Hello hello, Subscribed subscribed)
        {
            Hello = hello;
            Subscribed = subscribed;
            Count = subscribed.Landmarks.Length;
            Sides = new int[Count];
            for (int row = 0; row < Count; row++)
            {
                Sides[row] = Side(hello.Skeleton.Landmarks, subscribed.Landmarks[row]);
            }
            Lines = FindLines(hello.Skeleton.Edges, subscribed.Landmarks);
        }

        public Hello Hello { get; private set; }

        public Subscribed Subscribed { get; private set; }

        /// <summary>Rows of world.</summary>
        public int Count { get; private set; }

        /// <summary>Of each row: -1 left, 0 middle, 1 right.</summary>
        public int[] Sides { get; private set; }

        /// <summary>Rows in pairs: line l joins Lines[2l] and Lines[2l + 1].</summary>
        public int[] Lines { get; private set; }

        // A landmark that a later server has no name for is of neither side.
        private static int Side(string[] names, int landmark)
        {
            string name = landmark < names.Length ? names[landmark] : "";
            return name.Contains("left") ? -1 : name.Contains("right") ? 1 : 0;
        }

        private static int[] FindLines(int[] edges, int[] landmarks)
        {
            int[] lines = new int[edges.Length];
            int found = 0;
            for (int edge = 0; edge + 1 < edges.Length; edge += 2)
            {
                int from = Array.IndexOf(landmarks, edges[edge]);
                int to = Array.IndexOf(landmarks, edges[edge + 1]);
                if (from >= 0 && to >= 0)
                {
                    lines[found++] = from;
                    lines[found++] = to;
                }
            }
            Array.Resize(ref lines, found);
            return lines;
        }
    }
}
