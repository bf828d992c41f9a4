namespace Posewire.Core
{
    /// <summary>What RFC 3629 calls UTF-8: shortest forms only, no halves of surrogate pairs, nothing above U+10FFFF.</summary>
    internal static class Utf8
    {
        public static bool IsValid(byte[] data, int at, int length)
        {
            int end = at + length;
            while (at < end)
            {
                int first = data[at++];
                if (first < 0x80)
                {
                    continue;
                }
                int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
                if (first < 0xc2 || first > 0xf4 || more > end - at)
                {
                    return false;
                }
                int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
                int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
                if (data[at] < low || data[at] > high)
                {
                    return false;
                }
                for (int i = 1; i < more; i++)
                {
                    if ((data[at + i] & 0xc0) != 0x80)
                    {
                        return false;
                    }
                }
                at += more;
            }
            return true;
        }

        /// <summary>Characters (code points) of valid UTF-8.</summary>
        public static int CountCharacters(byte[] data, int at, int length)
        {
            int count = 0;
            for (int i = at; i < at + length; i++)
            {
                if ((data[i] & 0xc0) != 0x80)
                {
                    count++;
                }
            }
            return count;
        }
    }
}
