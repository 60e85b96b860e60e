using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent;
using Vallum.NodeAgent.Decoding;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>
/// The agent in this process, which is in a namespace of its own: from an update's arrival to its ack, with the real kernel. Kinds of change take turns,
/// and so do the tools that are compared. What it finds it writes as <see cref="ChangeRow"/> lines.
/// </summary>
internal sealed class NodeMeasurement(IptablesFlavour flavour, int members, string stateDirectory, int rounds, TimeSpan limit)
{
    public const string Ours = "Vallum";

    private static readonly TimeSpan Alone = TimeSpan.FromMilliseconds(50);

    private const string Trial = "trial";
    private const string OtherTrial = "trial-load";

    private readonly IKernel _kernel = NodeKernels.Open(flavour);
    private readonly ProcessRunner _processes = new(TimeSpan.FromMinutes(5));
    private readonly NodeWorld _world = new(members);
    private readonly AgentOptions _options = new()
    {
        Node = NodeWorld.Node,
        Servers = [],
        StateDirectory = stateDirectory,
        CheckInterval = TimeSpan.Zero,
        Render = RenderOptions.Default with { WorkloadInterfaces = ["vw+"] },
    };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await CompileAsync(cancellationToken);
        using (var agent = new Agent(_options, _kernel, TimeProvider.System, NullLogger.Instance))
        {
            await agent.StartAsync(cancellationToken);
            Write(ChangeRow.Of("the whole snapshot of the node", Ours, members, false, [await TakeAsync(agent, _world.Snapshot(), cancellationToken)]));
            var report = agent.Report();
            await Console.Error.WriteLineAsync($"{flavour}: {report.Members:n0} members in {report.Sets:n0} sets, {report.Chains:n0} chains");
            await SingleAsync(agent, beside: false, cancellationToken);
            await using (var rewriter = new NatRewriter(flavour))
            {
                await rewriter.StartAsync();
                await SingleAsync(agent, beside: true, cancellationToken);
                await Console.Error.WriteLineAsync($"{flavour}: {rewriter.Writes} writes of the nat table meanwhile");
            }

            await ManyAsync(agent, cancellationToken);
        }

