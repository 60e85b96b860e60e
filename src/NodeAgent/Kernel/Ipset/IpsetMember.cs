using System.Buffers.Binary;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>A member as attributes. A port of a bridge is written "physdev:NAME", as ipset prints it.</summary>
internal static class IpsetMember
{
    private const string PhysicalDevicePrefix = "physdev:";

    /// <param name="line">Which of several it is, from 1; 0: it is alone.</param>
    /// <param name="withFlags">False to remove a member: it is named by its key, and a flag would name another one.</param>
    public static void Write(NetlinkRequest request, in SetMember member, bool withFlags, uint line)
    {
        var data = request.BeginNested(IpsetAttribute.Data);
        var address = request.BeginNested(IpsetData.Address);
        var net = member.Net;
        net.Base.WriteTo(net.Family == IpFamily.V4 ? request.Room(IpsetData.V4, 4) : request.Room(IpsetData.V6, 16));
        request.EndNested(address).Put(IpsetData.PrefixLength, net.Length);
        if (member.Protocol is { } protocol)
        {
            request.Put(IpsetData.Protocol, protocol).Put(IpsetData.Port, member.Port);
        }

        var flags = withFlags && member.NoMatch ? IpsetData.NoMatch : 0;
        if (member.Interface is { } link)
        {
            var physical = link.StartsWith(PhysicalDevicePrefix, StringComparison.Ordinal);
            request.Put(IpsetData.Interface, physical ? link[PhysicalDevicePrefix.Length..] : link);
            flags |= physical ? IpsetData.PhysicalDevice : 0;
        }

        if (flags != 0)
        {
            request.Put(IpsetData.Flags, flags);
        }

        if (line > 0)
        {
            request.PutNative(IpsetAttribute.Line, line);
        }

        request.EndNested(data);
    }

    /// <summary>False for a member of a kind that no set of ours has.</summary>
    public static bool TryRead(NetlinkAttributes data, out SetMember member)
    {
        Address? address = null;
        byte? length = null;
        byte? protocol = null;
        ushort port = 0;
        string? link = null;
        uint flags = 0;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case IpsetData.Address:
                    address = ReadAddress(attribute.Nested);
                    break;
                case IpsetData.PrefixLength:
                    length = attribute.U8;
                    break;
                case IpsetData.Port:
                    port = attribute.U16;
                    break;
                case IpsetData.Protocol:
                    protocol = attribute.U8;
                    break;
                case IpsetData.Interface:
                    link = attribute.Text;
                    break;
                case IpsetData.Flags:
                    flags = attribute.U32;
                    break;
                default:
                    break;
            }
        }

        if (address is not { } first || length > first.Width)
        {
            member = default;
            return false;
        }

        if ((flags & IpsetData.PhysicalDevice) != 0)
        {
            link = PhysicalDevicePrefix + link;
        }

        if ((flags & IpsetData.InterfaceWildcard) != 0)
        {
            link += " wildcard";
        }

        member = new SetMember(Cidr.Containing(first, length ?? first.Width), protocol, port, link, (flags & IpsetData.NoMatch) != 0);
        return true;
    }

    private static Address? ReadAddress(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
        {
            switch (attribute.Type, attribute.Value.Length)
            {
                case (IpsetData.V4, 4):
                    return Address.V4(attribute.U32);
                case (IpsetData.V6, 16):
                    return Address.V6(BinaryPrimitives.ReadUInt128BigEndian(attribute.Value));
                default:
                    break;
            }
        }

        return null;
    }
}
