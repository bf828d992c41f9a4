namespace Posewire
{
    /// <summary>What an avatar does when its person is gone.</summary>
    public enum WhenGone
    {
        /// <summary>Keeps its last pose.</summary>
        Hold,

        /// <summary>Goes back to the animation underneath; likewise while the connection is down.</summary>
        BlendBack,
    }
}
