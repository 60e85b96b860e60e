using Vallum.Cluster.Tests.Hosts;

[assembly: AssemblyFixture(typeof(SharedSilo))]

namespace Vallum.Cluster.Tests.Hosts;

/// <summary>One silo for all tests that do not end it; each test takes tenants of its own.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private static int s_tenants;

    internal SiloUnderTest Silo { get; private set; } = null!;

    public static string NewTenant() => $"t{Interlocked.Increment(ref s_tenants)}";

    /// <summary>An address that no other test has.</summary>
    public static string NewAddress()
    {
        var number = Interlocked.Increment(ref s_tenants);
        return $"10.{(number >> 16) & 255}.{(number >> 8) & 255}.{number & 255}";
    }

    public async ValueTask InitializeAsync() => Silo = await SiloUnderTest.StartAsync();

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
