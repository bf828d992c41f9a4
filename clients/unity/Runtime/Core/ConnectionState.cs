namespace Posewire.Core
{
    /// <summary>Where a receiver stands.</summary>
    public enum ConnectionState
    {
        /// <summary>Not started, or stopped.</summary>
        Off,

        /// <summary>No answer yet to the first attempt.</summary>
        Connecting,

        /// <summary>Subscribed.</summary>
        Live,

        /// <summary>Nobody there, connection ended or silent; it is tried again.</summary>
        Lost,

        /// <summary>The server said no; nothing more is tried.</summary>
        Refused,
    }
}
