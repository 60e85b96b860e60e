using System.Collections.Immutable;
using Vallum.Lab;

namespace Vallum.Demo;

/// <summary>A lab with the control plane and the agents running in it, from the programs that were just built.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory;

    private DemoCluster(PacketLab lab, DirectoryInfo directory)
    {
        Lab = lab;
        _directory = directory;
    }

    public PacketLab Lab { get; }

    /// <summary>Where the control plane listens, as its hosts reach it.</summary>
    public string Server => $"http://{Lab.Control.V4}:7400";

    public string Logs => _directory.FullName;

    public static string Root { get; } = FindRoot();

    public static async Task<DemoCluster> StartAsync(LabSpec spec, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("vallum-demo-");
        var lab = await PacketLab.CreateAsync(spec, cancellationToken);
        var cluster = new DemoCluster(lab, directory);
        try
        {
            await cluster.StartProcessesAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the command line on the control host; what it says, its errors too.</summary>
    public async Task<(int ExitCode, string Output)> VallumAsync(CancellationToken cancellationToken, params ImmutableArray<string> arguments)
    {
        await using var process = Lab.Start("control", new ProcessSpec(Binary("Cli", "vallum"), arguments)
        {
            Environment = ImmutableDictionary<string, string>.Empty.Add("VALLUM_SERVER", Server),
            WorkingDirectory = Root,
        });
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        return (exitCode, process.Output);
    }

    public async ValueTask DisposeAsync()
    {
        await Lab.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        var silo = Lab.Start("control", new ProcessSpec(
            Binary("Silo", "vallum-silo"),
            "--data", _directory.CreateSubdirectory("silo").FullName,
            "--listen", $"{Lab.Control.V4}:7400",
            "--admin-listen", "127.0.0.1:7480",
            "--insecure")
        {
            LogFile = Path.Combine(Logs, "silo.log"),
        });
        await silo.WaitForPortAsync(7400, StartTimeout, cancellationToken);
        foreach (var node in Lab.Nodes)
        {
            Lab.Start(node.Name, new ProcessSpec(
                Binary("NodeAgent", "vallum-agent"),
                "run",
                "--node", node.Name,
                "--server", Server,
                "--state-dir", _directory.CreateSubdirectory(node.Name).FullName,
                "--workload-interface", "vw+")
            {
                LogFile = Path.Combine(Logs, $"agent-{node.Name}.log"),
            });
        }
    }

    private static string Binary(string project, string name) => Path.Combine(Root, "artifacts", "bin", project, "debug", name);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "ControlPlane.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException("ControlPlane.sln is in no directory above this program");
    }
}
