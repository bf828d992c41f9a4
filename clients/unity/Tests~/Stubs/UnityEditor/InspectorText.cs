using System.Collections.Generic;

namespace Posewire.Stubs
{
    /// <summary>What an inspector drew.</summary>
    public static class InspectorText
    {
        private static readonly List<string> Lines = new List<string>();

        public static void Write(string line)
        {
            Lines.Add(line);
        }

        public static string[] Take()
        {
            string[] lines = Lines.ToArray();
            Lines.Clear();
            return lines;
        }
    }
}
