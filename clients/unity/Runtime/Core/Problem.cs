using System;
using System.Globalization;
using System.Text;

namespace Posewire.Core
{
    /// <summary>A server's refusal over HTTP (RFC 9457).</summary>
    internal static class Problem
    {
        private const int Most = 200;
        private const string Key = "\"detail\"";

        /// <summary>The string `detail` of a problem's JSON; of any other text the text itself. One line.</summary>
        public static string Detail(string body)
        {
            int at = body.TrimStart().StartsWith("{", StringComparison.Ordinal) ? body.IndexOf(Key, StringComparison.Ordinal) : -1;
            int opening = at < 0 ? -1 : body.IndexOf('"', at + Key.Length);
            return Line.Clean(opening < 0 ? body : Unquote(body, opening + 1), Most);
        }

        private static string Unquote(string json, int at)
        {
            StringBuilder text = new StringBuilder();
            while (at < json.Length && json[at] != '"')
            {
                char character = json[at++];
                if (character == '\\' && at < json.Length)
                {
                    character = json[at++];
                    int code;
                    if (character == 'u' && at + 4 <= json.Length
                        && int.TryParse(
                            json.Substring(at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out code))
                    {
                        character = (char)code;
                        at += 4;
                    }
                    else if (character == 'n' || character == 'r' || character == 't')
                    {
                        character = ' ';
                    }
                }
                text.Append(character);
            }
            return text.ToString();
        }
    }
}
