using Vallum.Dataplane.Kernel;
using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>What the kernel says of a set without listing it.</summary>
/// <param name="Members">How many it has; null on a kernel that does not count (before 4.9).</param>
internal sealed record IpsetHeader(string Name, SetType Type, IpFamily Family, int? Members, int MaxMembers)
{
    /// <summary>Null for a message that continues the members of a set.</summary>
    public static IpsetHeader? Of(NetlinkMessage message)
    {
        string? name = null;
        string? type = null;
        var family = IpFamily.V4;
        int? members = null;
        var most = KernelSet.UsualMaxMembers;
        foreach (var attribute in message.Attributes)
        {
            switch (attribute.Type)
            {
                case IpsetAttribute.SetName:
                    name = attribute.Text;
                    break;
                case IpsetAttribute.TypeName:
                    type = attribute.Text;
                    break;
                case IpsetAttribute.Family:
                    family = attribute.U8 == IpsetProtocol.FamilyV6 ? IpFamily.V6 : IpFamily.V4;
                    break;
                case IpsetAttribute.Data:
                    foreach (var part in attribute.Nested)
                    {
                        members = part.Type == IpsetData.Elements ? (int)part.U32 : members;
                        most = part.Type == IpsetData.MaxElements ? (int)part.U32 : most;
                    }

                    break;
                default:
                    break;
            }
        }

        return name is not null && type is not null ? new IpsetHeader(name, IpsetType.Named(type), family, members, most) : null;
    }
}
