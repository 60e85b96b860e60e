using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Encoding;

/// <summary>Entries of bindings and profiles as the agents' messages.</summary>
internal static class EntryEncoding
{
    public static Wire.BindingEntry Bound(ResourceEntry.BoundEndpoint entry) => new()
    {
        Endpoint = entry.Endpoint.ToString(),
        Addresses = { entry.Addresses.Select(MemberEncoding.Bytes) },
        Interface = entry.Interface ?? "",
        Profile = entry.Profile.Value,
    };

    public static Wire.ProfileEntry InForce(ResourceEntry.PolicyInForce entry) => new()
    {
        Direction = entry.Direction == Direction.Ingress ? Wire.Direction.Ingress : Wire.Direction.Egress,
        Tier = entry.Tier switch
        {
            Tier.Admin => Wire.Tier.Admin,
            Tier.Tenant => Wire.Tier.Tenant,
            Tier.Baseline => Wire.Tier.Baseline,
            _ => throw new InvalidOperationException($"unknown tier {entry.Tier}"),
        },
        Priority = (uint)entry.Priority,
        Policy = entry.Policy.ToString(),
        Rules = entry.Rules.Value,
        Staged = entry.Staged,
    };
}
