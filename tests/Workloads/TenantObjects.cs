using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Workloads;

/// <summary>All that one tenant has at the beginning of a world. Made when it is asked for, and anew each time.</summary>
public sealed class TenantObjects(World world, int number)
{
    public TenantName Name => World.NameOf(number);

    public Tenant Tenant => world.Tenant(number);

    public IEnumerable<Segment> Segments => Enumerable.Range(0, world.Shape.Segments).Select(segment => World.Segment(number, segment));

    public IEnumerable<Endpoint> Endpoints => Enumerable.Range(0, world.Shape.EndpointsPerTenant).Select(slot => world.Endpoint(number, slot));

    public IEnumerable<Policy> Policies => Enumerable.Range(0, world.Shape.PoliciesPerTenant).Select(policy => world.Policy(number, policy));

    /// <summary>All objects, what is named before what names it.</summary>
    public IEnumerable<ClusterChange> Puts =>
        Enumerable.Repeat<ClusterChange>(new ClusterChange.PutTenant(Tenant), 1)
            .Concat(Segments.Select(segment => new ClusterChange.PutSegment(segment)))
            .Concat(Endpoints.Select(endpoint => new ClusterChange.PutEndpoint(endpoint)))
            .Concat(Policies.Select(policy => new ClusterChange.PutPolicy(policy)));
}
