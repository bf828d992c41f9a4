namespace Posewire.Core
{
    /// <summary>How many frames a newer one overwrote at the server, because this connection was slow.</summary>
    public sealed class Dropped
    {
        public int Id;
        public string Stream;
        public long Total;
    }
}
