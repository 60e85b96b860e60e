using System.Collections.Immutable;
using System.Net;
using Vallum.Lab;
using Vallum.Lab.Probing;

namespace Vallum.Demo;

/// <summary>The story: workloads on two nodes, everybody reaches everybody; policies; only those who should do.</summary>
internal sealed class ThreeTierDemo(TextWriter output, bool keep)
{
    private const string Inventory = "samples/three-tier/1-inventory.yaml";
    private const string Policies = "samples/three-tier/2-policies.yaml";

    /// <summary>As samples/three-tier/1-inventory.yaml says it, with what each serves.</summary>
    private static readonly LabSpec Spec = new(
        [new NodeSpec("node-a"), new NodeSpec("node-b")],
        [
            Workload("web-1", "node-a", "10.77.1.10", 80),
            Workload("batch-1", "node-a", "10.77.1.11", 9100),
            Workload("app-1", "node-b", "10.77.2.10", 8080),
            Workload("db-1", "node-b", "10.77.2.11", 5432),
        ]);

    /// <summary>What policies allow: source, destination.</summary>
    private static readonly ImmutableHashSet<(string From, string To)> Wanted =
    [
        ("batch-1", "web-1"), ("app-1", "web-1"), ("web-1", "app-1"), ("app-1", "db-1"),
    ];

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (LabNeeds.Missing is { } missing)
        {
            await output.WriteLineAsync($"the demo cannot run here: {missing}");
            return 1;
        }

        Say("A data centre in network namespaces: two nodes, four workloads, a control plane, an agent on each node");
        await using var cluster = await DemoCluster.StartAsync(Spec, cancellationToken);
        output.WriteLine($"the control plane listens on {cluster.Server} inside the demo's own network; the host's network and firewall are not touched");

        Say("What there is");
        await VallumAsync(cluster, cancellationToken, "apply", "-f", Inventory, "--wait", "--timeout", "60s");
        await VallumAsync(cluster, cancellationToken, "get", "nodes");

        Say("Who reaches whom, measured with real packets: no policy yet");
        var right = await MeasureAsync(cluster, (_, _) => true, cancellationToken);

        Say("Policies");
        await VallumAsync(cluster, cancellationToken, "apply", "-f", Policies, "--wait", "--timeout", "60s");
        await VallumAsync(cluster, cancellationToken, "get", "policies", "-o", "wide");

        Say("Who reaches whom now, measured again");
        right &= await MeasureAsync(cluster, (from, to) => Wanted.Contains((from, to)), cancellationToken);

        Say("Why not?");
        await VallumAsync(cluster, cancellationToken, "explain", "--from", "shop/batch-1", "--to", "shop/db-1", "--port", "5432");
        await VallumAsync(cluster, cancellationToken, "status");

        if (keep)
        {
            await StayAsync(cluster, cancellationToken);
        }

        Say(right ? "Every packet went as the policies say. Removing everything" : "Some packets did not go as the policies say. Removing everything");
        return right ? 0 : 1;
    }

    private async Task<bool> MeasureAsync(DemoCluster cluster, Func<string, string, bool> wanted, CancellationToken cancellationToken)
    {
        var lab = cluster.Lab;
        var services = Spec.Workloads.Select(w => (w.Name, w.Services[0].Port)).ToImmutableArray();
        var probes = services.SelectMany(to => lab.Workloads.Where(from => from.Name != to.Name)
            .Select(from => lab.Probe(from.Name, to.Name, ProbeProtocol.Tcp, to.Port)));
        var table = await lab.ProbeAsync(probes, cancellationToken: cancellationToken);

        output.WriteLine($"{"",-10}{string.Concat(services.Select(s => $"{$"→ {s.Name}:{s.Port}",-16}"))}");
        foreach (var from in lab.Workloads)
        {
            var cells = services.Select(to => from.Name == to.Name
                ? "-"
                : table.IsAllowed(lab.Probe(from.Name, to.Name, ProbeProtocol.Tcp, to.Port)) ? "passes" : "blocked");
            output.WriteLine($"{from.Name,-10}{string.Concat(cells.Select(c => $"{c,-16}"))}".TrimEnd());
        }

        var differences = table.Differences(probe => wanted(probe.From, lab.Workloads.Single(w => w.Addresses.Contains(probe.To)).Name));
        foreach (var difference in differences)
        {
            output.WriteLine($"NOT AS WANTED: {difference}");
        }

        return differences.Count == 0;
    }

    private async Task VallumAsync(DemoCluster cluster, CancellationToken cancellationToken, params ImmutableArray<string> arguments)
    {
        output.WriteLine($"$ vallum {string.Join(' ', arguments)}");
        var (exitCode, text) = await cluster.VallumAsync(cancellationToken, arguments);
        output.WriteLine(text);
        if (exitCode > 1)
        {
            throw new InvalidOperationException($"vallum {arguments[0]} ended with exit code {exitCode}; logs are in {cluster.Logs}");
        }
    }

    private async Task StayAsync(DemoCluster cluster, CancellationToken cancellationToken)
    {
        Say("It stays up until Ctrl-C. From another terminal, as root:");
        var vallum = Path.Combine(DemoCluster.Root, "artifacts/bin/Cli/debug/vallum");
        output.WriteLine($"ip netns exec {cluster.Lab.Control.Namespace} {vallum} -s {cluster.Server} status");
        foreach (var host in cluster.Lab.Nodes)
        {
            output.WriteLine($"ip netns exec {host.Namespace} iptables-save        # the rules of {host.Name}");
        }

        output.WriteLine($"logs: {cluster.Logs}");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            output.WriteLine();
        }
    }

    private void Say(string text)
    {
        output.WriteLine();
        output.WriteLine($"── {text}");
    }

    private static WorkloadSpec Workload(string name, string node, string address, int port) =>
        new(name, node) { Addresses = [IPAddress.Parse(address)], Services = [Service.Tcp(port)] };
}
