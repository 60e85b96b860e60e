using Vallum.Cli.Tests.Running;
using Vallum.SiloHost;

[assembly: AssemblyFixture(typeof(SharedSilo))]

namespace Vallum.Cli.Tests.Running;

/// <summary>One silo for all tests; each test takes tenants of its own.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private static int s_names;

    public TestSilo Silo { get; private set; } = null!;

    /// <summary>A name that no other test has.</summary>
    public static string NewName() => $"t{Interlocked.Increment(ref s_names)}";

    /// <summary>The first three parts of addresses that no other test has.</summary>
    public static string NewNet()
    {
        var number = Interlocked.Increment(ref s_names);
        return $"10.{(number >> 8) & 255}.{number & 255}";
    }

    public async ValueTask InitializeAsync() => Silo = await TestSilo.StartAsync();

    public ValueTask DisposeAsync() => Silo.DisposeAsync();

    internal Task<Ran> RunAsync(params string[] arguments) => Ran.OfAsync([.. arguments, "--server", Silo.Address]);
}
