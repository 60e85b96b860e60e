using System.Collections.Immutable;

namespace Vallum.Scenarios.Grounds;

/// <summary>Which control plane a scenario runs against.</summary>
public abstract record Target
{
    private Target()
    {
    }

    /// <summary>A silo of its own process, on a file in a folder that goes with it.</summary>
    public sealed record One : Target
    {
        public override string ToString() => "one";
    }

    /// <summary>Silos of their own processes, on a redis-server that goes with them.</summary>
    public sealed record Cluster(int Silos = 3) : Target
    {
        public override string ToString() => Silos == 3 ? "cluster" : $"cluster of {Silos}";
    }

    /// <summary>Silos that somebody else runs. Objects of the scenario are made there, and removed at its end.</summary>
    /// <param name="Gateways">Where <c>Microsoft.Orleans.Client</c> finds grains; none: scenarios that go straight at them cannot run.</param>
    /// <param name="ClusterName">As the silos have it; only such scenarios ask for it.</param>
    public sealed record Address(
        ImmutableArray<Uri> Silos, CallerIdentity Caller, ImmutableArray<System.Net.IPEndPoint> Gateways, string ClusterName = "vallum") : Target
    {
        public override string ToString() => string.Join(',', Silos.Select(silo => silo.Authority));
    }
}

/// <summary>What a caller of a control plane shows, and whom it trusts; paths of PEM files, empty: none.</summary>
/// <param name="Authority">Who must have signed the server's certificate; empty: whom this machine trusts.</param>
/// <param name="TokenFile">A bearer token.</param>
public sealed record CallerIdentity(string Authority, string Certificate, string Key, string TokenFile)
{
    public static readonly CallerIdentity None = new("", "", "", "");
}
