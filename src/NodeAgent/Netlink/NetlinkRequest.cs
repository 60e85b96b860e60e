using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Vallum.NodeAgent.Netlink;

/// <summary>
/// One message on its way to the kernel, written front to back into a pooled buffer that is used again for the next. Header fields are in the machine's
/// byte order, numbers in attributes in the network's where netfilter asks for that (NLA_F_NET_BYTEORDER says so).
/// </summary>
internal sealed class NetlinkRequest : IDisposable
{
    /// <summary>Of an attribute or message: length (4 bytes) and type, or length, type, flags, sequence and port.</summary>
    public const int HeaderBytes = 16;

    private const int AttributeBytes = 4;
    private const int NetfilterBytes = 4;
    private const ushort Nested = 0x8000;
    private const ushort NetworkOrder = 0x4000;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private int _length;

    /// <summary>Bytes written so far. An attribute holds at most 65,531, and so does the message in practice.</summary>
    public int Length => _length;

    /// <summary>The whole message; its sequence number is set by who sends it.</summary>
    public Span<byte> Bytes
    {
        get
        {
            MemoryMarshal.Write(_buffer, (uint)_length);
            return _buffer.AsSpan(0, _length);
        }
    }

    /// <summary>Starts anew, with a netlink header and netfilter's own (nfgenmsg).</summary>
    /// <param name="family">AF_INET, AF_INET6, or 0 where it does not matter.</param>
    /// <param name="resource">What the subsystem wants there: a group of NFLOG; else 0.</param>
    public NetlinkRequest Begin(NetfilterSubsystem subsystem, byte command, NetlinkFlags flags, byte family = 0, ushort resource = 0)
    {
        _length = 0;
        var header = Take(HeaderBytes + NetfilterBytes);
        header.Clear();
        MemoryMarshal.Write(header[4..], (ushort)(((int)subsystem << 8) | command));
        MemoryMarshal.Write(header[6..], (ushort)(flags | NetlinkFlags.Request));
        header[HeaderBytes] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header[(HeaderBytes + 2)..], resource);
        return this;
    }

    public NetlinkRequest Put(ushort type, byte value)
    {
        Attribute(type, 1)[0] = value;
        return this;
    }

    /// <summary>In the network's byte order, and marked so.</summary>
    public NetlinkRequest Put(ushort type, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Attribute((ushort)(type | NetworkOrder), 2), value);
        return this;
    }

    /// <summary>In the network's byte order, and marked so.</summary>
    public NetlinkRequest Put(ushort type, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Attribute((ushort)(type | NetworkOrder), 4), value);
        return this;
    }

    /// <summary>In the network's byte order, without the mark: conntrack and NFLOG have no use for it.</summary>
    public NetlinkRequest PutPlain(ushort type, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Attribute(type, 4), value);
        return this;
    }

    /// <summary>In the machine's byte order.</summary>
    public NetlinkRequest PutNative(ushort type, uint value)
    {
        MemoryMarshal.Write(Attribute(type, 4), value);
        return this;
    }

    /// <summary>ASCII, with the zero that the kernel wants.</summary>
    public NetlinkRequest Put(ushort type, string value)
    {
        var room = Attribute(type, value.Length + 1);
        Encoding.ASCII.GetBytes(value, room);
        room[^1] = 0;
        return this;
    }

    public NetlinkRequest Put(ushort type, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Attribute(type, value.Length));
        return this;
    }

    /// <summary>Room for a value that is in the network's byte order and marked so, to be filled by the caller.</summary>
    public Span<byte> Room(ushort type, int bytes) => Attribute((ushort)(type | NetworkOrder), bytes);

    /// <summary>An attribute of attributes.</summary>
    /// <returns>To give to <see cref="EndNested"/>.</returns>
    public int BeginNested(ushort type)
    {
        var start = _length;
        Attribute((ushort)(type | Nested), 0);
        return start;
    }

    public NetlinkRequest EndNested(int start)
    {
        MemoryMarshal.Write(_buffer.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>The value's place. What is written behind it begins at a multiple of 4.</summary>
    private Span<byte> Attribute(ushort type, int bytes)
    {
        var whole = AttributeBytes + bytes;
        var room = Take((whole + 3) & ~3);
        MemoryMarshal.Write(room, (ushort)whole);
        MemoryMarshal.Write(room[2..], type);
        room[whole..].Clear();
        return room[AttributeBytes..whole];
    }

    private Span<byte> Take(int bytes)
    {
        if (_length + bytes > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * (_length + bytes));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        _length += bytes;
        return _buffer.AsSpan(_length - bytes, bytes);
    }
}
