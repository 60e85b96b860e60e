using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Silo.Api;

/// <summary>One side of a flow that is asked about: its addresses, and the tenant whose objects must be read to judge it.</summary>
internal sealed record FlowSide(ImmutableArray<Address> Addresses, TenantName? Tenant)
{
    /// <param name="text">"tenants/{tenant}/endpoints/{endpoint}", "nodes/{node}" or an address.</param>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT, NOT_FOUND, or FAILED_PRECONDITION: the endpoint has no address yet.</exception>
    public static async Task<FlowSide> FindAsync(IGrainFactory grains, string text, string field)
    {
        if (Address.TryParse(text, out var address))
        {
            var claimant = await grains.GetGrain<IAddressShardGrain>(IAddressShardGrain.KeyOf(address.ToString())).ClaimantOf(address.ToString());
            return new FlowSide([address], claimant is null ? null : new TenantName(claimant));
        }

        if (!ObjectName.TryParse(text, out var name) || name.Type is not (ObjectType.Endpoint or ObjectType.Node))
        {
            throw ApiError.Invalid(field, "INVALID_NAME", $"'{text}' is neither an address, nor tenants/{{tenant}}/endpoints/{{endpoint}}, nor nodes/{{node}}");
        }

        if (name.Type == ObjectType.Node)
        {
            var found = await grains.Scope(name.Scope).Get(ObjectKind.Node, name.Id) ?? throw ApiError.NotFound(text);
            return ObjectKinds.ToMessage(ObjectKinds.Node, name.Scope, found).Spec is { Addresses.Count: > 0 } node
                ? new FlowSide([.. node.Addresses.Select(Address.Parse)], null)
                : throw ApiError.Precondition("NO_ADDRESS", text, $"{text} has no address: nothing can reach it");
        }

        var document = await grains.Scope(name.Scope).Get(ObjectKind.Endpoint, name.Id) ?? throw ApiError.NotFound(text);
        var endpoint = ObjectKinds.ToMessage(ObjectKinds.Endpoint, name.Scope, document);
        return endpoint.Spec is { Addresses.Count: > 0 } spec
            ? new FlowSide([.. spec.Addresses.Select(Address.Parse)], new TenantName(name.Tenant!))
            : throw ApiError.Precondition("NO_ADDRESS", text, $"{text} has no address yet: nothing can reach it");
    }

    /// <summary>One address of each side in the same family, IPv4 first.</summary>
    /// <exception cref="Grpc.Core.RpcException">FAILED_PRECONDITION: there is no such pair.</exception>
    public static (Address Source, Address Destination) Pair(FlowSide source, FlowSide destination, IpFamily? wanted)
    {
        foreach (var family in wanted is { } one ? [one] : (ReadOnlySpan<IpFamily>)[IpFamily.V4, IpFamily.V6])
        {
            var from = source.Addresses.FirstOrDefault(a => a.Family == family);
            var to = destination.Addresses.FirstOrDefault(a => a.Family == family);
            if (from.Family == family && to.Family == family)
            {
                return (from, to);
            }
        }

        throw ApiError.Precondition(
            "NO_COMMON_FAMILY", "destination", "the two sides have no address in the same IP family that the protocol runs over");
    }
}
