using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.Agents;

/// <summary>A resource as an agent holds it. Digests are computed from scratch, by agent.proto's words.</summary>
public sealed record HeldResource(ResourceKind Kind, string Name, ByteString Head, ImmutableHashSet<ByteString> Entries)
{
    public Digest Digest => Entries.Aggregate(Of(0, Head), (sum, entry) => sum + Of(1, entry));

    /// <summary>What it adds to the digest over everything held.</summary>
    public Digest InAll => Digest.Of([(byte)Kind, .. Encoding.UTF8.GetBytes(Name), 0, .. Digest.ToBytes()]);

    /// <summary>What it names, by kind and name.</summary>
    public IEnumerable<(ResourceKind Kind, string Name)> References => Kind switch
    {
        ResourceKind.Binding => Entries.Select(e => (ResourceKind.Profile, BindingEntry.Parser.ParseFrom(e).Profile)),
        ResourceKind.Profile => Entries.Select(e => (ResourceKind.PolicyRules, ProfileEntry.Parser.ParseFrom(e).Rules)),
        ResourceKind.PolicyRules => GroupsOf(PolicyRulesHead.Parser.ParseFrom(Head)).Select(g => (ResourceKind.Group, g)),
        _ => [],
    };

    private static IEnumerable<string> GroupsOf(PolicyRulesHead head) =>
        head.Ingress.Concat(head.Egress).SelectMany(r => r.Matches)
            .SelectMany(m => m.Peers.Where(p => p.PeerCase == Peer.PeerOneofCase.Group).Select(p => p.Group).Append(m.DestinationPorts))
            .Where(g => g.Length > 0);

    private static Digest Of(byte mark, ByteString content) => Digest.Of([mark, .. content.Span]);
}
