using Google.Protobuf;

namespace Vallum.NodeAgent.Decoding;

/// <summary>
/// Finds fields that this agent does not know. A newer silo may narrow by one what an Allow matches: passed over, the rule would allow more than it says.
/// </summary>
internal sealed class UnknownFields<T>(MessageParser<T> parser)
    where T : class, IMessage<T>
{
    private readonly MessageParser<T> _knownOnly = parser.WithDiscardUnknownFields(true);

    /// <summary>The message, and the same without what is not known: null where nothing is unknown.</summary>
    public (T Message, T? Known) Parse(ByteString bytes)
    {
        // What is written anew as long as it came has lost nothing: nearly always, and then one reading is enough.
        var known = _knownOnly.ParseFrom(bytes);
        return known.CalculateSize() == bytes.Length ? (known, null) : (parser.ParseFrom(bytes), known);
    }
}
