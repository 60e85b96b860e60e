using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Chaos.Worlds;

/// <summary>Which generation of each tenant a node holds, read from the agent's own resources.</summary>
internal static class Generations
{
    private sealed record Seen(int? Left, int? Right, int? Mover);

    /// <param name="mixes">What is of different generations within one tenant, in words.</param>
    /// <returns>By tenant; a tenant of which nothing is held is not in it.</returns>
    public static Dictionary<string, int> Of(AgentState state, out List<string> mixes)
    {
        var seen = new Dictionary<string, Seen>();
        foreach (var rules in state.Resources.Values.Where(resource => resource.Kind == ResourceKind.PolicyRules))
        {
            var head = PolicyRulesHead.Parser.ParseFrom(rules.Head);
            var (tenant, side) = Split(head.Policy);
            var peers = head.Ingress.Concat(head.Egress).SelectMany(rule => rule.Matches).SelectMany(match => match.Peers).ToList();
            int? block = peers.Find(peer => peer.PeerCase == Peer.PeerOneofCase.Block) is { } named ? Last(named.Block.Cidr) : null;
            int? mover = peers.Find(peer => peer.PeerCase == Peer.PeerOneofCase.Group) is { } group &&
                state.Resources.TryGetValue((ResourceKind.Group, group.Group), out var members) && members.Entries.Count == 1
                    ? Last(members.Entries.Single())
                    : null;
            var before = seen.GetValueOrDefault(tenant, new Seen(null, null, null));
            seen[tenant] = side == "left" ? before with { Left = block } : before with { Right = block, Mover = mover };
        }

        mixes = [.. seen.Where(one => one.Value.Left is null || one.Value.Left != one.Value.Right || one.Value.Left != one.Value.Mover).Select(one =>
            string.Create(CultureInfo.InvariantCulture, $"tenant {one.Key}: left {one.Value.Left}, right {one.Value.Right}, mover {one.Value.Mover}"))];
        return seen.Where(one => one.Value.Left is not null).ToDictionary(one => one.Key, one => one.Value.Left!.Value);
    }

    // "tenants/t1/policies/left"
    private static (string Tenant, string Side) Split(string policy) => policy.Split('/') switch
    {
        [_, var tenant, _, var side] => (tenant, side),
        _ => (policy, ""),
    };

    // 16 bytes of an address and the prefix length.
    private static int Last(ByteString cidr) => BinaryPrimitives.ReadInt32BigEndian(cidr.Span[12..16]);
}
