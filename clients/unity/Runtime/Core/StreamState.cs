namespace Posewire.Core
{
    /// <summary>Of a stream at the server.</summary>
    public enum StreamState
    {
        Live,
        Lost,
        Ended,
    }
}
