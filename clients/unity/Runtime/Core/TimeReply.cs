namespace Posewire.Core
{
    /// <summary>The answer to a question for the time, microseconds: T0 on our clock, T1 and T2 on the server's.</summary>
    public struct TimeReply
    {
        public long T0Us;
        public long T1Us;
        public long T2Us;
    }
}
