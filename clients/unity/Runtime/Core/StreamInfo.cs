namespace Posewire.Core
{
    /// <summary>A stream of the server, as hello lists it. Never changed once made.</summary>
    public sealed class StreamInfo
    {
        public string Id;
        public int Width;
        public int Height;

        /// <summary>Nominal rate; 0 where unknown.</summary>
        public double Fps;
        public string Engine;
        public string Model;

        /// <summary>How many are tracked at most.</summary>
        public int People;
        public string Smoothing;
        public StreamState State;

        /// <summary>Whose stream it is; empty where that is the server itself.</summary>
        public string Node;
    }
}
