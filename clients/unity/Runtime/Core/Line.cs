using System.Globalization;
using System.Text;

namespace Posewire.Core
{
    /// <summary>Text for one printable line, the same in every country.</summary>
    internal static class Line
    {
        public static string Of(long value)
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        public static string Of(double value)
        {
            return value.ToString("G9", CultureInfo.InvariantCulture);
        }

        /// <summary>A stranger's text on one line of at most so many characters.</summary>
        public static string Clean(string text, int most)
        {
            StringBuilder line = new StringBuilder();
            foreach (char character in text.Trim())
            {
                if (line.Length == most)
                {
                    return line.Append("...").ToString();
                }
                line.Append(char.IsControl(character) || character == '\u2028' || character == '\u2029' ? ' ' : character);
            }
            return line.ToString();
        }
    }
}
