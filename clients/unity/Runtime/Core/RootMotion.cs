namespace Posewire.Core
{
    /// <summary>How much of a person's way an avatar goes.</summary>
    public enum RootMotion
    {
        /// <summary>Steps and height.</summary>
        Full,

        /// <summary>Steps in place; squats still go down.</summary>
        Height,

        /// <summary>The hips stay at their rest height.</summary>
        Off,
    }
}