        await CheckAsync(cancellationToken);
        await LoadAsync(cancellationToken);
    }

    /// <summary>The program that is shipped is compiled beforehand; here the first of each kind would pay for that.</summary>
    private async Task CompileAsync(CancellationToken cancellationToken)
    {
        var elsewhere = Directory.CreateTempSubdirectory("vallum-load-");
        try
        {
            using var agent = new Agent(_options with { StateDirectory = elsewhere.FullName }, new NoKernel(), TimeProvider.System, NullLogger.Instance);
            await agent.StartAsync(cancellationToken);
            await TakeAsync(agent, _world.Snapshot(), cancellationToken);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    private async Task SingleAsync(Agent agent, bool beside, CancellationToken cancellationToken)
    {
        await ToolAsync("ipset", ["create", Trial, "hash:net,port", "maxelem", "4194304", "-exist"], "", cancellationToken);
        var address = 0;
        (string Change, string Way, int Pairs, Func<Task<double>> Run)[] kinds =
        [
            ("one member", Ours, beside ? 15 : 3, () => TakeAsync(agent, _world.OneMember(NodeWorld.Group), cancellationToken)),
            ("one member of a merged set", Ours, 1, () => TakeAsync(agent, _world.OneMember(NodeWorld.MergedGroup), cancellationToken)),
            ("one member", "`ipset add`", 1, () => ToolAsync("ipset", ["add", Trial, string.Create(CultureInfo.InvariantCulture, $"10.9.{address >> 8}.{address++ & 255},tcp:80"), "-exist"], "", cancellationToken)),
            ("one rule", Ours, 1, async () =>
            {
                await Task.Delay(Alone, cancellationToken);
                return await TakeAsync(agent, _world.OneRule(), cancellationToken);
            }),
            ("one rule right behind another", Ours, 1, () => TakeAsync(agent, _world.OneRule(), cancellationToken)),
            ("one member right behind a rule", Ours, 1, async () =>
            {
                await TakeAsync(agent, _world.OneRule(), cancellationToken);
                return await TakeAsync(agent, _world.OneMember(NodeWorld.Group), cancellationToken);
            }),
            ("one rule, until it is read back", Ours, 1, () => TimeAsync(async () =>
            {
                await TakeAsync(agent, _world.OneRule(), cancellationToken);
                await agent.VerifyAsync(cancellationToken);
            })),
            ("one rule of 40 merged", Ours, 1, () => TakeAsync(agent, _world.OneMergedRule(), cancellationToken)),
            ("one endpoint", Ours, 1, () => TakeAsync(agent, _world.OneEndpoint(), cancellationToken)),
        ];
        var durations = kinds.Select(_ => new List<double>()).ToArray();
        var order = Enumerable.Range(0, kinds.Length).ToArray();
        var random = new Random(1);
        var start = Stopwatch.GetTimestamp();

        // The first rounds are for nothing: what was never run is compiled in them.
        for (var round = -3; round < rounds && (round < 2 || Stopwatch.GetElapsedTime(start) < limit); round++)
        {
            random.Shuffle(order);
            foreach (var kind in order)
            {
                // Alone: what the one before has left to the kernel is done by now.
                await Task.Delay(Alone, cancellationToken);
                for (var time = 0; time < 2 * kinds[kind].Pairs; time++)
                {
                    var duration = await kinds[kind].Run();
                    if (round >= 0)
                    {
                        durations[kind].Add(duration);
                    }
                }
            }
        }

        foreach (var (kind, all) in kinds.Zip(durations))
        {
            Write(ChangeRow.Of(kind.Change, kind.Way, members, beside, all));
        }

        await ToolAsync("ipset", ["destroy", Trial], "", cancellationToken);
    }

    private async Task ManyAsync(Agent agent, CancellationToken cancellationToken)
    {
        const int Many = 10_000;
        var come = new List<double>();
        var go = new List<double>();
        for (var time = 0; time < 5; time++)
        {
            come.Add(await TakeAsync(agent, _world.Members(Many, come: true), cancellationToken));
            go.Add(await TakeAsync(agent, _world.Members(Many, come: false), cancellationToken));
        }

        Write(ChangeRow.Of("10,000 members come", Ours, members, false, come));
        Write(ChangeRow.Of("10,000 members go", Ours, members, false, go));
    }

    /// <summary>Everything that is there is held against what was written.</summary>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var held = new HeldResources();
        var decoder = new NodeStateDecoder();
        decoder.Take(held.Check([_world.Snapshot()]), held);
        var enforcer = new Enforcer(_kernel, _options.Render);
        await enforcer.ApplyAsync(decoder.State, cancellationToken);
        var quick = new List<double>();
        var full = new List<double>();
        for (var time = 0; time < 8; time++)
        {
            quick.Add(await TimeAsync(() => RepairAsync(enforcer, everyMember: false, cancellationToken)));
            full.Add(await TimeAsync(() => RepairAsync(enforcer, everyMember: true, cancellationToken)));
        }

        Write(ChangeRow.Of("check: rules, counts of members", Ours, members, false, quick.Skip(2)));
        Write(ChangeRow.Of("check: rules, every member", Ours, members, false, full.Skip(2)));
        var saves = new List<double>();
        for (var time = 0; time < 3; time++)
        {
            saves.Add(await ToolAsync("ipset", ["save"], "", cancellationToken));
        }

        Write(ChangeRow.Of("check: rules, every member", "`ipset save` alone", members, false, saves));
    }

    private static async Task RepairAsync(Enforcer enforcer, bool everyMember, CancellationToken cancellationToken)
    {
        var differences = await enforcer.RepairAsync(everyMember, cancellationToken);
        if (!differences.IsEmpty)
        {
            throw new InvalidOperationException($"the check found {string.Join("; ", differences.Take(3))}");
        }
    }

    /// <summary>A set of so many members, from nothing; without what an update of it costs before.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var name = KernelNames.Set(IpFamily.V4, OtherTrial);
        var all = MemberSet.Of(Enumerable.Range(0, members).Select(index => new SetMember(Cidr.Host(Address.V4(0x0A640000 + (uint)index)), IpProtocol.Tcp, 80)));
        var set = new KernelSet(name, SetType.NetPort, IpFamily.V4, all);
        var load = new PlanStep.ChangeSets([new SetOperation.Create(set), new SetOperation.Add(name, [.. all.Order()])]);
        var text = SetOperation.RestoreText(load.Operations);
        var ours = new List<double>();
        var tool = new List<double>();
        for (var time = 0; time < 6; time++)
        {
            ours.Add(await TimeAsync(() => _kernel.RunAsync(load, cancellationToken)));
            await _kernel.RunAsync(new PlanStep.DropSets([name]), cancellationToken);
            tool.Add(await ToolAsync("ipset", ["restore"], text, cancellationToken));
            await _kernel.RunAsync(new PlanStep.DropSets([name]), cancellationToken);
        }

        var change = string.Create(CultureInfo.InvariantCulture, $"{members:n0} members loaded into a new set");
        Write(ChangeRow.Of(change, Ours, 0, false, ours.Skip(1)));
        Write(ChangeRow.Of(change, "`ipset restore`", 0, false, tool.Skip(1)));
    }

    private static async Task<double> TakeAsync(Agent agent, Update update, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var acked = 0L;
        AgentMessage? refusal = null;
        await agent.TakeAsync([[update]], answer => (acked, refusal) = answer.Ack is null ? (acked, answer) : (Stopwatch.GetTimestamp(), refusal), cancellationToken);
        return refusal is null && acked > 0
            ? Stopwatch.GetElapsedTime(start, acked).TotalMilliseconds
            : throw new InvalidOperationException($"the agent answered {refusal}");
    }

    private Task<double> ToolAsync(string program, string[] arguments, string input, CancellationToken cancellationToken) =>
        TimeAsync(() => _processes.RunAsync(new Invocation(program, [.. arguments], input), cancellationToken));

    private static async Task<double> TimeAsync(Func<Task> what)
    {
        var start = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Write(ChangeRow row) => Console.WriteLine(row.ToLine());
}
