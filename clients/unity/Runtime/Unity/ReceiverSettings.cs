using System.Collections.Generic;
using Posewire.Core;

namespace Posewire
{
    /// <summary>What a connection is made with. Another one takes a new connection.</summary>
    internal struct ReceiverSettings
    {
        public string Address;
        public string Token;
        public string Stream;
        public PoseFields Fields;
        public float MaxFps;

        public bool IsSame(ReceiverSettings other)
        {
            return Address == other.Address
                && Token == other.Token
                && Stream == other.Stream
                && Fields == other.Fields
                && MaxFps == other.MaxFps;
        }

        public ReceiverOptions ToOptions()
        {
            return new ReceiverOptions
            {
                Address = Address,
                Token = Token,
                Subscription = new Subscription { Stream = Stream, Fields = Names(Fields), MaxFps = MaxFps },
            };
        }

        private static string[] Names(PoseFields fields)
        {
            if (fields == PoseFields.Automatic)
            {
                fields = PoseFields.Image | PoseFields.World;
            }
            List<string> names = new List<string>();
            Add(names, fields, PoseFields.Image, "image");
            Add(names, fields, PoseFields.World, "world");
            Add(names, fields, PoseFields.Bones, "bones");
            Add(names, fields, PoseFields.Rest, "rest");
            Add(names, fields, PoseFields.Angles, "angles");
            return names.ToArray();
        }

        private static void Add(List<string> names, PoseFields fields, PoseFields field, string name)
        {
            if ((fields & field) != 0)
            {
                names.Add(name);
            }
        }
    }
}
