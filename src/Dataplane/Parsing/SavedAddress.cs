using System.Globalization;
using System.Net;
using Vallum.Primitives;

namespace Vallum.Dataplane.Parsing;

/// <summary>Addresses as the tools print them. Unlike a policy's, an IPv4-mapped IPv6 address stays IPv6: the kernel's tables are per family.</summary>
internal static class SavedAddress
{
    /// <summary>"10.0.0.0/8", or an address alone, which is a block of one; null for anything else.</summary>
    public static Cidr? Block(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var ip))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[16];
        ip.TryWriteBytes(bytes, out var written);
        var address = Address.FromBytes(bytes[..written]);
        if (slash < 0)
        {
            return Cidr.Host(address);
        }

        return byte.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= address.Width
            ? Cidr.Containing(address, length)
            : null;
    }
}
