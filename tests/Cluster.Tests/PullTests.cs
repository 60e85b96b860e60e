using Vallum.Cluster.Compiled;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Tests.Hosts;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Encoding;

namespace Vallum.Cluster.Tests;

public sealed class PullTests(SharedSilo shared)
{
    private static readonly EndpointPart Everybody = new(new EndpointQuery(Selector.All));

    private readonly string _name = SharedSilo.NewTenant();

    private ITenantGrain Tenant => shared.Silo.Tenant(_name);

    [Fact]
    public async Task Deltas_from_any_cut_lead_to_the_whole()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 4)));
        List<(PullReply Cut, Held Held)> followers = [];
        for (var i = 0; i < 8; i++)
        {
            var start = await Tenant.Pull(Ask());
            start.Whole.ShouldBeTrue();
            followers.Add((start, new Held().Take(start)));
            await Tenant.Apply(Make.Batch(
                Make.Policy(_name, $"p{i % 3}", ("app", "web"), ("app", i % 2 == 0 ? "db" : $"x{i}")),
                Make.Endpoint(_name, $"new{i}", "web", $"n{i % 3}", SharedSilo.NewAddress(), ("app", "db"))));
            if (i > 4)
            {
                await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Endpoint, $"new{i - 4}")));
            }
        }

        var whole = new Held().Take(await Tenant.Pull(Ask()));
        foreach (var (cut, held) in followers)
        {
            var rest = await Tenant.Pull(Ask(cut));
            rest.Whole.ShouldBeFalse();
            held.Take(rest).ShouldBe(whole);
        }
    }

    [Fact]
    public async Task A_parked_pull_wakes_at_the_commit_with_its_revision_also_when_nothing_is_to_do()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 2)));
        var start = await Tenant.Pull(Ask());

        var parked = NextRevisionAsync(start);
        await Tenant.Apply(Make.Batch(Make.Segment(_name, "empty")));

        var reply = await parked.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        (reply.Revision, reply.Whole, reply.Deltas.Length).ShouldBe((2, false, 0));
    }

    [Fact]
    public async Task A_hub_that_wants_one_part_gets_that_part_and_no_more()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 3)));
        var wants = new[] { WantEncoding.ToWant(Everybody) };
        var ask = new PullRequest("hub", 0, 0, false, 1, [.. wants], TimeSpan.Zero, 0);

        var first = await Tenant.Pull(ask);

        first.Whole.ShouldBeTrue();
        var part = first.Deltas.ShouldHaveSingleItem();
        (part.Kind, part.Name, part.Added.Length).ShouldBe((CompiledKind.GroupPart, Everybody.Id.Value, 3));
        await Tenant.Apply(Make.Batch(Make.Endpoint(_name, "more", "web", "n0", SharedSilo.NewAddress())));
        var next = await Tenant.Pull(ask with { Epoch = first.Epoch, Sequence = first.Sequence, Wants = null });
        next.Whole.ShouldBeFalse();
        next.Deltas.ShouldHaveSingleItem().Added.Length.ShouldBe(1);

        var none = await Tenant.Pull(ask with { Epoch = next.Epoch, Sequence = next.Sequence, WantsVersion = 2, Wants = [] });
        none.Deltas.ShouldBeEmpty();
    }

    [Fact]
    public async Task Wants_that_are_not_known_are_asked_for()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 1)));

        (await Tenant.Pull(new PullRequest("stranger", 0, 0, false, 7, null, TimeSpan.Zero, 0))).TellWants.ShouldBeTrue();
    }

    [Fact]
    public async Task A_hub_that_comes_to_need_everything_gets_the_whole()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 2)));
        var partial = await Tenant.Pull(new PullRequest("hub", 0, 0, false, 1, [WantEncoding.ToWant(Everybody)], TimeSpan.Zero, 0));

        var ask = new PullRequest("hub", partial.Epoch, partial.Sequence, true, 1, null, TimeSpan.Zero, 0);
        (await Tenant.Pull(ask)).Whole.ShouldBeTrue();
        // The answer was lost: the same question is answered the same.
        (await Tenant.Pull(ask)).Whole.ShouldBeTrue();
    }

    [Fact]
    public async Task An_operators_policy_reaches_every_tenant_with_the_clusters_revision()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 1)));
        var start = await Tenant.Pull(Ask());
        var held = new Held().Take(start);

        var applied = await shared.Silo.Cluster.Apply(Make.Batch(Make.DenyAll($"deny-{_name}")));
        PullReply reply;
        do
        {
            reply = await Tenant.Pull(Ask(start, TimeSpan.FromSeconds(5)));
            held.Take(reply);
            start = reply;
        }
        while (reply.ClusterRevision < applied.Revision);

        held.Names(CompiledKind.PolicyRules).ShouldContain($"policies/deny-{_name}");
        await shared.Silo.Cluster.Apply(Make.Batch(Make.Delete(ObjectKind.Policy, $"deny-{_name}")));
        while (held.Names(CompiledKind.PolicyRules).Contains($"policies/deny-{_name}"))
        {
            reply = await Tenant.Pull(Ask(start, TimeSpan.FromSeconds(5)));
            held.Take(reply);
            start = reply;
        }
    }

    /// <summary>The first answer with another revision: that the cluster's own objects have changed meanwhile is answered before.</summary>
    private async Task<PullReply> NextRevisionAsync(PullReply start)
    {
        for (var reply = start; ;)
        {
            reply = await Tenant.Pull(Ask(reply, TimeSpan.FromSeconds(10)));
            if (reply.Revision > start.Revision)
            {
                return reply;
            }
        }
    }

    private static PullRequest Ask(PullReply? after = null, TimeSpan wait = default) =>
        new("full-hub", after?.Epoch ?? 0, after?.Sequence ?? 0, true, 0, null, wait, after?.ClusterRevision ?? 0);

    /// <summary>What a hub holds after the replies that it took, as text.</summary>
    private sealed class Held : IEquatable<Held>
    {
        private readonly SortedDictionary<string, (string Head, SortedSet<string> Entries)> _resources = new(StringComparer.Ordinal);

        public Held Take(PullReply reply)
        {
            if (reply.Whole)
            {
                _resources.Clear();
            }

            foreach (var delta in reply.Deltas)
            {
                Take(delta);
            }

            return this;
        }

        public IEnumerable<string> Names(CompiledKind kind) =>
            _resources.Keys.Where(key => key.StartsWith($"{kind}/", StringComparison.Ordinal)).Select(key => key[$"{kind}/".Length..]);

        public bool Equals(Held? other) => other is not null && ToString() == other.ToString();

        public override bool Equals(object? obj) => Equals(obj as Held);

        public override int GetHashCode() => _resources.Count;

        public override string ToString() =>
            string.Join('\n', _resources.Select(pair => $"{pair.Key} {pair.Value.Head} [{string.Join(',', pair.Value.Entries)}]"));

        private void Take(CompiledDelta delta)
        {
            var key = $"{delta.Kind}/{delta.Name}";
            if (delta.Gone)
            {
                _resources.Remove(key).ShouldBeTrue();
                return;
            }

            var (head, entries) = _resources.TryGetValue(key, out var known) ? known : ("", new SortedSet<string>(StringComparer.Ordinal));
            delta.Removed.Select(Convert.ToHexString).ShouldAllBe(entry => entries.Remove(entry));
            delta.Added.Select(Convert.ToHexString).ShouldAllBe(entry => entries.Add(entry));
            _resources[key] = (delta.Head is null ? head : Convert.ToHexString(delta.Head), entries);
        }
    }
}
