using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;
using Vallum.Workloads;

namespace Vallum.Load.Compiling;

/// <summary>The objects of a world after what happened in it, for a compilation from nothing.</summary>
internal sealed class ObjectsNow
{
    private readonly Dictionary<TenantName, Dictionary<object, ClusterChange>> _tenants = [];

    public ObjectsNow(World world, IEnumerable<ClusterChange> edits)
    {
        foreach (var change in world.Tenants.SelectMany(tenant => tenant.Puts).Concat(edits))
        {
            Take(change);
        }
    }

    public IReadOnlyCollection<Tenant> Tenants => [.. Puts.OfType<ClusterChange.PutTenant>().Select(put => put.Tenant)];

    /// <summary>Node → the tenants that have endpoints there.</summary>
    public ILookup<string, string> TenantsAt => Puts.OfType<ClusterChange.PutEndpoint>()
        .Select(put => (Node: put.Endpoint.Node!.Value.Value, Tenant: put.Endpoint.Id.Tenant.Value))
        .Distinct()
        .ToLookup(pair => pair.Node, pair => pair.Tenant);

    public Dictionary<string, TenantInput[]> Inputs => _tenants.ToDictionary(
        tenant => tenant.Key.Value,
        tenant => tenant.Value.Values.Select(InputOf).ToArray());

    private IEnumerable<ClusterChange> Puts => _tenants.Values.SelectMany(objects => objects.Values);

    public static TenantInput[] InputsOf(IEnumerable<ClusterChange> edits) =>
        [.. edits.SelectMany(edit => TenantInputs.Of(edit, ClusterState.Empty, [])).Select(told => told.Input)];

    private static TenantInput InputOf(ClusterChange edit) => TenantInputs.Of(edit, ClusterState.Empty, []).Single().Input;

    private void Take(ClusterChange change)
    {
        switch (change)
        {
            case ClusterChange.PutTenant put:
                Of(put.Tenant.Name)[put.Tenant.Name] = put;
                break;
            case ClusterChange.RemoveTenant removal:
                _tenants.Remove(removal.Tenant);
                break;
            case ClusterChange.PutSegment put:
                Of(put.Segment.Tenant)[put.Segment.Name] = put;
                break;
            case ClusterChange.RemoveSegment removal:
                Of(removal.Tenant).Remove(removal.Segment);
                break;
            case ClusterChange.PutEndpoint put:
                Of(put.Endpoint.Id.Tenant)[put.Endpoint.Id] = put;
                break;
            case ClusterChange.RemoveEndpoint removal:
                Of(removal.Endpoint.Tenant).Remove(removal.Endpoint);
                break;
            case ClusterChange.PutPolicy put:
                Of(put.Policy.Id.Tenant!.Value)[put.Policy.Id] = put;
                break;
            case ClusterChange.RemovePolicy removal:
                Of(removal.Policy.Tenant!.Value).Remove(removal.Policy);
                break;
            default:
                throw new InvalidOperationException($"not of a tenant: {change}");
        }
    }

    private Dictionary<object, ClusterChange> Of(TenantName tenant)
    {
        if (!_tenants.TryGetValue(tenant, out var objects))
        {
            _tenants.Add(tenant, objects = []);
        }

        return objects;
    }
}
