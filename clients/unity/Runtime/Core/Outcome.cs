namespace Posewire.Core
{
    /// <summary>How an attempt to connect and receive ended.</summary>
    internal struct Outcome
    {
        /// <summary>The server said no; else the connection was lost.</summary>
        public bool Refused;

        /// <summary>Whether it was subscribed meanwhile.</summary>
        public bool WasLive;
        public string Reason;

        /// <summary>How long the server asks to wait before another attempt; 0 where it doesn't.</summary>
        public int RetryAfterMs;

        public static Outcome Lost(string reason, bool wasLive)
        {
            Outcome outcome = new Outcome();
            outcome.WasLive = wasLive;
            outcome.Reason = reason;
            return outcome;
        }

        /// <summary>It can't be served now, but later.</summary>
        public static Outcome NotNow(string reason, int retryAfterMs)
        {
            Outcome outcome = Lost(reason, false);
            outcome.RetryAfterMs = retryAfterMs;
            return outcome;
        }

        public static Outcome Refusal(string reason)
        {
            Outcome outcome = new Outcome();
            outcome.Refused = true;
            outcome.Reason = reason;
            return outcome;
        }
    }
}
