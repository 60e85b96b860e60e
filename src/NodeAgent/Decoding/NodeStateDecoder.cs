using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Held;
using Direction = Vallum.Dataplane.Model.Direction;
using Group = Vallum.Dataplane.Model.Group;
using Tier = Vallum.Dataplane.Model.Tier;

namespace Vallum.NodeAgent.Decoding;

/// <summary>
/// Follows what is held with the data plane's own words. Only what an update touches is decoded, and of a group only the members that come and go.
/// One caller at a time.
/// </summary>
internal sealed class NodeStateDecoder
{
    // The kernel's IFNAMSIZ, less the zero.
    private const int LongestInterface = 15;

    // Each moves the whole list once.
    private const int FewEntries = 64;

    private readonly Dictionary<string, ImmutableArray<Binding>> _bindings = [];

    public NodeState State { get; private set; } = NodeState.Empty;

    /// <summary>Takes a change over. Call it before the change is committed to <paramref name="held"/>: a failure leaves both as they were.</summary>
    /// <returns>The resources that say something unknown, each with what it was.</returns>
    /// <exception cref="MalformedResourceException">One of them breaks the contract of the stream.</exception>
    public ImmutableArray<(ResourceName Resource, string What)> Take(HeldChange change, HeldResources held)
    {
        var next = State;
        var bindings = new Dictionary<string, ImmutableArray<Binding>?>();
        var unknown = ImmutableArray.CreateBuilder<(ResourceName, string)>();
        foreach (var resource in change.Resources)
        {
            try
            {
                next = Take(next, resource, held.Find(resource.Name), bindings, what => unknown.Add((resource.Name, what)));
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or ArgumentException)
            {
                throw new MalformedResourceException(resource.Name, e.Message);
            }
        }

        foreach (var (tenant, entries) in bindings)
        {
            if (entries is { } bound)
            {
                _bindings[tenant] = bound;
            }
            else
            {
                _bindings.Remove(tenant);
            }
        }

        State = bindings.Count == 0
            ? next
            : next with { Bindings = [.. _bindings.Values.SelectMany(b => b).OrderBy(b => b.Endpoint, StringComparer.Ordinal)] };
        return unknown.ToImmutable();
    }

    private static NodeState Take(
        NodeState state, ResourceChange change, HeldResource? held, Dictionary<string, ImmutableArray<Binding>?> bindings, Action<string> unknown)
    {
        var name = change.Name.Name;
        switch (change.Name.Kind)
        {
            case ResourceKind.Node:
                var node = change.IsRemoval ? new NodeHead() : NodeHead.Parser.ParseFrom(change.Head ?? held!.Head);
                return state with
                {
                    NodeAddresses = [.. node.Addresses.Select(WireAddress.Address)],
                    NodeProfile = node.Profile.Length == 0 ? null : node.Profile,
                };
            case ResourceKind.Binding:
                bindings[name] = change.IsRemoval ? null : [.. Entries(change, held).Select(e => Bind(BindingEntry.Parser.ParseFrom(e)))];
                return state;
            case ResourceKind.Profile when change.IsRemoval:
                return state with { Profiles = state.Profiles.Remove(name) };
            case ResourceKind.Profile:
                var profile = Said(d => Profile(d, change, held, state.Profiles.GetValueOrDefault(name)), unknown);
                return state with { Profiles = state.Profiles.SetItem(name, profile) };
            case ResourceKind.PolicyRules when change.IsRemoval:
                return state with { Rules = state.Rules.Remove(name) };
            case ResourceKind.PolicyRules:
                return state with { Rules = state.Rules.SetItem(name, Said(d => d.Rules(change.Head ?? held!.Head), unknown)) };
            case ResourceKind.Group when change.IsRemoval:
                return state with { Groups = state.Groups.Remove(name) };
            case ResourceKind.Group:
                var group = state.Groups.GetValueOrDefault(name, Group.Empty)
                    .With(change.Added.Select(WireAddress.Member), change.Removed.Select(WireAddress.Member));
                return state with { Groups = state.Groups.SetItem(name, group) };
            default:
                unknown($"a resource of kind {(int)change.Name.Kind}");
                return state;
        }
    }

    /// <summary>A change of a few entries decodes these and no others.</summary>
    private static Profile Profile(PolicyDecoder decoder, ResourceChange change, HeldResource? held, Profile? before)
    {
        var head = change.Head ?? held!.Head;
        return before is null || change.Added.Length + change.Removed.Length > FewEntries ||
            before.Policies.Any(p => p.Direction == Direction.Unknown || p.Tier == Tier.Unknown)
            ? decoder.Profile(head, Entries(change, held))
            : decoder.Profile(head, before, change.Added, change.Removed);
    }

    private static T Said<T>(Func<PolicyDecoder, T> decode, Action<string> unknown)
    {
        var decoder = new PolicyDecoder();
        var decoded = decode(decoder);
        foreach (var what in decoder.Unknown.Distinct())
        {
            unknown(what);
        }

        return decoded;
    }

    private static IEnumerable<ByteString> Entries(ResourceChange change, HeldResource? held) =>
        (held?.Entries ?? []).Except(change.Removed).Concat(change.Added);

    private static Binding Bind(BindingEntry entry) => new(
        entry.Endpoint,
        [.. entry.Addresses.Select(WireAddress.Address)],
        entry.Interface.Length == 0 ? null : IsInterface(entry.Interface) ? entry.Interface : throw new FormatException($"interface '{entry.Interface}'"),
        entry.Profile);

    /// <summary>A name that a kernel takes and that means itself to iptables and ipset: no blank, no comma, and no + (a pattern).</summary>
    private static bool IsInterface(string name) =>
        name.Length <= LongestInterface && name.All(c => char.IsAsciiLetterOrDigit(c) || "._-@:".Contains(c, StringComparison.Ordinal));
}
