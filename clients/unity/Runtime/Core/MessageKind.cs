namespace Posewire.Core
{
    /// <summary>What a server's message is.</summary>
    public enum MessageKind
    {
        /// <summary>Of a type that a later server may add: ignored.</summary>
        Unknown,
        Hello,
        Subscribed,
        Frame,
        Status,
        Dropped,
        Time,
        Error,
    }
}
