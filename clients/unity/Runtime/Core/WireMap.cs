using System;
using System.Text;

namespace Posewire.Core
{
    /// <summary>One map of a message: where the values of the known keys are, and getters that return a checked value or
    /// throw a WireException that names key and limit. Unknown keys are passed over. Used again and again, it allocates
    /// nothing but the strings and arrays that are asked for.</summary>
    internal sealed class WireMap
    {
        private readonly MsgpackReader _reader;
        private readonly string _what;
        private readonly string[] _keys;
        private readonly byte[][] _keyBytes;
        private readonly int[] _at;

        /// <summary>what: names the map in errors. A key is asked for by its index in `keys`.</summary>
        public WireMap(MsgpackReader reader, string what, params string[] keys)
        {
            _reader = reader;
            _what = what;
            _keys = keys;
            _at = new int[keys.Length];
            _keyBytes = new byte[keys.Length][];
            for (int i = 0; i < keys.Length; i++)
            {
                _keyBytes[i] = Encoding.UTF8.GetBytes(keys[i]);
            }
        }

        /// <summary>Take the map at `at`. Returns where it ends.</summary>
        public int Read(int at)
        {
            for (int i = 0; i < _at.Length; i++)
            {
                _at[i] = -1;
            }
            at = _reader.Head(at);
            if (_reader.Type != WireType.Map)
            {
                throw new WireException(WireException.BadMessage, _what + " has to be a map");
            }
            for (int left = _reader.Length; left > 0; left--)
            {
                int text = _reader.Head(at);
                int index = IndexOf(text, _reader.Length);
                int value = text + _reader.Length;
                at = _reader.Skip(value);
                if (index >= 0)
                {
                    _reader.Head(value);
                    _at[index] = _reader.Type == WireType.Nil ? -1 : value;
                }
            }
            return at;
        }

        /// <summary>Whether the key is there with a value other than null.</summary>
        public bool Has(int key)
        {
            return _at[key] >= 0;
        }

        /// <summary>Where the value is.</summary>
        public int At(int key)
        {
            if (_at[key] < 0)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is missing");
            }
            return _at[key];
        }

        public WireException Bad(string code, string text)
        {
            return new WireException(code, _what + ": " + text);
        }

        public long Integer(int key, long low, long high)
        {
            int at = At(key);
            _reader.Head(at);
            if (_reader.Type != WireType.Int)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is " + _reader.Show(at) + "; it has to be an integer");
            }
            if (_reader.IsHuge || _reader.Int < low || _reader.Int > high)
            {
                throw OutOfRange(key, at, Line.Of(low), Line.Of(high));
            }
            return _reader.Int;
        }

        public bool Boolean(int key)
        {
            int at = At(key);
            _reader.Head(at);
            if (_reader.Type != WireType.Bool)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is " + _reader.Show(at) + "; it has to be true or false");
            }
            return _reader.Bool;
        }

        public double Number(int key, double low, double high)
        {
            int at = At(key);
            _reader.Head(at);
            if (_reader.Type != WireType.Int && _reader.Type != WireType.Float)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is " + _reader.Show(at) + "; it has to be a number");
            }
            double whole = _reader.IsHuge ? (double)ulong.MaxValue : _reader.Int;
            double value = _reader.Type == WireType.Float ? _reader.Float : whole;
            if (!(value >= low && value <= high))
            {
                throw OutOfRange(key, at, Line.Of(low), Line.Of(high));
            }
            return value;
        }

        public string Text(int key, int maxLength)
        {
            int at = TextAt(key, maxLength);
            return _reader.Text(at, _reader.Length);
        }

        /// <summary>Where the bytes of a string are; their number is the reader's Length.</summary>
        public int TextAt(int key, int maxLength)
        {
            int at = At(key);
            int content = _reader.Head(at);
            if (_reader.Type != WireType.Text)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is " + _reader.Show(at) + "; it has to be a string");
            }
            int characters = Utf8.CountCharacters(_reader.Data, content, _reader.Length);
            if (characters > maxLength)
            {
                throw Bad(
                    WireException.BadValue, _keys[key] + " has " + characters + " characters; at most " + maxLength);
            }
            return content;
        }

        /// <summary>Where an array's first element is; their number is the reader's Length.</summary>
        public int ArrayAt(int key, int maxItems)
        {
            int at = At(key);
            int content = _reader.Head(at);
            if (_reader.Type != WireType.Array)
            {
                throw Bad(WireException.BadMessage, _keys[key] + " is " + _reader.Show(at) + "; it has to be an array");
            }
            if (_reader.Length > maxItems)
            {
                throw Bad(WireException.BadValue, _keys[key] + " has " + _reader.Length + " elements; at most " + maxItems);
            }
            return content;
        }

        public string[] Texts(int key, int maxItems)
        {
            int at = ArrayAt(key, maxItems);
            string[] texts = new string[_reader.Length];
            for (int i = 0; i < texts.Length; i++)
            {
                int content = _reader.Head(at);
                if (_reader.Type != WireType.Text
                    || Utf8.CountCharacters(_reader.Data, content, _reader.Length) > Limits.MaxNameLength)
                {
                    throw Bad(
                        WireException.BadValue,
                        _keys[key] + " holds " + _reader.Show(at) + "; strings of at most " + Limits.MaxNameLength
                            + " characters");
                }
                texts[i] = _reader.Text(content, _reader.Length);
                at = content + _reader.Length;
            }
            return texts;
        }

        public int[] Integers(int key, int maxItems, int low, int high)
        {
            int at = ArrayAt(key, maxItems);
            int[] values = new int[_reader.Length];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Element(key, ref at, low, high);
            }
            return values;
        }

        /// <summary>The integer at `at` of an array; `at` goes on behind it.</summary>
        public int Element(int key, ref int at, int low, int high)
        {
            int after = _reader.Head(at);
            if (_reader.Type != WireType.Int || _reader.IsHuge || _reader.Int < low || _reader.Int > high)
            {
                throw Bad(
                    WireException.BadValue,
                    _keys[key] + " holds " + _reader.Show(at) + "; integers from " + low + " to " + high);
            }
            at = after;
            return (int)_reader.Int;
        }

        private int IndexOf(int text, int length)
        {
            for (int i = 0; i < _keyBytes.Length; i++)
            {
                if (_reader.Equals(text, length, _keyBytes[i]))
                {
                    return i;
                }
            }
            return -1;
        }

        private WireException OutOfRange(int key, int at, string low, string high)
        {
            return Bad(
                WireException.BadValue,
                _keys[key] + " is " + _reader.Show(at) + "; it has to be from " + low + " to " + high);
        }
    }
}
