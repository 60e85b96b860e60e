using Vallum.Api.Tests.Calls;
using Vallum.SiloHost;

[assembly: AssemblyFixture(typeof(SharedSilo))]

namespace Vallum.Api.Tests.Calls;

/// <summary>One silo for all tests that do not end it; each test takes names and addresses of its own.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private static int s_names;

    public TestSilo Silo { get; private set; } = null!;

    internal Api Api { get; private set; } = null!;

    /// <summary>A name that no other test has.</summary>
    public static string NewName() => $"t{Interlocked.Increment(ref s_names)}";

    /// <summary>An address that no other test has.</summary>
    public static string NewAddress()
    {
        var number = Interlocked.Increment(ref s_names);
        return $"10.{(number >> 16) & 255}.{(number >> 8) & 255}.{number & 255}";
    }

    public async ValueTask InitializeAsync()
    {
        Silo = await TestSilo.StartAsync();
        Api = new Api(Silo);
    }

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}
