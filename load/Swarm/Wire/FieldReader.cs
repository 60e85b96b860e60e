namespace Vallum.Swarm.Wire;

/// <summary>Walks over the fields of one message where it lies (protobuf.dev/programming-guides/encoding): nothing is copied, nothing is made.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;

    public int Field { get; private set; }

    /// <summary>Of a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Of a string, bytes or a message.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <exception cref="InvalidDataException">It is no message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        Number = 0;
        Content = default;
        switch ((int)(tag & 7))
        {
            case Varint:
                Number = ReadVarint();
                break;
            case Fixed64:
                Content = Cut(8);
                break;
            case Bytes:
                Content = Cut(checked((int)ReadVarint()));
                break;
            case Fixed32:
                Content = Cut(4);
                break;
            default:
                throw new InvalidDataException($"a field of wire type {tag & 7}");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        var value = 0UL;
        for (var index = 0; index < _rest.Length && index < 10; index++)
        {
            value |= (ulong)(_rest[index] & 0x7f) << (7 * index);
            if ((_rest[index] & 0x80) == 0)
            {
                _rest = _rest[(index + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("a number that does not end");
    }

    private ReadOnlySpan<byte> Cut(int length)
    {
        if (length > _rest.Length)
        {
            throw new InvalidDataException("a field that is longer than its message");
        }

        var cut = _rest[..length];
        _rest = _rest[length..];
        return cut;
    }
}
