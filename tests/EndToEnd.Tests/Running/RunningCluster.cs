using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.Lab;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>A lab with a silo on the control host and an agent on every node, each a process of its own.</summary>
public sealed class RunningCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory;
    private readonly ConcurrentDictionary<string, LabProcess> _agents = [];
    private int _starts;

    private RunningCluster(PacketLab lab, DirectoryInfo directory)
    {
        Lab = lab;
        _directory = directory;
        Api = new ControlPlane(lab);
    }

    public PacketLab Lab { get; }

    public ControlPlane Api { get; }

    public LabProcess Silo { get; private set; } = null!;

    public IReadOnlyDictionary<string, LabProcess> Agents => _agents;

    /// <summary>Returns when the silo is ready and every node's agent is connected.</summary>
    public static async Task<RunningCluster> StartAsync(LabSpec spec, CancellationToken cancellationToken)
    {
        var lab = await PacketLab.CreateAsync(spec, cancellationToken);
        var cluster = new RunningCluster(lab, Directory.CreateTempSubdirectory("vallum-e2e-"));
        try
        {
            await cluster.StartSiloAsync(cancellationToken);
            foreach (var node in lab.Nodes)
            {
                cluster.StartAgent(node.Name);
            }

            await cluster.Api.ApplyAsync(cluster.NodeObjects(), cancellationToken: cancellationToken);
            await cluster.WaitConnectedAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The lab's nodes as the control plane should know them.</summary>
    public IEnumerable<ApiObject> NodeObjects() => Lab.Nodes.Select(node => new ApiObject
    {
        Node = new Node { Name = $"nodes/{node.Name}", Spec = new Contracts.Api.V1.NodeSpec { Addresses = { node.Addresses.Select(address => address.ToString()) } } },
    });

    /// <summary>Starts it, the first time or again, on the same data; returns when it is ready.</summary>
    public async Task StartSiloAsync(CancellationToken cancellationToken)
    {
        Silo = Lab.Start(Lab.Control.Name, new ProcessSpec(
            Programs.Silo,
            "--data", _directory.CreateSubdirectory("silo").FullName,
            "--listen", $"{Lab.Control.V4}:7400",
            "--admin-listen", "127.0.0.1:7480",
            "--insecure")
        {
            LogFile = Path.Combine(_directory.FullName, $"silo-{++_starts}.log"),
        });
        await Silo.WaitForPortAsync(7400, StartWithin, cancellationToken);
        await Eventually.BecomesAsync("the silo is ready", StartWithin, IsReadyAsync, () => Silo.Output, cancellationToken);
    }

    /// <summary>Starts the node's agent, the first time or again, on the same state.</summary>
    public LabProcess StartAgent(string node, params ImmutableArray<string> options)
    {
        var agent = StartAgentOn(node, StateDirectoryOf(node), options);
        _agents[node] = agent;
        return agent;
    }

    /// <summary>Ends the node's agent without a word and starts it with other options, on the same state.</summary>
    public async Task RestartAgentAsync(string node, CancellationToken cancellationToken, params ImmutableArray<string> options)
    {
        await _agents[node].DisposeAsync();
        StartAgent(node, options);
        await WaitConnectedAsync(cancellationToken);
    }

    /// <summary>An agent of that name with a state directory of its own choice.</summary>
    public LabProcess StartAgentOn(string node, string stateDirectory, params ImmutableArray<string> options) => Lab.Start(node, new ProcessSpec(
        Programs.Agent,
        ["run",
        "--node", node,
        "--server", Api.Address,
        "--state-dir", stateDirectory,
        "--counter-interval", "1",
        "--workload-interface", "vw+",
        .. options])
    {
        LogFile = Path.Combine(_directory.FullName, $"agent-{node}-{++_starts}.log"),
    });

    public string StateDirectoryOf(string node) => _directory.CreateSubdirectory($"agent-{node}").FullName;

    /// <summary>A file that goes with the cluster.</summary>
    public async Task<string> WriteAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(_directory.FullName, name);
        await File.WriteAllTextAsync(path, content, cancellationToken);
        return path;
    }

    /// <summary>Runs the command on the control host; its errors are in the output too.</summary>
    public Task<(int ExitCode, string Output)> VallumAsync(CancellationToken cancellationToken, params ImmutableArray<string> arguments) =>
        RunAsync(Programs.Command, arguments, cancellationToken);

    /// <summary>Runs a program on the control host that finds the control plane in its environment.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string program, ImmutableArray<string> arguments, CancellationToken cancellationToken)
    {
        await using var process = Lab.Start(Lab.Control.Name, new ProcessSpec(program, arguments)
        {
            Environment = ImmutableDictionary<string, string>.Empty.Add("VALLUM_SERVER", Api.Address),
        });
        var exitCode = await process.WaitForExitAsync(TimeSpan.FromMinutes(1), cancellationToken);
        return (exitCode, process.Output);
    }

    /// <summary>Applies, and waits until it is in every kernel that it concerns.</summary>
    public async Task<ApplyResponse> RealizeAsync(IEnumerable<ApiObject> objects, IEnumerable<string>? deletes, CancellationToken cancellationToken)
    {
        try
        {
            var applied = await Api.ApplyAsync(objects, deletes, cancellationToken);
            await ShouldBeRealizedAsync(applied, cancellationToken);
            return applied;
        }
        catch (RpcException failure)
        {
            Assert.Fail($"{failure.Status}\n{await Evidence.OfAsync(this, Lab.Nodes.Select(node => node.Name))}");
            throw;
        }
    }

    public async Task ShouldBeRealizedAsync(ApplyResponse applied, CancellationToken cancellationToken)
    {
        var lagging = await Api.WaitRealizedAsync(applied, cancellationToken: cancellationToken);
        if (lagging.Count > 0)
        {
            Assert.Fail($"Not realized:\n{string.Join('\n', lagging)}\n{await Evidence.OfAsync(this, Lab.Nodes.Select(node => node.Name))}");
        }
    }

    /// <summary>Every node has an open stream and holds all that it should.</summary>
    public Task WaitConnectedAsync(CancellationToken cancellationToken) => Eventually.BecomesAsync(
        "every agent is connected and in sync",
        StartWithin,
        async () =>
        {
            var status = await Api.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), deadline: DateTime.UtcNow.AddSeconds(5));
            return status.NodesConnected == Lab.Nodes.Count() && status.NodesInSync == status.NodesConnected;
        },
        () => $"silo:\n{Silo.Output}\n{string.Join('\n', _agents.Select(agent => $"agent {agent.Key}:\n{agent.Value.Output}"))}",
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Lab.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        await Api.AdminAsync("/readyz", CancellationToken.None);
        return true;
    }
}
