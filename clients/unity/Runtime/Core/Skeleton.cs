namespace Posewire.Core
{
    /// <summary>Landmark names in index order, and which a line joins.</summary>
    public sealed class Skeleton
    {
        public string[] Landmarks;

        /// <summary>Indices of landmarks in pairs: edge e joins Edges[2e] and Edges[2e + 1].</summary>
        public int[] Edges;
    }
}
