namespace Vallum.Workloads;

/// <summary>What the policies of a world have to do with its endpoints.</summary>
public enum PolicyPattern
{
    /// <summary>The first isolates all endpoints of the tenant; each further one lets the endpoints of one app talk among themselves.</summary>
    Isolated,

    /// <summary>Each lets one app of the tenant reach another on a port.</summary>
    Apps,

    /// <summary>Each selects every endpoint of the tenant, and lets one app reach it on a port.</summary>
    Overlapping,

    /// <summary>Each lets one app of all tenants with one label reach an app of the own tenant.</summary>
    Teams,

    /// <summary>Each selects one endpoint, and lets one app reach it.</summary>
    OwnEndpoint,

    /// <summary>Each opens one protocol and port among the endpoints of the one segment: what Romana measured.</summary>
    Ports,
}

/// <summary>How much there is of what. All tenants of a world are of one size.</summary>
/// <param name="Name">One word, for command lines.</param>
/// <param name="LabelSets">Distinct label sets among the endpoints of a tenant (<see cref="PolicyPattern.OwnEndpoint"/>: of what they have beside their own label).</param>
public sealed record Shape(
    string Name, int Tenants, int EndpointsPerTenant, int PoliciesPerTenant, int Nodes, int LabelSets, PolicyPattern Pattern)
{
    /// <summary>Of a tenant; its endpoints are spread over them.</summary>
    public int Segments { get; init; } = 1;

    /// <summary>Distinct values of the label "team" among the tenants.</summary>
    public int Teams { get; init; } = 100;

    public int Endpoints => Tenants * EndpointsPerTenant;

    public int Policies => Tenants * PoliciesPerTenant;

    /// <summary>The same with fewer of everything but kinds: for tests, and for a first look.</summary>
    public Shape Smaller(int divisor) => this with
    {
        Tenants = Math.Max(Math.Min(Tenants, 3), Tenants / divisor),
        EndpointsPerTenant = Tenants >= divisor ? EndpointsPerTenant : Math.Max(LabelSets > 100 ? 20 : LabelSets, EndpointsPerTenant / divisor),
        PoliciesPerTenant = Tenants >= divisor ? PoliciesPerTenant : Math.Max(1, PoliciesPerTenant / divisor),
        LabelSets = LabelSets > 100 ? Math.Max(10, LabelSets / divisor) : LabelSets,
        Nodes = Math.Max(3, Nodes / divisor),
        Teams = Math.Max(2, Teams / divisor),
    };
}
