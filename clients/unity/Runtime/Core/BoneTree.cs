using System;

namespace Posewire.Core
{
    /// <summary>The bones that a server solves: VRM names, parents (-1 for the root, always before their children) and the
    /// offsets of a typical adult in the T-pose, metres, axes of the wire.</summary>
    public sealed class BoneTree
    {
        public readonly string[] Names;
        public readonly int[] Parents;
        public readonly Vec3[] Rest;

        public BoneTree(string[] names, int[] parents, Vec3[] rest)
        {
            Names = names;
            Parents = parents;
            Rest = rest;
        }

        public int Count
        {
            get { return Names.Length; }
        }

        /// <summary>Index of a bone, -1 where there is none of that name.</summary>
        public int IndexOf(string name)
        {
            return Array.IndexOf(Names, name);
        }
    }
}
