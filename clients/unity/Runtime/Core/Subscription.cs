namespace Posewire.Core
{
    /// <summary>What to ask a server for.</summary>
    public sealed class Subscription
    {
        /// <summary>A stream's id; empty for the server's first.</summary>
        public string Stream = "";

        /// <summary>Any of image, world, bones, rest, angles; one at least.</summary>
        public string[] Fields = { "bones", "rest", "world" };

        /// <summary>Upper bound of the rate, 0.01 to 1000; 0 for every frame.</summary>
        public double MaxFps;
        public Dtype Dtype = Dtype.F32;

        /// <summary>One line on what is wrong with it; null where nothing is. Which fields and streams there are, the server
        /// knows.</summary>
        public string Problem()
        {
            if (Stream == null || Stream.Length > Limits.MaxNameLength)
            {
                return "the stream's id has " + (Stream == null ? 0 : Stream.Length) + " characters; at most "
                    + Limits.MaxNameLength;
            }
            if (Fields == null || Fields.Length == 0 || Fields.Length > Limits.MaxFields)
            {
                return (Fields == null ? 0 : Fields.Length) + " fields; 1 to " + Limits.MaxFields;
            }
            foreach (string field in Fields)
            {
                if (string.IsNullOrEmpty(field) || field.Length > Limits.MaxNameLength)
                {
                    return "field '" + Line.Clean(field ?? "", 40) + "'; names of 1 to " + Limits.MaxNameLength + " characters";
                }
            }
            if (MaxFps != 0 && !(MaxFps >= Limits.MinFps && MaxFps <= Limits.MaxFps))
            {
                return "at most " + Line.Of(MaxFps) + " frames a second; from " + Line.Of(Limits.MinFps) + " to "
                    + Line.Of(Limits.MaxFps) + ", or 0 for all";
            }
            return null;
        }

        /// <summary>A copy, so that a change of this one comes too late to matter.</summary>
        internal Subscription Copy()
        {
            Subscription copy = new Subscription();
            copy.Stream = Stream;
            copy.Fields = Fields == null ? null : (string[])Fields.Clone();
            copy.MaxFps = MaxFps;
            copy.Dtype = Dtype;
            return copy;
        }
    }
}
