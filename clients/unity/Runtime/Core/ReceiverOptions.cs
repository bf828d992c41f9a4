namespace Posewire.Core
{
    /// <summary>Where to connect and what to ask for. Read once, when the receiver is made.</summary>
    public sealed class ReceiverOptions
    {
        /// <summary>ws://HOST:PORT/, wss, http, https or HOST:PORT.</summary>
        public string Address = "ws://127.0.0.1:8765/";

        /// <summary>Empty where the server needs none.</summary>
        public string Token = "";
        public Subscription Subscription = new Subscription();
    }
}
