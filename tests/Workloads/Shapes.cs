namespace Vallum.Workloads;

/// <summary>The shapes that claims are made about.</summary>
public static class Shapes
{
    /// <summary>100,000 endpoints, 75,000 policies. Antrea's large scale benchmark has the same namespaces.</summary>
    public static readonly Shape SmallTenants = new("small-tenants", 25_000, 4, 3, 1_000, 2, PolicyPattern.Isolated);

    /// <summary>Every policy concerns every endpoint, in 1,000 label sets.</summary>
    public static readonly Shape Overlapping = new("overlapping", 1, 10_000, 10_000, 100, 1_000, PolicyPattern.Overlapping) { Segments = 10 };

    /// <summary>The same, but all endpoints look alike: what Antrea calls overlapping.</summary>
    public static readonly Shape Alike = Overlapping with { Name = "alike", LabelSets = 1, Segments = 1 };

    public static readonly Shape OneTenant = new("one-tenant", 1, 100_000, 1_000, 1_000, 1_000, PolicyPattern.Apps) { Segments = 10 };

    /// <summary>1,000 tenants × 100 endpoints, 10,000 policies whose peers are the tenants of a team.</summary>
    public static readonly Shape Teams = new("teams", 1_000, 100, 10, 1_000, 10, PolicyPattern.Teams) { Segments = 2 };

    public static readonly Shape PolicyPerEndpoint = new("policy-per-endpoint", 1, 10_000, 10_000, 100, 100, PolicyPattern.OwnEndpoint) { Segments = 10 };

    /// <summary>250,000 endpoints, 10,000 policies.</summary>
    public static readonly Shape QuarterMillion = new("quarter-million", 100, 2_500, 100, 5_000, 100, PolicyPattern.Apps) { Segments = 5 };

    /// <summary>One segment, N policies that open a protocol and a port.</summary>
    public static readonly Shape Ports = PortsOf(10_000);

    public static readonly IReadOnlyList<Shape> All = [SmallTenants, Overlapping, Alike, OneTenant, Teams, PolicyPerEndpoint, QuarterMillion, Ports];

    /// <summary>One segment of 250 endpoints.</summary>
    /// <param name="policies">At most 120,000: no two are for one protocol and port.</param>
    public static Shape PortsOf(int policies) => new("ports", 1, 250, policies, 10, 1, PolicyPattern.Ports);

    /// <summary>One tenant of 10,000 endpoints, 10 to an app; policies spread over the apps. For the same change beside more and more policies.</summary>
    public static Shape AppsOf(int policies) => new("apps", 1, 10_000, policies, 100, 1_000, PolicyPattern.Apps) { Segments = 10 };

    /// <summary>Null when none is called so.</summary>
    public static Shape? Find(string name) => All.FirstOrDefault(shape => shape.Name == name);
}
