namespace Vallum.Scenarios.Grounds;

/// <summary>How much is there before the first operation. A scenario that has no use for one of them says so in its summary.</summary>
/// <param name="Nodes">That endpoints are on.</param>
/// <param name="Agents">That are connected, at most one for each node; each is held to a fresh compile at the end.</param>
public sealed record Sizes(int Tenants, int EndpointsPerTenant, int PoliciesPerTenant, int Nodes, int Agents)
{
    public static readonly Sizes Small = new(Tenants: 20, EndpointsPerTenant: 20, PoliciesPerTenant: 10, Nodes: 20, Agents: 20);
}
