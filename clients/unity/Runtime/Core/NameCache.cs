using System.Text;

namespace Posewire.Core
{
    /// <summary>Names that come with every frame, as strings made once.</summary>
    internal sealed class NameCache
    {
        private readonly string[] _names = new string[Limits.MaxStreams];
        private readonly byte[][] _bytes = new byte[Limits.MaxStreams][];
        private int _count;

        /// <summary>The string of some bytes of a message. Beyond 64 names the rest is made anew each time.</summary>
        public string Get(MsgpackReader reader, int at, int length)
        {
            for (int i = 0; i < _count; i++)
            {
                if (reader.Equals(at, length, _bytes[i]))
                {
                    return _names[i];
                }
            }
            string name = reader.Text(at, length);
            if (_count < _names.Length)
            {
                _names[_count] = name;
                _bytes[_count] = Encoding.UTF8.GetBytes(name);
                _count++;
            }
            return name;
        }
    }
}
