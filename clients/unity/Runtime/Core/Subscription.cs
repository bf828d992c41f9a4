namespace Posewire.Core
{
    /// <summary>What to ask a server for.</summary>
    public sealed class Subscription
    {
        /// <summary>A stream's id; empty for the server's first.</summary>
        public string Stream = "";

        /// <summary>Any of image, world, bones, rest, angles; one at least.</summary>
        public string[] Fields = { "bones", "rest", "world" };

        /// <summary>Upper bound of the rate, 0.01 to 1000; 0 for every frame.</summary>
        public double MaxFps;
        public Dtype Dtype = Dtype.F32;
    }
}
