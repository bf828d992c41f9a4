using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Posewire.Core.Tests
{
    /// <summary>Just enough JSON for the vectors: maps, lists, strings, long, double, bool and null.</summary>
    internal sealed class Json
    {
        private readonly string _text;
        private int _at;

        private Json(string text)
        {
            _text = text;
        }

        public static object Read(string text)
        {
            Json json = new Json(text);
            object value = json.Value();
            json.Blanks();
            if (json._at != text.Length)
            {
                throw new FormatException("JSON goes on at " + json._at);
            }
            return value;
        }

        private object Value()
        {
            Blanks();
            switch (_text[_at])
            {
                case '{':
                    return Map();
                case '[':
                    return List();
                case '"':
                    return Text();
                case 't':
                    return Word("true", true);
                case 'f':
                    return Word("false", false);
                case 'n':
                    return Word("null", null);
                default:
                    return Number();
            }
        }

        private Dictionary<string, object> Map()
        {
            Dictionary<string, object> map = new Dictionary<string, object>();
            _at++;
            while (!Takes('}'))
            {
                if (map.Count > 0)
                {
                    Take(',');
                }
                Blanks();
                string key = Text();
                Take(':');
                map.Add(key, Value());
            }
            return map;
        }

        private List<object> List()
        {
            List<object> list = new List<object>();
            _at++;
            while (!Takes(']'))
            {
                if (list.Count > 0)
                {
                    Take(',');
                }
                list.Add(Value());
            }
            return list;
        }

        private string Text()
        {
            Take('"');
            StringBuilder text = new StringBuilder();
            while (_text[_at] != '"')
            {
                char character = _text[_at++];
                if (character == '\\')
                {
                    character = _text[_at++];
                    int known = "nrtbf".IndexOf(character);
                    if (character == 'u')
                    {
                        character = (char)int.Parse(_text.Substring(_at, 4), NumberStyles.HexNumber);
                        _at += 4;
                    }
                    else if (known >= 0)
                    {
                        character = "\n\r\t\b\f"[known];
                    }
                }
                text.Append(character);
            }
            _at++;
            return text.ToString();
        }

        private object Number()
        {
            int begin = _at;
            while (_at < _text.Length && "+-0123456789.eE".IndexOf(_text[_at]) >= 0)
            {
                _at++;
            }
            string number = _text.Substring(begin, _at - begin);
            if (number.IndexOfAny(new[] { '.', 'e', 'E' }) < 0)
            {
                return long.Parse(number, CultureInfo.InvariantCulture);
            }
            return double.Parse(number, CultureInfo.InvariantCulture);
        }

        private object Word(string word, object value)
        {
            if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0)
            {
                throw new FormatException("no JSON at " + _at);
            }
            _at += word.Length;
            return value;
        }

        private void Take(char expected)
        {
            if (!Takes(expected))
            {
                throw new FormatException("no " + expected + " at " + _at);
            }
        }

        private bool Takes(char expected)
        {
            Blanks();
            bool there = _text[_at] == expected;
            _at += there ? 1 : 0;
            return there;
        }

        private void Blanks()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            {
                _at++;
            }
        }
    }
}
