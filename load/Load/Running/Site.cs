using System.Diagnostics;
using System.Globalization;
using Vallum.Contracts.Api.V1;
using Vallum.Lab;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using NodeSpec = Vallum.Contracts.Api.V1.NodeSpec;

namespace Vallum.Load.Running;

/// <summary>What is measured: a silo on SQLite and an agent per node, each a process of its own, in the namespaces of a lab.</summary>
internal sealed class Site : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory;
    private readonly List<LabProcess> _agents = [];
    private LabProcess? _silo;

    private Site(PacketLab lab, DirectoryInfo directory)
    {
        (Lab, _directory) = (lab, directory);
        Api = new ControlPlane(lab);
    }

    public PacketLab Lab { get; }

    public ControlPlane Api { get; }

    /// <summary>Since the processes started.</summary>
    public ProcessorTime ProcessorTime => new(Own(_silo!), Sum(Own), Sum(Children));

    /// <summary>Returns when the silo knows the nodes and all of them are connected.</summary>
    public static async Task<Site> StartAsync(int nodes, CancellationToken cancellationToken)
    {
        var site = new Site(await PacketLab.CreateAsync(LabSpec.Of(nodes, nodes), cancellationToken), Directory.CreateTempSubdirectory("vallum-load-"));
        try
        {
            await site.StartProcessesAsync(cancellationToken);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Lab.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task StartProcessesAsync(CancellationToken cancellationToken)
    {
        _silo = Lab.Start(Lab.Control.Name, new ProcessSpec(
            Programs.Silo,
            "--data", _directory.CreateSubdirectory("silo").FullName,
            "--listen", $"{Lab.Control.V4}:7400",
            "--admin-listen", "127.0.0.1:7480",
            "--insecure"));
        await _silo.WaitForPortAsync(7400, StartWithin, cancellationToken);
        await BecomesAsync(() => Api.IsReadyAsync(cancellationToken), "the silo is not ready", cancellationToken);
        await Api.ApplyAsync(new ApplyRequest { Objects = { Lab.Nodes.Select(ObjectOf) } }, cancellationToken);
        foreach (var node in Lab.Nodes)
        {
            _agents.Add(Lab.Start(node.Name, new ProcessSpec(
                Programs.Agent,
                "run",
                "--node", node.Name,
                "--server", Api.Address,
                "--state-dir", _directory.CreateSubdirectory(node.Name).FullName,
                "--workload-interface", "vw+")));
        }

        await BecomesAsync(() => Api.AreConnectedAsync(_agents.Count, cancellationToken), "not all agents are connected", cancellationToken);
    }

    private static ApiObject ObjectOf(LabHost node) => new()
    {
        Node = new Node { Name = $"nodes/{node.Name}", Spec = new NodeSpec { Addresses = { node.Addresses.Select(address => address.ToString()) } } },
    };

    private async Task BecomesAsync(Func<Task<bool>> isSo, string otherwise, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > StartWithin)
            {
                throw new TimeoutException($"{otherwise} after {StartWithin.TotalSeconds} s; the silo wrote:\n{_silo!.Output}\n{string.Join('\n', _agents.Select(agent => agent.Output))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private TimeSpan Sum(Func<LabProcess, TimeSpan> of) => _agents.Aggregate(TimeSpan.Zero, (sum, agent) => sum + of(agent));

    /// <summary>utime and stime of proc(5): fields 14 and 15.</summary>
    private static TimeSpan Own(LabProcess process) => Ticks(process, 14);

    /// <summary>cutime and cstime: fields 16 and 17.</summary>
    private static TimeSpan Children(LabProcess process) => Ticks(process, 16);

    /// <summary>Two fields of /proc/PID/stat, in hundredths of a second, counted from 1.</summary>
    private static TimeSpan Ticks(LabProcess process, int first)
    {
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        // The third field is the first behind the command's name in parentheses.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * fields[(first - 3)..(first - 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
    }
}
