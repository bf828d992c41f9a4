using System.Globalization;
using System.Text;
using UnityEngine;

namespace Posewire.Scenes
{
    /// <summary>One line of JSON.</summary>
    internal sealed class Answer
    {
        private readonly StringBuilder _text = new StringBuilder("{");

        public Answer Number(string key, double value)
        {
            return Raw(key, double.IsNaN(value) || double.IsInfinity(value) ? "null" : value.ToString("R", CultureInfo.InvariantCulture));
        }

        public Answer Text(string key, string value)
        {
            return Raw(key, Quote(value));
        }

        public Answer Flag(string key, bool value)
        {
            return Raw(key, value ? "true" : "false");
        }

        public Answer Vector(string key, Vector3 value)
        {
            return Raw(key, List(value.x, value.y, value.z));
        }

        public Answer Rotation(string key, Quaternion value)
        {
            return Raw(key, List(value.x, value.y, value.z, value.w));
        }

        public Answer Raw(string key, string json)
        {
            if (_text.Length > 1)
            {
                _text.Append(", ");
            }
            _text.Append(Quote(key)).Append(": ").Append(json);
            return this;
        }

        public override string ToString()
        {
            return _text + "}";
        }

        public static string Quote(string value)
        {
            return "\"" + value.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
        }

        private static string List(params float[] values)
        {
            StringBuilder text = new StringBuilder("[");
            foreach (float value in values)
            {
                text.Append(text.Length > 1 ? ", " : "").Append(((double)value).ToString("R", CultureInfo.InvariantCulture));
            }
            return text + "]";
        }
    }
}
