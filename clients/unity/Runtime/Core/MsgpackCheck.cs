using System;
using System.Collections.Generic;

namespace Posewire.Core
{
    /// <summary>Whether a message is within its bytes, not too deep, with string keys of which none is twice, of true UTF-8 and
    /// without extension types. Allocates nothing for one that is.</summary>
    internal sealed class MsgpackCheck
    {
        // Up to here equal keys are found by comparing all; beyond, where a hostile map has thousands, by a set.
        private const int FewKeys = 32;

        private readonly int[] _keyAt = new int[FewKeys * Limits.MaxDepth];
        private readonly int[] _keyLength = new int[FewKeys * Limits.MaxDepth];
        private readonly MsgpackReader _reader;

        public MsgpackCheck(MsgpackReader reader)
        {
            _reader = reader;
        }

        /// <summary>Check the value at `at`. depth: of a map or array there. Returns where it ends; throws WireException.</summary>
        public int Value(int at, int depth)
        {
            at = _reader.Head(at);
            switch (_reader.Type)
            {
                case WireType.Text:
                    if (!Utf8.IsValid(_reader.Data, at, _reader.Length))
                    {
                        throw MsgpackReader.Malformed("a string that isn't UTF-8");
                    }
                    return at + _reader.Length;
                case WireType.Bytes:
                    return at + _reader.Length;
                case WireType.Array:
                    CheckDepth(depth);
                    for (int left = _reader.Length; left > 0; left--)
                    {
                        at = Value(at, depth + 1);
                    }
                    return at;
                case WireType.Map:
                    CheckDepth(depth);
                    return CheckMap(at, _reader.Length, depth);
                default:
                    return at;
            }
        }

        private static void CheckDepth(int depth)
        {
            if (depth > Limits.MaxDepth)
            {
                throw new WireException(WireException.TooDeep, "nested deeper than " + Limits.MaxDepth);
            }
        }

        private int CheckMap(int at, int pairs, int depth)
        {
            HashSet<string> many = pairs > FewKeys ? new HashSet<string>(StringComparer.Ordinal) : null;
            int first = FewKeys * (depth - 1);
            for (int pair = 0; pair < pairs; pair++)
            {
                int after = Value(at, depth + 1);
                int key = _reader.Head(at);
                if (_reader.Type != WireType.Text)
                {
                    throw MsgpackReader.Malformed("a map key that is no string");
                }
                if (many != null ? !many.Add(_reader.Text(key, _reader.Length)) : IsAmong(key, _reader.Length, first, pair))
                {
                    throw MsgpackReader.Malformed("a map has the key '" + Line.Clean(_reader.Text(key, _reader.Length), 40) + "' twice");
                }
                if (many == null)
                {
                    _keyAt[first + pair] = key;
                    _keyLength[first + pair] = _reader.Length;
                }
                at = Value(after, depth + 1);
            }
            return at;
        }

        private bool IsAmong(int key, int length, int first, int count)
        {
            for (int i = first; i < first + count; i++)
            {
                if (_keyLength[i] == length && SameBytes(_keyAt[i], key, length))
                {
                    return true;
                }
            }
            return false;
        }

        private bool SameBytes(int one, int other, int length)
        {
            for (int i = 0; i < length; i++)
            {
                if (_reader.Data[one + i] != _reader.Data[other + i])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
