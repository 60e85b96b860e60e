using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Counting;
using Vallum.NodeAgent.Counters;
using Vallum.NodeAgent.Reporting;
using Vallum.NodeAgent.Tests.Wire;
using Vallum.Primitives;
using ModelDirection = Vallum.Dataplane.Model.Direction;
using ModelTier = Vallum.Dataplane.Model.Tier;

namespace Vallum.NodeAgent.Tests;

/// <summary>From the kernel's counters to reports, with an agent whose kernel is a fake.</summary>
public sealed class CounterTests : IDisposable
{
    private static readonly CountedRule Rule = new("tenants/t/policies/p", "r", ModelDirection.Ingress, ModelTier.Tenant, false);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 3, 0, 0, TimeSpan.Zero));
    private readonly CountersOfFake _source;
    private readonly WireState _state = WireState.Web("10.2.0.0/16");
    private readonly List<NodeReport> _said = [];
    private Agent _agent = null!;
    private CounterLoop _counters = null!;
    private ReportLoop _reports = null!;
    private FlowBacklog _flows = null!;

    public CounterTests()
    {
        _source = new CountersOfFake(_node);
        Start();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_begins_with_everything_and_goes_on_with_what_changed()
    {
        await HoldAsync();
        Connect();
        _source.Packets = 5;
        await ReadAsync();
        Tell();
        _said.Last().Counts.DeniedPackets.ShouldBe(5UL * (ulong)_source.DroppingLines);
        var told = _said.Count;
        await ReadAsync();
        Tell();
        (_said.Count, _said.Last().Counts.Denied.Count).ShouldBe((told + 1, 0), "a reading without news ends the rates, once");
        await ReadAsync();
        Tell();
        _said.Count.ShouldBe(told + 1);

        Connect();
        Tell();
        _said.Last().Stream.ShouldBe(2UL);
        _said.Last().Counts.DeniedPackets.ShouldBe(_said[0].Counts?.DeniedPackets ?? 5UL * (ulong)_source.DroppingLines);
        _said.Last().Counts.Denied.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_reading_during_which_rules_changed_is_thrown_away()
    {
        await HoldAsync();
        Connect();
        _source.Packets = 5;
        _source.During = () => ChangeRulesAsync(_source.Reads);
        (await _counters.OnceAsync(Cancelled)).ShouldBeFalse();
        _source.Reads.ShouldBe(6, "three attempts, two families");
        _source.During = null;
        (await _counters.OnceAsync(Cancelled)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_restarted_agent_goes_on_where_it_was_and_has_a_higher_run()
    {
        await HoldAsync();
        _source.Packets = 5;
        await ReadAsync();
        var run = _counters.Run;
        using (var stopped = new CancellationTokenSource())
        {
            var running = _counters.RunAsync(stopped.Token);
            await stopped.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        _agent.Dispose();
        _source.Packets = 7;
        Start();
        await _agent.StartAsync(Cancelled);
        Connect();
        await ReadAsync();
        Tell();

        _counters.Run.ShouldBeGreaterThan(run);
        _said.Last().Counts.DeniedPackets.ShouldBe(7UL * (ulong)_source.DroppingLines);
    }

    [Fact]
    public async Task Nobody_is_told_before_there_is_a_stream_and_flows_go_in_batches()
    {
        await HoldAsync();
        foreach (var port in Enumerable.Range(1, 450))
        {
            _flows.Add(new FlowEvent { DestinationPort = (uint)port });
        }

        Tell();
        _said.ShouldBeEmpty();
        Connect();
        for (var i = 0; i < 4; i++)
        {
            Tell();
        }

        _said.Select(r => r.Flows.Count).ShouldBe([200, 200, 50]);
        _said.SelectMany(r => r.Flows).Select(f => f.DestinationPort).ShouldBe(Enumerable.Range(1, 450).Select(i => (uint)i));
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_counted_and_the_newest_stay()
    {
        await HoldAsync();
        Connect();
        foreach (var port in Enumerable.Range(1, FlowBacklog.Most + 5))
        {
            _flows.Add(new FlowEvent { DestinationPort = (uint)port });
        }

        Tell();
        (_said[0].FlowsDropped, _said[0].Flows[0].DestinationPort).ShouldBe((5UL, 6u));
    }

    [Fact]
    public async Task Drift_and_warnings_are_in_every_report()
    {
        await HoldAsync();
        Connect();
        _agent.Findings.Warn("bridge", "bridge-nf-call-iptables is 0");
        _agent.Findings.Found(Enumerable.Range(0, 25).Select(i => $"difference {i}"), repaired: true);
        Tell();
        _said[^1].Warnings.ShouldBe(["bridge-nf-call-iptables is 0"]);
        _said[^1].Drift.Select(d => d.Words).ShouldBe(Enumerable.Range(5, 20).Select(i => $"difference {i}"));
        _agent.Findings.Warn("bridge");
        Tell();
        _said[^1].Warnings.ShouldBeEmpty();
        _said[^1].Drift.Count.ShouldBe(20);
    }

    [Fact]
    public void Many_rules_are_told_in_portions()
    {
        var lines = Enumerable.Range(0, 5000).Select(i => new CountedLine(Rule with { Policy = $"tenants/t/policies/p{i / 2}", Rule = $"r{i}" }, null, false)).ToImmutableArray();
        var map = CounterMap.Empty with
        {
            Chains = ImmutableDictionary<string, CountedChain>.Empty.Add("VALLUM-X", new CountedChain([.. lines.Select((_, i) => $"{i}")], lines)),
        };
        var book = new CounterBook(CounterPage.Empty);
        book.Take([(IpFamily.V4, map, ImmutableDictionary<string, ImmutableArray<Counter>>.Empty.Add("VALLUM-X", [.. lines.Select(_ => new Counter(1, 60))]))], _time.GetUtcNow());
        var reports = new CounterReports();
        reports.Offer(book, new CountedLayout(default, map, CounterMap.Empty, []), _time.GetUtcNow(), _time.GetUtcNow(), null);

        var portions = new List<Counts>();
        while (reports.Next() is { } counts)
        {
            portions.Add(counts);
        }

        portions.Select(c => c.More).ShouldBe([true, true, false]);
        portions.SelectMany(c => c.Policies).SelectMany(p => p.Rules).Select(r => r.Rule).Distinct().Count().ShouldBe(5000);
    }

    [Fact]
    public void A_file_says_all_of_the_state_again_and_a_broken_one_begins_anew()
    {
        var path = Path.Combine(_directory.Path, "counters-of-test");
        var state = new CounterState(DateTimeOffset.FromUnixTimeMilliseconds(1234), 7, new CounterPage(
            ImmutableDictionary<CountedRule, CountedTotal>.Empty
                .Add(Rule, new CountedTotal(new Counter(ulong.MaxValue, 2), DateTimeOffset.FromUnixTimeMilliseconds(99), 0))
                .Add(Rule with { Staged = true, Tier = ModelTier.Admin }, new CountedTotal(Counter.Zero, DateTimeOffset.MinValue, 0)),
            ImmutableDictionary<DeniedGroup, CountedTotal>.Empty.Add(DeniedGroup.Nobody, new CountedTotal(new Counter(1, 1), DateTimeOffset.FromUnixTimeMilliseconds(5), 0)),
            new Counter(3, 4),
            ImmutableDictionary<(IpFamily, string), ChainMark>.Empty.Add((IpFamily.V6, "VALLUM-X"), new ChainMark(Digest.Of([1]), [new Counter(1, 2), Counter.Zero]))));
        CounterFile.Write(path, state);

        var read = CounterFile.Read(path).ShouldNotBeNull();
        (read.Since, read.Run, read.Page.Dropped).ShouldBe((state.Since, state.Run, state.Page.Dropped));
        read.Page.Rules.ShouldBe(state.Page.Rules, ignoreOrder: true);
        read.Page.Denied.ShouldBe(state.Page.Denied, ignoreOrder: true);
        read.Page.Marks.Single().Key.ShouldBe((IpFamily.V6, "VALLUM-X"));
        read.Page.Marks.Single().Value.Counters.ShouldBe([new Counter(1, 2), Counter.Zero]);

        File.WriteAllText(path, File.ReadAllText(path).Replace("rule\t", "rule\t\t", StringComparison.Ordinal));
        CounterFile.Read(path).ShouldBeNull();
        CounterFile.Read(path + ".missing").ShouldBeNull();
    }

    public void Dispose()
    {
        _agent.Dispose();
        _directory.Dispose();
    }

    private void Start()
    {
        var options = _directory.Options(new Uri("http://127.0.0.1:1"));
        _agent = new Agent(options, _node, _time, NullLogger.Instance);
        _counters = new CounterLoop(_agent, _source, new RenderedOrigins(), options, _time, NullLogger.Instance);
        _flows = new FlowBacklog();
        _reports = new ReportLoop(_agent, _counters, _flows, _time);
    }

    private void Connect()
    {
        _agent.ForgetNonce();
        _agent.Later -= Say;
        _agent.Later += Say;
    }

    private void Say(AgentMessage message) => _said.Add(message.Report);

    private void Tell() => _reports.Once();

    private async Task ReadAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _counters.OnceAsync(Cancelled)).ShouldBeTrue();
    }

    /// <summary>The agent holds and enforces one endpoint that some may reach.</summary>
    private async Task HoldAsync()
    {
        await _agent.StartAsync(Cancelled);
        await TakeAsync(_state.Snapshot(1));
    }

    /// <summary>One endpoint more, and so other rules.</summary>
    private Task ChangeRulesAsync(int number) => TakeAsync(_state.Change(
        (ulong)number + 1, ResourceKind.Binding, "t", [WireState.Endpoint($"t/more-{number}", $"10.1.8.{number}", $"vm{number}", "web")], []));

    private async Task TakeAsync(Update update) =>
        (await _agent.TakeAsync([update], Cancelled)).ShouldHaveSingleItem().BodyCase.ShouldBe(AgentMessage.BodyOneofCase.Ack);

    /// <summary>Every line of every chain of ours has counted the same.</summary>
    private sealed class CountersOfFake(FakeNode node) : ICounterSource
    {
        public ulong Packets { get; set; }

        public int Reads { get; private set; }

        /// <summary>Happens while the counters are read.</summary>
        public Func<Task>? During { get; set; }

        public int DroppingLines => new[] { IpFamily.V4, IpFamily.V6 }.Sum(f => node.Kernel.Read().Rules(f).Chains.Values.SelectMany(c => c).Count(r => r == "-j DROP"));

        public async Task<ImmutableDictionary<string, ImmutableArray<Counter>>> ReadAsync(IpFamily family, CancellationToken cancellationToken)
        {
            Reads++;
            var chains = node.Kernel.Read().Rules(family).Chains;
            if (During is not null)
            {
                await During();
            }

            return chains.ToImmutableDictionary(c => c.Key, c => c.Value.Select(_ => new Counter(Packets, Packets * 60)).ToImmutableArray());
        }
    }
}
