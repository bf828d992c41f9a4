namespace Posewire.Core
{
    /// <summary>The server's word on something that was wrong.</summary>
    public sealed class ServerError
    {
        public string Code;
        public string Message;

        /// <summary>The subscription that it is about; -1 for none.</summary>
        public int Id;
    }
}
