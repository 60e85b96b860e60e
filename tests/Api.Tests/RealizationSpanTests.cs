using Google.Protobuf.WellKnownTypes;
using Vallum.Agents;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using Phase = Vallum.Contracts.Api.V1.PolicyStatus.Types.Phase;

namespace Vallum.Api.Tests;

/// <summary>Which nodes a change concerns: these are waited for, and no others. Silos of their own, for every tenant counts.</summary>
public sealed class RealizationSpanTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_deleted_policy_about_nodes_is_waited_for_where_it_was()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        var kernel = new Gate();
        await api.ApplyAsync(Given.Node("a"), Hosts("closed", "a"));
        await using var a = ConnectedAgent.To(silo, new InMemoryAgent("a") { KnowsHostPolicies = true, Decide = kernel.PassAsync });
        (await WaitAsync(api, Long, "policies/closed")).Realized.ShouldBeTrue();

        kernel.Close();
        var deleted = await api.Resources.ApplyAsync(Given.Deletes("policies/closed"), cancellationToken: Calls.Api.Cancelled);
        var early = await WaitAsync(api, Short, deleted);
        kernel.Open();

        early.Realized.ShouldBeFalse();
        early.Lagging.Select(node => node.Node).ShouldBe(["a"]);
        (await WaitAsync(api, Long, deleted)).Realized.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_an_agent_that_goes_before_it_has_let_go_of_a_policy_about_its_node_it_is_known()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        await api.ApplyAsync(Given.Node("a"), Hosts("closed", "a"));
        await using (ConnectedAgent.To(silo, new InMemoryAgent("a") { KnowsHostPolicies = true }))
        {
            (await WaitAsync(api, Long, "policies/closed")).Realized.ShouldBeTrue();
        }

        var deleted = await api.Resources.ApplyAsync(Given.Deletes("policies/closed"), cancellationToken: Calls.Api.Cancelled);

        (await WaitAsync(api, Short, deleted)).Realized.ShouldBeFalse();
    }

    [Fact]
    public async Task A_network_set_is_waited_for_on_the_nodes_of_tenants_that_name_it()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        await api.ApplyAsync([Given.NetworkSet("offices", "192.0.2.0/24"), .. Given.Shop("red", "a"), .. Given.Shop("blue", "b")]);
        await api.ApplyAsync(Given.Policy("red", "p", "db", "5432", Given.FromSet("offices")));
        await using var a = ConnectedAgent.To(silo, "a");

        // Nobody is connected on b, and nothing there is about the set.
        (await WaitAsync(api, Long, await api.ApplyAsync(Given.NetworkSet("offices", "192.0.2.0/25")))).Realized.ShouldBeTrue();

        await api.ApplyAsync(Given.Policy("blue", "p", "db", "5432", Given.FromSet("offices")));
        var lagging = await WaitAsync(api, Short, await api.ApplyAsync(Given.NetworkSet("offices", "192.0.2.0/26")));
        (lagging.Realized, string.Join(',', lagging.Lagging.Select(node => node.Node))).ShouldBe((false, "b"));
    }

    [Fact]
    public async Task A_changed_node_is_waited_for_and_no_other_one()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        await api.ApplyAsync([Given.Node("a"), Given.Node("b"), .. Given.Shop("red", "a"), Given.Endpoint("red", "far", "b")]);
        await using var a = ConnectedAgent.To(silo, "a");

        (await WaitAsync(api, Long, await api.ApplyAsync(Given.Node("a", "192.0.2.1")))).Realized.ShouldBeTrue();
        (await WaitAsync(api, Short, await api.ApplyAsync(Given.Node("b", "192.0.2.2")))).Lagging.Select(node => node.Node).ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_tenants_new_labels_are_waited_for_on_nodes_of_others_at_another_silo()
    {
        await using var first = await TestSilo.StartAsync();
        await using var second = await first.JoinAsync();
        var api = new Calls.Api(first);
        var kernel = new Gate();
        var fromTeam = Given.From("web");
        fromTeam.Endpoints.Tenants = new TenantSelector { Selector = Given.Labels(("team", "x")) };
        await api.ApplyAsync([.. Given.Shop("red", "a"), .. Given.Shop("blue", "b"), Given.Policy("blue", "p", "db", "5432", fromTeam)]);
        await using var a = ConnectedAgent.To(first, "a");
        await using var b = ConnectedAgent.To(second, new InMemoryAgent("b") { Decide = kernel.PassAsync });
        (await WaitAsync(api, Long)).Realized.ShouldBeTrue();

        kernel.Close();
        var red = Given.Tenant("red");
        red.Metadata = Given.Labelled(("team", "x"));
        var relabelled = await api.ApplyAsync(red);
        var early = await WaitAsync(api, Short, relabelled);
        kernel.Open();

        (early.Realized, string.Join(',', early.Lagging.Select(node => node.Node))).ShouldBe((false, "b"));
        (await WaitAsync(api, Long, relabelled)).Realized.ShouldBeTrue();
    }

    [Fact]
    public async Task An_operators_policy_tells_how_long_it_took_until_the_last_node_of_all_tenants()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        var kernel = new Gate();
        await api.ApplyAsync([.. Given.Shop("red", "a"), .. Given.Shop("blue", "b")]);
        await using var a = ConnectedAgent.To(silo, "a");
        await using var b = ConnectedAgent.To(silo, new InMemoryAgent("b") { Decide = kernel.PassAsync });
        (await WaitAsync(api, Long)).Realized.ShouldBeTrue();

        kernel.Close();
        await api.ApplyAsync(Given.DenyAll("deny", ("app", "db")));
        (await WaitAsync(api, Short, "policies/deny")).Realized.ShouldBeFalse();
        kernel.Open();
        (await WaitAsync(api, Long, "policies/deny")).Realized.ShouldBeTrue();

        var status = (await api.Policies.GetPolicyAsync(new GetRequest { Name = "policies/deny" }, cancellationToken: Calls.Api.Cancelled)).Status;
        (status.Phase, status.NodesDesired, status.NodesRealized).ShouldBe((Phase.Realized, 2, 2));
        status.RealizedIn.ShouldNotBeNull().ToTimeSpan().ShouldBeInRange(Short / 2, Long);
    }

    /// <summary>Nothing comes in to the node.</summary>
    private static Policy Hosts(string name, string node) => new()
    {
        Name = $"policies/{name}",
        Spec = new PolicySpec
        {
            Tier = Tier.Admin,
            Priority = 10,
            Subject = { new PolicySubject { Nodes = new NodeSelector { Selector = new LabelSelector() } } },
            Directions = { Direction.Ingress },
            Ingress = { new Rule { Action = RuleAction.Deny, Peers = { new Peer { Any = new AnyPeer() } } } },
        },
        Metadata = Given.Labelled(("about", node)),
    };

    private static async Task<WaitRealizedResponse> WaitAsync(Calls.Api api, TimeSpan timeout, params string[] names) =>
        await api.Status.WaitRealizedAsync(new WaitRealizedRequest { Names = { names }, Timeout = Duration.FromTimeSpan(timeout) }, cancellationToken: Calls.Api.Cancelled);

    private static async Task<WaitRealizedResponse> WaitAsync(Calls.Api api, TimeSpan timeout, ApplyResponse applied)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(timeout) };
        applied.Revisions.ToList().ForEach(revision => request.Revisions[revision.Scope] = revision.Revision);
        return await api.Status.WaitRealizedAsync(request, cancellationToken: Calls.Api.Cancelled);
    }

    /// <summary>A kernel that takes nothing while it is closed.</summary>
    private sealed class Gate
    {
        private TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Gate() => Open();

        public void Close() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _open.TrySetResult();

        public async Task<Conduct> PassAsync(Contracts.Agent.V1.Update update)
        {
            await _open.Task;
            return Conduct.Apply;
        }
    }
}
