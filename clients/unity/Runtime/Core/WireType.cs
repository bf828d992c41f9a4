namespace Posewire.Core
{
    /// <summary>What a msgpack value is.</summary>
    internal enum WireType
    {
        Nil,
        Bool,
        Int,
        Float,
        Text,
        Bytes,
        Array,
        Map,
    }
}
