namespace Posewire.Core
{
    /// <summary>How the numbers of a frame's arrays travel.</summary>
    public enum Dtype
    {
        F32,
        F16,
    }
}
