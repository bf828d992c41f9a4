namespace Posewire.Core
{
    /// <summary>Stream states as the wire spells them.</summary>
    internal static class StreamStates
    {
        public static StreamState Read(WireMap map, int key)
        {
            string text = map.Text(key, Limits.MaxNameLength);
            switch (text)
            {
                case "live":
                    return StreamState.Live;
                case "lost":
                    return StreamState.Lost;
                case "ended":
                    return StreamState.Ended;
                default:
                    throw map.Bad(
                        WireException.BadValue, "state is '" + Line.Clean(text, 40) + "'; one of live, lost, ended");
            }
        }
    }
}
