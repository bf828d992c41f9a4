namespace Posewire
{
    /// <summary>Something that shows poses and says what it needs of them.</summary>
    public interface IPoseConsumer
    {
        PoseFields Needs { get; }
    }
}
