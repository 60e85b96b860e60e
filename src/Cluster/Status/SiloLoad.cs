namespace Vallum.Cluster.Status;

/// <summary>What a silo is and what it has to do.</summary>
/// <param name="Name">As its operator calls it.</param>
/// <param name="Version">Of the program.</param>
/// <param name="AgentAddress">Where agents reach it, such as "http://10.0.0.5:7400"; empty: not known, and no agent is sent there.</param>
/// <param name="Tenants">That it serves.</param>
/// <param name="Agents">Whose streams end here.</param>
/// <param name="AgentsBehind">Of those, that have not applied all they should.</param>
/// <param name="Lag">For how long the one of those has been behind that has been so longest.</param>
/// <param name="Revision">Up to which it knows the cluster's own objects.</param>
[GenerateSerializer, Immutable, Alias("vallum.SiloLoad")]
public sealed record SiloLoad(
    [property: Id(0)] string Name,
    [property: Id(1)] string Version,
    [property: Id(2)] DateTimeOffset Started,
    [property: Id(3)] string AgentAddress,
    [property: Id(4)] int Tenants,
    [property: Id(5)] int Agents,
    [property: Id(6)] int AgentsBehind,
    [property: Id(7)] TimeSpan Lag,
    [property: Id(8)] long Revision);
