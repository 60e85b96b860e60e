using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Upgrade;

/// <summary>Three silos, replaced one by one while changes go on: to the new build, back to the old one, and to the new one again.</summary>
internal sealed class UpgradeRun(Build old, Build next, Place place, ImmutableArray<string> namespaces, TextWriter output) : IAsyncDisposable
{
    private const int Silos = 3;

    // Batches that change every policy of a tenant: enough that the log is compacted, and history moves to rows of its own.
    private const int Rounds = 60;

    private static readonly TimeSpan WriteFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SyncWithin = TimeSpan.FromSeconds(60);
    private static readonly ImmutableArray<string> Watched = ["w1", "w2", "w3", "w4", "w5", "w6"];

    private readonly ImmutableArray<SiloSlot> _slots = [.. Enumerable.Range(0, Silos).Select(number => new SiloSlot(place, number))];
    private readonly Dictionary<string, RunningProgram> _programs = [];
    private ImmutableArray<WatchedAgent> _agents = [];
    private bool _failed;

    private ImmutableArray<string> Servers => [.. Enumerable.Range(0, Silos).Select(place.Server)];

    private ImmutableArray<string> Nodes => namespaces.IsEmpty ? Watched : [.. Watched, "old-agent", "new-agent"];

    /// <returns>0: nothing was lost.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var traffic = new Traffic(Servers, Nodes);
        foreach (var slot in _slots)
        {
            await slot.ReplaceAsync(old, cancellationToken);
        }

