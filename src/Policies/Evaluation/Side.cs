using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// One direction of a flow at the managed endpoint, or at the node, whose direction it is: egress at the source, ingress at the destination.
/// </summary>
/// <param name="Other">The address of the other side.</param>
internal sealed record Side(Direction Direction, Judged Self, Address Other, Flow Flow);

/// <summary>Whose direction is judged.</summary>
internal abstract record Judged
{
    private Judged()
    {
    }

    public sealed record AnEndpoint(Endpoint Endpoint) : Judged;

    public sealed record ANode(Node Node) : Judged;

    /// <summary>The tenant that relations are seen from; null: a node belongs to none.</summary>
    public TenantName? Tenant => (this as AnEndpoint)?.Endpoint.Id.Tenant;

    /// <summary>Where it is; null for an endpoint that is not placed.</summary>
    public NodeName? Place => this switch
    {
        AnEndpoint e => e.Endpoint.Node,
        ANode n => n.Node.Name,
        _ => null,
    };
}
