using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
    private const int LeastShared = 16;

    /// <summary>Long lists that several resources share, as identities that the same policies select do, are encoded once and stay shared.</summary>
    public static IEnumerable<CompiledDelta> Encode(IEnumerable<ResourceDelta> deltas)
    {
        var lists = new Dictionary<ResourceEntry[], ImmutableArray<byte[]>>();
        return deltas.Select(delta => Encode(delta, entries => entries.Length < LeastShared ? EncodeAll(entries) : Shared(entries, lists)));
    }

    public static CompiledDelta Encode(ResourceDelta delta) => Encode(delta, EncodeAll);

    private static CompiledDelta Encode(ResourceDelta delta, Func<ImmutableArray<ResourceEntry>, ImmutableArray<byte[]>> entries) => new(
        KindOf(delta.Key.Kind),
        delta.Key.Name,
        delta.Gone,
        delta.Head is { } head ? EncodeHead(head) : null,
        entries(delta.Added),
        entries(delta.Removed),
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

    // Arrays are compared by reference: the same list, not an equal one.
    private static ImmutableArray<byte[]> Shared(ImmutableArray<ResourceEntry> entries, Dictionary<ResourceEntry[], ImmutableArray<byte[]>> lists)
    {
        var list = ImmutableCollectionsMarshal.AsArray(entries)!;
        if (!lists.TryGetValue(list, out var encoded))
        {
            lists.Add(list, encoded = EncodeAll(entries));
        }

        return encoded;
    }

    private static CompiledKind KindOf(ResourceKind kind) => kind switch
    {
        ResourceKind.Binding => CompiledKind.Binding,
        ResourceKind.Profile => CompiledKind.Profile,
        ResourceKind.PolicyRules => CompiledKind.PolicyRules,
        ResourceKind.GroupPart => CompiledKind.GroupPart,
        _ => throw new InvalidOperationException($"unknown kind {kind}"),
    };
}
