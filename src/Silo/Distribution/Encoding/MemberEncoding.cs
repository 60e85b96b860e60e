using System.Buffers.Binary;
using Google.Protobuf;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Encoding;

/// <summary>
/// A group's member packed: 4 or 16 address bytes, 1 byte prefix length and, with a port, 1 byte protocol and 2 bytes port (big-endian); so 5, 17, 8 or 20
/// bytes. A member takes as few bytes as it can because a group may have 100,000 of them.
/// </summary>
internal static class MemberEncoding
{
    public static byte[] Pack(GroupMember member)
    {
        Span<byte> bytes = stackalloc byte[20];
        var length = member.Cidr.Base.WriteTo(bytes);
        bytes[length++] = member.Cidr.Length;
        if (member.Protocol is { } protocol)
        {
            bytes[length++] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[length..], member.Port ?? throw new ArgumentException("A member with a protocol has a port.", nameof(member)));
            length += 2;
        }

        return bytes[..length].ToArray();
    }

    /// <summary>The 4 or 16 bytes of an address.</summary>
    public static ByteString Bytes(Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return ByteString.CopyFrom(bytes[..address.WriteTo(bytes)]);
    }
}
