using System.Buffers.Binary;
using System.Text;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>
/// A digest of members in whatever order: equal sums are equal members. To add up 100,000 that come from the kernel costs a tenth of looking each up.
/// </summary>
internal static class MemberDigest
{
    private const int LongestInterface = 64;

    public static Digest Of(IEnumerable<SetMember> members)
    {
        var sum = Digest.Empty;
        foreach (var member in members)
        {
            sum += Of(member);
        }

        return sum;
    }

    public static Digest Of(in SetMember member)
    {
        Span<byte> bytes = stackalloc byte[16 + 8 + LongestInterface];
        bytes[..24].Clear();
        member.Net.Base.WriteTo(bytes);
        bytes[16] = member.Net.Length;
        bytes[17] = (byte)member.Net.Family;
        bytes[18] = (byte)(member.NoMatch ? 1 : 0);
        bytes[19] = (byte)(member.Protocol is null ? 0 : 1);
        bytes[20] = member.Protocol ?? 0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[21..], member.Port);

        // A name of another kind than a kernel's is cut: it is not ours anyway.
        Encoding.UTF8.TryGetBytes(member.Interface ?? "", bytes[24..], out var name);
        return Digest.Of(bytes[..(24 + name)]);
    }
}