        await traffic.PrepareAsync(cancellationToken);
        _agents = [.. Watched.Select((node, index) => new WatchedAgent(node, [.. Servers.Skip(index % Silos), .. Servers.Take(index % Silos)], saysLevels: index % 2 == 0))];
        StartAgents(old, next);
        output.WriteLine("step              silos         acknowledged  repeated  longest   in sync  in vain  missing  agents         history of t0");
        await StepAsync(traffic, "old", _ => Task.CompletedTask, cancellationToken);
        await RollAsync(traffic, next, "upgrade", cancellationToken);
        await StepAsync(traffic, "history", token => FillHistoryAsync(traffic, token), cancellationToken);
        await StepAsync(traffic, "agents exchanged", token => ExchangeAgentsAsync(next, old), cancellationToken);
        await RollAsync(traffic, old, "back", cancellationToken);
        await StepAsync(traffic, "agents exchanged", token => ExchangeAgentsAsync(old, next), cancellationToken);
        await RollAsync(traffic, next, "upgrade again", cancellationToken);
        output.WriteLine(_failed ? "FAILED: see the lines with !" : "nothing acknowledged is missing, all agents are in sync");
        return _failed ? 1 : 0;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            await agent.DisposeAsync();
        }

        foreach (var program in _programs.Values)
        {
            await program.DisposeAsync();
        }

        foreach (var slot in _slots)
        {
            await slot.DisposeAsync();
        }
    }

    private async Task RollAsync(Traffic traffic, Build to, string name, CancellationToken cancellationToken)
    {
        foreach (var slot in _slots)
        {
            await StepAsync(traffic, name, token => ReplaceAsync(slot, to, token), cancellationToken);
        }
    }

    private async Task ReplaceAsync(SiloSlot slot, Build to, CancellationToken cancellationToken)
    {
        if (await slot.ReplaceAsync(to, cancellationToken) is not 0 and var code)
        {
            Fail($"a silo ended with exit code {code}");
        }
    }

    /// <summary>One change of the cluster amid changes of objects, and what is there when both are over.</summary>
    private async Task StepAsync(Traffic traffic, string name, Func<CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        var before = traffic.Journal.Count;
        var inVain = _agents.Sum(agent => agent.SentInVain);
        using var stop = new CancellationTokenSource();
        var writing = traffic.WriteAsync(stop.Token, cancellationToken);
        await Task.Delay(WriteFor, cancellationToken);
        await change(cancellationToken);
        await Task.Delay(WriteFor, cancellationToken);
        await stop.CancelAsync();
        await writing;
        var (repeated, longest) = (traffic.TakeRepeated(), traffic.TakeLongest());
        var quiet = Stopwatch.GetTimestamp();
        var agents = await InSyncAsync(traffic, quiet, cancellationToken);
        var synced = Stopwatch.GetElapsedTime(quiet);
        var missing = await MissingAsync(traffic, cancellationToken);
        inVain = _agents.Sum(agent => agent.SentInVain) - inVain;
        if (missing > 0)
        {
            Fail($"{missing} acknowledged changes are missing");
        }

        var history = await HistoryAsync(traffic, cancellationToken);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-17} {string.Join(' ', _slots.Select(slot => slot.Build!.Name)),-13} {traffic.Journal.Count - before,12}  {repeated,8}  {longest.TotalSeconds,5:0.00} s  {synced.TotalSeconds,5:0.0} s  {inVain,7}  {missing,7}  {agents,-13}  {history}"));
    }

    /// <summary>Waits until every agent holds what was acknowledged, and the silos know it.</summary>
    private async Task<string> InSyncAsync(Traffic traffic, long since, CancellationToken cancellationToken)
    {
        while (true)
        {
            var listed = await traffic.PersistAsync(
                channel => new NodeService.NodeServiceClient(channel).ListNodesAsync(new ListRequest { PageSize = 100 }, cancellationToken: cancellationToken), cancellationToken);
            var expected = traffic.Journal.ToLookup(endpoint => endpoint.Value, endpoint => endpoint.Key);
            ImmutableArray<string> behind =
            [
                .. listed.Nodes.Where(node => node.Status is not { Connected: true, InSync: true } || node.Status.Endpoints != expected[node.Name["nodes/".Length..]].Count())
                    .Select(node => $"{node.Name}: {node.Status}"),
                .. _agents.Where(agent => !agent.Endpoints.ToHashSet().SetEquals(expected[agent.Agent.Node])).Select(agent => $"{agent.Agent.Node} holds other endpoints"),
            ];
            if (behind.IsEmpty)
            {
                break;
            }

            if (Stopwatch.GetElapsedTime(since) > SyncWithin)
            {
                Fail($"not in sync: {string.Join("; ", behind)}");
                return "behind";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        foreach (var fault in _agents.SelectMany(agent => agent.Agent.Faults.Select(fault => $"{agent.Agent.Node}: {fault}")).Distinct())
        {
            Fail(fault);
        }

        return $"{Nodes.Length} in sync";
    }

    private static async Task<int> MissingAsync(Traffic traffic, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        for (var tenant = 0; tenant < Traffic.Tenants; tenant++)
        {
            var request = new ListRequest { Parent = $"tenants/t{tenant}", PageSize = 1000 };
            do
            {
                var page = await traffic.PersistAsync(channel => new EndpointService.EndpointServiceClient(channel).ListEndpointsAsync(request, cancellationToken: cancellationToken), cancellationToken);
                found.UnionWith(page.Endpoints.Select(endpoint => endpoint.Name["tenants/".Length..].Replace("/endpoints/", "/", StringComparison.Ordinal)));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
        }

        return traffic.Journal.Keys.Count(name => !found.Contains(name));
    }

    /// <summary>How many changes of the first tenant's policies are remembered; "-" where a silo is too old to say.</summary>
    private static async Task<string> HistoryAsync(Traffic traffic, CancellationToken cancellationToken)
    {
        var request = new ListHistoryRequest { Parent = "tenants/t0", Kinds = { "policy" }, PageSize = 1000 };
        var count = 0;
        try
        {
            do
            {
                using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(traffic.First);
                var page = await new HistoryService.HistoryServiceClient(channel).ListHistoryAsync(request, deadline: DateTime.UtcNow.AddSeconds(10), cancellationToken: cancellationToken);
                count += page.Entries.Count;
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);
            return count.ToString(CultureInfo.InvariantCulture);
        }
        catch (RpcException e)
        {
            return $"- ({e.StatusCode})";
        }
    }

    private static async Task FillHistoryAsync(Traffic traffic, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= Rounds; round++)
        {
            await traffic.WritePoliciesAsync(0, round, cancellationToken);
        }
    }

    private void StartAgents(Build first, Build second)
    {
        if (!namespaces.IsEmpty)
        {
            Start("old-agent", namespaces[0], first);
            Start("new-agent", namespaces[1], second);
        }
    }

    /// <summary>Each node's agent is replaced by one of the other build, over what the first one left on the disk and in the kernel.</summary>
    private async Task ExchangeAgentsAsync(Build first, Build second)
    {
        foreach (var program in _programs.Values)
        {
            await program.DisposeAsync();
        }

        StartAgents(first, second);
    }

    private void Start(string node, string ns, Build build) => _programs[node] = RunningProgram.Start(
        place.Log(node), "ip", "netns", "exec", ns, build.Agent, "run", "--node", node, "--server", string.Join(',', Servers), "--state-dir", Path.Combine(place.Folder, node));

    private void Fail(string words)
    {
        _failed = true;
        output.WriteLine($"! {words}");
    }
}
