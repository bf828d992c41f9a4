namespace Posewire.Core
{
    /// <summary>How a stream fares. Never changed once made.</summary>
    public sealed class Status
    {
        public string Stream;
        public StreamState State;

        /// <summary>Why, for people; may be empty.</summary>
        public string Detail;

        /// <summary>Server's clock, microseconds.</summary>
        public long TUs;
    }
}
