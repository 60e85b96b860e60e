using System.Diagnostics;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Dataplane.Updates;
using Vallum.NodeAgent.Processes;

namespace Vallum.Load.Dataplane.Revocations;

/// <summary>Ends the flows of one source after the other, by turns as the agent does and with conntrack, in the namespace that this process is in.</summary>
internal sealed class RevocationMeasurement(Router router, int flows)
{
    // The first of ours is for nothing: what was never run is compiled in it.
    private const int Warm = 1;

    private readonly ProcessRunner _processes = new(TimeSpan.FromMinutes(1));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var ours = new List<double>();
        var tool = new List<double>();
        for (var index = 0; index < RevocationScenario.Members; index += 2)
        {
            var source = RevocationScenario.Member(router, index + 1).ToString();
            var start = Stopwatch.GetTimestamp();
            var said = await _processes.RunAsync(new Invocation("conntrack", ["-D", "-s", source, "-p", "tcp"]), cancellationToken);
            tool.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Expect(said.Count(letter => letter == '\n'));
        }

        Write("`conntrack -D`", tool);
    }

    private static void Expect(int ended)
    {
        if (ended != RevocationScenario.FlowsEach)
        {
            throw new InvalidOperationException($"{ended} flows were ended, not {RevocationScenario.FlowsEach}");
        }
    }

    private void Write(string way, IEnumerable<double> durations) =>
        Console.WriteLine(ChangeRow.Of("the flows of one source are ended", way, flows, false, durations).ToLine());
}
