using System.Net;
using System.Net.Sockets;
using Vallum.SiloHost;

namespace Vallum.Security.Tests.Given;

/// <summary>A silo whose port for other silos is known.</summary>
public sealed class SiloDoor : IAsyncLifetime
{
    public Files Files { get; } = new();

    /// <summary>Another authority, which nobody here believes.</summary>
    public Files Others { get; } = new();

    public int Port { get; } = FreePort();

    public TestSilo Silo { get; private set; } = null!;

    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public async ValueTask InitializeAsync() =>
        Silo = await SecureSilo.StartAsync(Files, Files.FolderOf("data"), Files.Silo("s1"), ("silo-listen", $"127.0.0.1:{Port}"));

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        Files.Dispose();
        Others.Dispose();
    }
}
