namespace Posewire
{
    /// <summary>Which receiver a component shows: the one that is set, else the scene's first. Tells it what is needed.</summary>
    internal sealed class ReceiverLink
    {
        private readonly IPoseConsumer _consumer;
        private PosewireReceiver _joined;

        public ReceiverLink(IPoseConsumer consumer)
        {
            _consumer = consumer;
        }

        /// <summary>The receiver, joined; null where there is none.</summary>
        public PosewireReceiver Join(PosewireReceiver set)
        {
            PosewireReceiver receiver = set != null ? set : PosewireReceiver.First;
            if (!ReferenceEquals(receiver, _joined))
            {
                Leave();
                _joined = receiver;
                if (receiver != null)
                {
                    receiver.Add(_consumer);
                }
            }
            return receiver;
        }

        public void Leave()
        {
            if (!ReferenceEquals(_joined, null))
            {
                _joined.Remove(_consumer);
            }
            _joined = null;
        }
    }
}
