using System;

namespace Posewire.Core
{
    /// <summary>A message that isn't the protocol. The code is one of protocol/SPEC.md, section 3.</summary>
    public sealed class WireException : Exception
    {
        public const string Malformed = "malformed";
        public const string WrongKind = "wrong_kind";
        public const string TooDeep = "too_deep";
        public const string TooLarge = "too_large";
        public const string BadMessage = "bad_message";
        public const string BadValue = "bad_value";
        public const string UnknownField = "unknown_field";
        public const string UnknownStream = "unknown_stream";

        public WireException(string code, string message)
            : base(message)
        {
            Code = code;
        }

        public string Code { get; private set; }
    }
}
