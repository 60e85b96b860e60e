using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Vallum.NodeAgent.Netlink;

/// <summary>Attributes one behind the other, for `foreach`. What is cut off ends them.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private const int HeaderBytes = 4;

    private ReadOnlySpan<byte> _rest = bytes;

    public NetlinkAttribute Current { get; private set; }

    public readonly NetlinkAttributes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < HeaderBytes)
        {
            return false;
        }

        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderBytes || length > _rest.Length)
        {
            return false;
        }

        Current = new NetlinkAttribute(MemoryMarshal.Read<ushort>(_rest[2..]), _rest[HeaderBytes..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}

/// <summary>One attribute. A value that is shorter than what is asked for reads as 0 or empty.</summary>
internal readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
{
    // The two upper bits say "nested" and "network byte order".
    private const ushort TypeMask = 0x3FFF;

    public ushort Type { get; } = (ushort)(type & TypeMask);

    public ReadOnlySpan<byte> Value { get; } = value;

    public NetlinkAttributes Nested => new(Value);

    public byte U8 => Value.Length >= 1 ? Value[0] : (byte)0;

    /// <summary>Sent in the network's byte order.</summary>
    public ushort U16 => Value.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Value) : (ushort)0;

    /// <summary>Sent in the network's byte order.</summary>
    public uint U32 => Value.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    /// <summary>Sent in the network's byte order.</summary>
    public ulong U64 => Value.Length >= 8 ? BinaryPrimitives.ReadUInt64BigEndian(Value) : 0;

    /// <summary>Sent in the machine's byte order.</summary>
    public uint NativeU32 => Value.Length >= 4 ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>ASCII up to the zero.</summary>
    public string Text => Encoding.ASCII.GetString(Characters);

    public ReadOnlySpan<byte> Characters => Value.IndexOf((byte)0) is >= 0 and var end ? Value[..end] : Value;
}
