using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;

namespace Vallum.NodeAgent.Kernel.Ipset;

/// <summary>A type of set that we make, and the revisions of it that will do.</summary>
/// <param name="NoMatchSince">The first that knows exceptions.</param>
/// <param name="Known">
/// The last that we know (bucket sizes, which ipset 7.11 and later print). A set of a later one could not be listed with the tools of its day.
/// </param>
internal sealed record IpsetType(SetType Type, byte NoMatchSince, byte Known)
{
    public static readonly ImmutableArray<IpsetType> All =
    [
        new(SetType.Net, 2, 7),
        new(SetType.NetPort, 3, 8),
        new(SetType.NetInterface, 1, 8),
    ];

    public string Name => KernelSet.TypeName(Type);

    /// <summary>Of a name that the kernel gives.</summary>
    public static SetType Named(string name) => All.FirstOrDefault(t => t.Name == name)?.Type ?? SetType.Other;
}
