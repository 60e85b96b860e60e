using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;
using Vallum.Lab.Probing;
using Vallum.Manifests.Parsing;
using Vallum.Testing.Cases;
using Case = Vallum.Testing.Cases.Case;

namespace Vallum.EndToEnd.Tests.Cases;

/// <summary>Plays the steps of a case through the API on a running cluster, and sends the packets of every cell of its tables.</summary>
internal sealed class CasePlayer(RunningCluster cluster, ITestOutputHelper output)
{
    private readonly Dictionary<IPAddress, LabHost> _hosts =
        cluster.Lab.Workloads.SelectMany(host => host.Addresses.Select(address => (address, host))).ToDictionary(pair => pair.address, pair => pair.host);

    public async Task PlayAsync(Case played, CancellationToken cancellationToken)
    {
        var names = ImmutableHashSet<string>.Empty;
        try
        {
            foreach (var step in played.Steps)
            {
                var clock = Stopwatch.StartNew();
                var objects = CaseObjects.Of(step, ip => HostOf(ip).Node!);
                var after = objects.Select(each => each.NameOf()).ToImmutableHashSet();
                await cluster.RealizeAsync(objects, Gone(names, after), cancellationToken);
                names = after;
                var realized = clock.ElapsedMilliseconds;
                var expected = Expected(step);
                await cluster.ShouldPassAsExpectedAsync(expected, $"{played}, step {step.Step}", cancellationToken);
                output.WriteLine($"step {step.Step}: realized after {realized} ms, {expected.Count} probes as expected after {clock.ElapsedMilliseconds} ms");
            }
        }
        finally
        {
            // The next case begins with nothing. It realizes what it needs; nobody waits for this.
            await cluster.Api.ApplyAsync([], names.Where(IsTenant), cancellationToken);
        }
    }

    /// <summary>What is no longer there; what goes with its tenant is not named.</summary>
    private static IEnumerable<string> Gone(ImmutableHashSet<string> before, ImmutableHashSet<string> after)
    {
        var gone = before.Except(after);
        return gone.Where(name => IsTenant(name) || !gone.Contains(string.Join('/', name.Split('/').Take(2))));
    }

    private static bool IsTenant(string name) => name.Split('/') is ["tenants", _];

    private List<Expectation> Expected(CaseStep step)
    {
        var addresses = step.Pods.ToDictionary(pod => pod.Key, pod => pod.Ip);
        return
        [
            .. from table in step.Expected
               from cell in ExpectedTable.Cells(table.Combined)
               let source = HostOf(addresses[step.PodOrder[cell.Source]])
               let destination = IPAddress.Parse(addresses[step.PodOrder[cell.Destination]])
               select new Expectation(new Probe(source.Name, destination, Enum.Parse<ProbeProtocol>(table.Protocol, ignoreCase: true), table.Port), cell.Allowed),
        ];
    }

    private LabHost HostOf(string ip) => _hosts[IPAddress.Parse(ip)];
}
