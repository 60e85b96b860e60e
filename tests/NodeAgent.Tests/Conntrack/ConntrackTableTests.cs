using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Netlink;
using Vallum.NodeAgent.Tests.Kernel;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Conntrack;

/// <summary>The kernel's table of flows, in a namespace of the test's own; `conntrack` is the oracle.</summary>
public sealed class ConntrackTableTests
{
    [Fact]
    public async Task Every_kind_of_flow_is_read_as_it_was_made_and_forgotten_alone()
    {
        using var space = NetworkNamespace.Create();
        string[][] made =
        [
            ["-p", "tcp", "-s", "10.1.0.1", "-d", "10.96.0.1", "--sport", "1000", "--dport", "80", "-q", "10.1.0.1", "-r", "10.2.0.2",
                "--reply-port-src", "8080", "--reply-port-dst", "1000", "--state", "ESTABLISHED"],
            ["-p", "udp", "-s", "10.1.0.1", "-d", "10.2.0.2", "--sport", "1000", "--dport", "53"],
            ["-p", "udp", "-s", "fd00::1", "-d", "fd00::2", "--sport", "1000", "--dport", "53"],
            ["-p", "icmp", "-s", "10.1.0.1", "-d", "10.2.0.2", "--icmp-type", "8", "--icmp-code", "0", "--icmp-id", "7"],
            ["-p", "sctp", "-s", "10.1.0.1", "-d", "10.2.0.2", "--orig-port-src", "1000", "--orig-port-dst", "36412", "--state", "ESTABLISHED", "--orig-vtag", "1", "--reply-vtag", "2"],
        ];
        foreach (var arguments in made)
        {
            await space.RunAsync("conntrack", ["-I", "-t", "600", .. arguments]);
        }

        using var table = space.Conntrack();
        var found = Read(table);
        found.Select(f => f.Entry.Flow.ToString()).Order(StringComparer.Ordinal).ShouldBe(
        [
            "10.1.0.1 → 10.2.0.2 icmp/8.0", "10.1.0.1 → 10.2.0.2 sctp/36412", "10.1.0.1 → 10.2.0.2 tcp/8080", "10.1.0.1 → 10.2.0.2 udp/53",
            "fd00::1 → fd00::2 udp/53",
        ]);
        foreach (var (entry, original) in found)
        {
            var before = Read(table).Length;
            table.Forget(entry with { Id = entry.Id + 1 }, original).ShouldBeFalse("another flow of the same tuple is not this one");
            table.Forget(entry, original).ShouldBeTrue(entry.Flow.ToString());
            Read(table).Length.ShouldBe(before - 1);
            table.Forget(entry, original).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task The_kernel_leaves_out_what_a_filter_does_not_ask_for()
    {
        using var space = NetworkNamespace.Create();
        foreach (var (source, destination) in new[] { ("10.1.0.1", "10.2.0.1"), ("10.1.0.1", "10.2.0.2"), ("10.1.0.2", "10.2.0.1") })
        {
            await space.RunAsync("conntrack", "-I", "-t", "600", "-p", "udp", "-s", source, "-d", destination, "--sport", "1000", "--dport", "53");
        }

        using var table = space.Conntrack();
        Read(table, new ConntrackFilter(Address.Parse("10.1.0.1"), false)).Select(f => f.Entry.Flow.Destination.ToString())
            .ShouldBe(["10.2.0.1", "10.2.0.2"], ignoreOrder: true);
        Read(table, new ConntrackFilter(Address.Parse("10.2.0.1"), true)).Select(f => f.Entry.Flow.Source.ToString())
            .ShouldBe(["10.1.0.1", "10.1.0.2"], ignoreOrder: true);
        Read(table, new ConntrackFilter(Address.Parse("10.2.0.1"), false)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tcp", "10.1.0.1", "10.2.0.2")]
    [InlineData("udp", "10.1.0.1", "10.2.0.2")]
    [InlineData("tcp", "fd00::1", "fd00::2")]
    [InlineData("udp", "fd00::1", "fd00::2")]
    public async Task A_hold_stands_in_the_place_of_a_flow_and_goes_alone(string protocol, string source, string destination)
    {
        using var space = NetworkNamespace.Create();
        string[] flow = ["-p", protocol, "-s", source, "-d", destination, "--sport", "1000", "--dport", "53"];
        string[] state = protocol == "tcp" ? ["--state", "ESTABLISHED"] : [];
        await space.RunAsync("conntrack", ["-I", "-t", "600", .. flow, .. state]);
        using var table = space.Conntrack();
        var (entry, original) = Read(table).ShouldHaveSingleItem();
        var hold = Hold.Of(entry).ShouldNotBeNull();
        table.Insert(hold).ShouldNotBe(0, "the flow is still there");
        table.Remove(hold);
        Read(table).ShouldHaveSingleItem().Entry.Id.ShouldBe(entry.Id);
        table.Forget(entry, original).ShouldBeTrue();
        table.Insert(hold).ShouldBe(0);
        Read(table).ShouldHaveSingleItem().Entry.Reply.Zone.ShouldBe(Hold.Zone);
        table.Remove(hold);
        Read(table).ShouldBeEmpty();
    }

    /// <summary>The figures are in the test's output; the bounds are far off.</summary>
    [Fact]
    public async Task The_flows_of_one_member_are_found_and_ended_among_a_hundred_thousand()
    {
        const int Flows = 100_000;
        const int Revoked = 10;
        using var space = NetworkNamespace.Create();
        using var table = space.Conntrack();
        Fill(space.Netlink(), Flows);
        Read(table).Length.ShouldBeGreaterThanOrEqualTo(Flows);
        var lines = new List<string>();
        foreach (var filter in new ConntrackFilter?[] { null, new ConntrackFilter(Client(7), false), new ConntrackFilter(Client(7), true) })
        {
            for (var round = 0; round < 4; round++)
            {
                var start = Stopwatch.GetTimestamp();
                var count = 0;
                table.Read(IpFamily.V4, filter, (in ConntrackEntry _, ReadOnlySpan<byte> _) => count++);
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"read {filter}: {count} in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms"));
            }
        }

        foreach (var (name, others) in new[] { ("one member", 0), ("101 members, whole table", 100) })
        {
            await using var revoker = new Revoker(() => space.Conntrack(), TimeProvider.System, NullLogger.Instance);
            var members = Enumerable.Range(0, Flows / 10).Select(n => new SetMember(Cidr.Host(Client(n)))).ToArray();
            var before = State(Group.Of(members));
            await revoker.FollowAsync(before);
            for (var round = 0; round < 6; round++)
            {
                // One member has 10 flows; where many go at once the whole table is read.
                var after = before with { Groups = before.Groups.SetItem("clients", before.Groups["clients"].With([], members.Skip(round * 200).Take(Revoked / 10 + others))) };
                var start = Stopwatch.GetTimestamp();
                await revoker.FollowAsync(after);
                var elapsed = Stopwatch.GetElapsedTime(start);
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {elapsed.TotalMilliseconds:0.0} ms, {revoker.Ended} ended so far"));
                await revoker.FollowAsync(before);
            }

            revoker.Failure.ShouldBeNull();
            revoker.Ended.ShouldBeGreaterThan(0);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', lines));
    }

    private static Address Client(int n) => Address.V4(0x0A640000u + (uint)n);

    private static NodeState State(Group clients) => new(
        [],
        [new Binding("t/web", [Address.Parse("10.2.0.2")], "vw1", "web")],
        ImmutableDictionary<string, Profile>.Empty.Add("web", new Profile([], true, true, [new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "policies/p", "p", false)])),
        ImmutableDictionary<string, PolicyRules>.Empty.Add("p", new PolicyRules(
            "policies/p",
            [new Rule("r", RuleAction.Allow, [new Match([new Peer.Group("clients")], [Service.Of(IpProtocol.Tcp, PortRange.Single(80))])])], [], CutRevoked: true)),
        ImmutableDictionary<string, Group>.Empty.Add("clients", clients));

    /// <summary>Puts TCP connections in that no packet made, ten of each client.</summary>
    private static void Fill(NetlinkSocket socket, int flows)
    {
        using var request = new NetlinkRequest();
        for (var n = 0; n < flows; n++)
        {
            var tuple = new ConntrackTuple(Client(n / 10), Address.Parse("10.2.0.2"), IpProtocol.Tcp, (ushort)(1000 + (n % 10)), 80, 0, 0);
            request.Begin(NetfilterSubsystem.Conntrack, 0, NetlinkFlags.Ack | NetlinkFlags.Create, 2);
            tuple.Write(request, EntryAttribute.Original);
            tuple.Reversed().Write(request, EntryAttribute.Reply);
            socket.Ask(request.PutPlain(EntryAttribute.Timeout, 3600)).ShouldBe(0);
        }
    }

    private static ImmutableArray<(ConntrackEntry Entry, byte[] Original)> Read(ConntrackTable table, ConntrackFilter? filter = null)
    {
        var found = ImmutableArray.CreateBuilder<(ConntrackEntry, byte[])>();
        foreach (var family in filter is { } f ? [f.Address.Family] : (IpFamily[])[IpFamily.V4, IpFamily.V6])
        {
            table.Read(family, filter, (in ConntrackEntry entry, ReadOnlySpan<byte> original) => found.Add((entry, original.ToArray())));
        }

        return found.ToImmutable();
    }
}
