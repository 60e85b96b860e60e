using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Dataplane.Model;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Dataplane.Updates;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Revocations;

/// <summary>Ends the flows of one source after the other, by turns as the agent does and with conntrack, in the namespace that this process is in.</summary>
internal sealed class RevocationMeasurement(Router router, int flows)
{
    private const string Group = "sources";

    // The second pass of the agent's, which ends what was on its way during the first, is over by then.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    private readonly ProcessRunner _processes = new(TimeSpan.FromMinutes(1));

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var revoker = new Revoker(ConntrackTable.Open, TimeProvider.System, NullLogger.Instance);
        var state = State();
        await revoker.FollowAsync(state);
        var ours = new List<double>();
        var tool = new List<double>();
        for (var index = 0; index < RevocationScenario.Members; index += 2)
        {
            var before = revoker.Ended;
            var revoked = new SetMember(Cidr.Host(RevocationScenario.Member(router, index)));
            state = state with { Groups = state.Groups.SetItem(Group, state.Groups[Group].With([], [revoked])) };
            ours.Add(await TimeAsync(() => revoker.FollowAsync(state)));
            Expect((int)(revoker.Ended - before));
            await Task.Delay(Between, cancellationToken);

            var source = RevocationScenario.Member(router, index + 1).ToString();
            var said = "";
            tool.Add(await TimeAsync(async () => said = await _processes.RunAsync(new Invocation("conntrack", ["-D", "-s", source, "-p", "tcp"]), cancellationToken)));
            Expect(said.Count(letter => letter == '\n'));
        }

        // The first of ours is for nothing: what was never run is compiled in it.
        Write(NodeMeasurement.Ours, ours.Skip(1));
        Write("`conntrack -D`", tool);
    }

    private static async Task<double> TimeAsync(Func<Task> what)
    {
        var start = Stopwatch.GetTimestamp();
        await what();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Expect(int ended)
    {
        if (ended != RevocationScenario.FlowsEach)
        {
            throw new InvalidOperationException($"{ended} flows were ended, not {RevocationScenario.FlowsEach}");
        }
    }

    /// <summary>The server, reached by a group of sources; a policy that cuts.</summary>
    private NodeState State()
    {
        var allow = new Rule("r", RuleAction.Allow, [new Match([new Peer.Group(Group)], [Service.Of(IpProtocol.Tcp, PortRange.Single(ResponseServer.Port))])]);
        var sources = Enumerable.Range(0, RevocationScenario.Members).Select(index => new SetMember(Cidr.Host(RevocationScenario.Member(router, index))));
        return new NodeState(
            [],
            [new Binding("t/server", [router.Server], Router.ServerSide, "server")],
            ImmutableDictionary<string, Profile>.Empty.Add("server", Profile.Open with { Policies = [new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "p", "p", false)] }),
            ImmutableDictionary<string, PolicyRules>.Empty.Add("p", new PolicyRules("p", [allow], [], CutRevoked: true)),
            ImmutableDictionary<string, Group>.Empty.Add(Group, Vallum.Dataplane.Model.Group.Of(sources)));
    }

    private void Write(string way, IEnumerable<double> durations) =>
        Console.WriteLine(ChangeRow.Of("the flows of one source are ended", way, flows, false, durations).ToLine());
}
