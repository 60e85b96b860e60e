using System.Collections.Immutable;
using Vallum.Manifests;
using Vallum.Manifests.Assembly;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Cli.Commands;

/// <summary>What files mean, judged by the plain definition without a server.</summary>
internal sealed class OfflineFlows
{
    private readonly Evaluator _evaluator;

    private OfflineFlows(ClusterState state)
    {
        State = state;
        _evaluator = new Evaluator(state);
    }

    public ClusterState State { get; }

    /// <exception cref="CommandFailure">The files do not make a state that a control plane would accept.</exception>
    public static OfflineFlows Of(ManifestSet set)
    {
        var assembled = ClusterStateBuilder.Build([.. set.Manifests.Select(m => m.Object)]);
        if (assembled.Violations.IsEmpty)
        {
            return new OfflineFlows(assembled.State);
        }

        var lines = assembled.Violations.Select(v =>
            $"  {set.Manifests[v.Index].Source}:{set.Manifests[v.Index].Line}: {v.Name}: {v.Violation.Field}: {v.Violation.Description} ({v.Violation.Reason})");
        throw new CommandFailure(ExitCode.Negative, $"error: {assembled.Violations.Length} faults in the files (INVALID)\n{string.Join('\n', lines)}");
    }

    /// <summary>Whether traffic passes between two parties in every IP family that both have; false when they have none in common.</summary>
    /// <exception cref="CommandFailure">There is no such party.</exception>
    public bool Allows(string from, string to, Traffic traffic)
    {
        var sources = AddressesOf(from).Where(a => traffic.Family is null || a.Family == traffic.Family);
        var destinations = AddressesOf(to);
        var flows = sources.SelectMany(s => destinations.Where(d => d.Family == s.Family).Select(d => traffic.Between(s, d)));
        var judged = flows.Select(f => _evaluator.Evaluate(f).Allowed).ToList();
        return judged.Count > 0 && judged.TrueForAll(allowed => allowed);
    }

    /// <param name="party">"tenant/endpoint", "nodes/node", or an address.</param>
    private ImmutableArray<Address> AddressesOf(string party)
    {
        if (Address.TryParse(party, out var address))
        {
            return [address];
        }

        if (party.Split('/') is ["nodes", var own] && State.Nodes.TryGetValue(new NodeName(own), out var node))
        {
            return node.Addresses;
        }

        if (party.Split('/') is [var tenant, var name] && State.Endpoints.TryGetValue(new EndpointId(new TenantName(tenant), name), out var endpoint))
        {
            return endpoint.Addresses;
        }

        throw new CommandFailure(ExitCode.NotFound, $"'{party}' is neither an address, nor an endpoint (tenant/name), nor a node (nodes/name) in the files (NOT_FOUND)");
    }
}
