using Google.Protobuf.Collections;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Silo.Security.Access;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Api;

/// <summary>What an answer about somebody's own objects must not tell of others'.</summary>
internal static class Discretion
{
    /// <summary>An address that is taken is told; who has it only to whom may read it.</summary>
    public static Fault Of(Fault fault, Rights rights) => rights.ReadsEverything
        ? fault
        : fault with { Violations = [.. fault.Violations.Select(v => v.Reason == Reasons.AddressInUse ? Of(v, rights) : v)] };

    /// <summary>
    /// The verdict stands; of policies that are not the caller's only those are named that are in force on the flow: what decides about one's own
    /// endpoint is one's own business.
    /// </summary>
    public static ExplainFlowResponse Of(ExplainFlowResponse response, Rights rights)
    {
        if (!rights.ReadsEverything)
        {
            foreach (var direction in (Contracts.Api.V1.DirectionVerdict?[])[response.Egress, response.Ingress])
            {
                Keep(direction?.Considered, rights);
                Keep(direction?.Staged, rights);
            }
        }

        return response;
    }

    /// <summary>The caller's own packets, and of the other side no more than its address. Null: it is none of the caller's.</summary>
    public static FlowEvent? Of(FlowEvent flow, Rights rights)
    {
        if (rights.ReadsEverything)
        {
            return flow;
        }

        var (source, destination) = (MayRead(flow.SourceEndpoint, rights), MayRead(flow.DestinationEndpoint, rights));
        if (!source && !destination)
        {
            return null;
        }

        var told = new FlowEvent(flow)
        {
            SourceEndpoint = source ? flow.SourceEndpoint : "",
            DestinationEndpoint = destination ? flow.DestinationEndpoint : "",
        };
        if (IsForeign(flow.Policy, rights))
        {
            (told.Policy, told.Rule, told.Reason) = ("", "", "a policy of another tenant");
        }

        return told;
    }

    /// <summary>A side of a flow that is asked about is the caller's own, or nobody's.</summary>
    /// <exception cref="Grpc.Core.RpcException">PERMISSION_DENIED.</exception>
    public static void Check(Caller caller, Address address, TenantName? tenant, string field, ClusterState state)
    {
        var allowed = caller.Rights.ReadsEverything || (tenant is { } owner
            ? caller.Rights.MayRead(owner.Value)
            : !state.Nodes.Values.Any(node => node.Addresses.Contains(address)));
        if (!allowed)
        {
            // Whose it is, is not told.
            throw ApiError.Forbidden(caller.Name, [new Demand.Read(null, field)]);
        }
    }

    private static Violation Of(Violation violation, Rights rights) =>
        rights.Tenants.Any(tenant => violation.Description.Contains($" {tenant}/", StringComparison.Ordinal))
            ? violation
            : violation with { Description = "the address belongs to an endpoint of another tenant: an address belongs to one endpoint in the cluster" };

    private static void Keep(RepeatedField<ConsideredPolicy>? considered, Rights rights)
    {
        if (considered is null)
        {
            return;
        }

        var kept = considered.Where(c => c.InForce || MayRead(c.Policy, rights)).ToList();
        considered.Clear();
        considered.Add(kept);
    }

    private static bool MayRead(string text, Rights rights) => ObjectName.TryParse(text, out var name) && rights.MayRead(name.Tenant);

    /// <summary>The operator's is in force on everybody's packets.</summary>
    private static bool IsForeign(string policy, Rights rights) =>
        ObjectName.TryParse(policy, out var name) && name.Tenant is not null && !rights.MayRead(name.Tenant);
}
