using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Resources;

namespace Vallum.Silo.Distribution.Encoding;

/// <summary>
/// Typed compiled resources → the records that travel between silos, with heads and entries already in the bytes of the agents' wire (agent.proto).
/// The encoding is one to one and the same everywhere: equal values give equal bytes, so digests of equal content are equal on every silo.
/// </summary>
internal static class ResourceEncoding
{
    public static CompiledDelta Encode(ResourceDelta delta) => new(
        KindOf(delta.Key.Kind),
        delta.Key.Name,
        delta.Gone,
        delta.Head is { } head ? EncodeHead(head) : null,
        EncodeAll(delta.Added),
        EncodeAll(delta.Removed),
        delta.Head is ResourceHead.PolicyRules rules ? [.. rules.Groups.Select(WantEncoding.ToWant)] : []);

    /// <summary>A resource from nothing: the delta that makes it.</summary>
    public static CompiledDelta EncodeWhole(Resource resource) =>
        Encode(new ResourceDelta(resource.Key, resource.Head, [.. resource.Entries], []));

    public static byte[] EncodeHead(ResourceHead head) => head switch
    {
        ResourceHead.None => [],
        ResourceHead.Profile profile => HeadEncoding.Profile(profile).ToByteArray(),
        ResourceHead.PolicyRules rules => HeadEncoding.PolicyRules(rules).ToByteArray(),
        _ => throw new InvalidOperationException($"unknown head {head}"),
    };

    public static byte[] EncodeEntry(ResourceEntry entry) => entry switch
    {
        ResourceEntry.BoundEndpoint bound => EntryEncoding.Bound(bound).ToByteArray(),
        ResourceEntry.PolicyInForce inForce => EntryEncoding.InForce(inForce).ToByteArray(),
        ResourceEntry.Member member => MemberEncoding.Pack(member.Value),
        _ => throw new InvalidOperationException($"unknown entry {entry}"),
    };

    private static ImmutableArray<byte[]> EncodeAll(ImmutableArray<ResourceEntry> entries) =>
        entries.IsEmpty ? [] : [.. entries.Select(EncodeEntry)];

    private static CompiledKind KindOf(ResourceKind kind) => kind switch
    {
        ResourceKind.Binding => CompiledKind.Binding,
        ResourceKind.Profile => CompiledKind.Profile,
        ResourceKind.PolicyRules => CompiledKind.PolicyRules,
        ResourceKind.GroupPart => CompiledKind.GroupPart,
        _ => throw new InvalidOperationException($"unknown kind {kind}"),
    };
}
