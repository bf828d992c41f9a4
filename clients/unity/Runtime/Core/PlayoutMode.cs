namespace Posewire.Core
{
    /// <summary>How frames are shown.</summary>
    public enum PlayoutMode
    {
        /// <summary>The newest as soon as it is there: no latency added, motion steps at the stream's rate.</summary>
        Latest,

        /// <summary>Motion between frames is interpolated; costs about one frame and the network's jitter.</summary>
        Smooth,
    }
}
