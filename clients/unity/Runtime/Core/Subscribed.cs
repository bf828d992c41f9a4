namespace Posewire.Core
{
    /// <summary>The server's answer to a subscription.</summary>
    public sealed class Subscribed
    {
        public int Id;
        public string Stream;
        public string[] Fields;

        /// <summary>The landmark that each row of image and world stands for.</summary>
        public int[] Landmarks;
        public Dtype Dtype;
    }
}
