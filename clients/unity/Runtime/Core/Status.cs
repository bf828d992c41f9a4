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

        /// <summary>The stream's description where that changed or the stream is new; else null.</summary>
        public StreamInfo Info;

        /// <summary>The server offers the stream no more.</summary>
        public bool Gone;
    }
}
