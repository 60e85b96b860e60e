using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Agents;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using Phase = Vallum.Contracts.Api.V1.PolicyStatus.Types.Phase;

namespace Vallum.Api.Tests;

/// <summary>Realized is said only of what is in the kernel of every node that it concerns.</summary>
public sealed class RealizationTests(SharedSilo shared)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private readonly Calls.Api _api = shared.Api;
    private readonly string _tenant = SharedSilo.NewName();

    private string Parent => $"tenants/{_tenant}";

    private string NodeA => $"{_tenant}-a";

    private string NodeB => $"{_tenant}-b";

    [Fact]
    public async Task Without_agents_nothing_is_realized_and_the_nodes_are_named()
    {
        await TwoNodesAsync();

        var waited = await WaitAsync(Short, Parent);
        waited.Realized.ShouldBeFalse();
        waited.Lagging.Select(node => (node.Node, node.Connected)).ShouldBe([(NodeA, false), (NodeB, false)]);
        var status = await _api.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = Parent }, cancellationToken: Calls.Api.Cancelled);
        (status.Realized, status.NodesDesired, status.NodesRealized, status.Endpoints, status.Policies).ShouldBe((false, 2, 0, 3, 1));
        (await PolicyAsync()).Phase.ShouldBe(Phase.Pending);
    }

    [Fact]
    public async Task A_wait_does_not_take_longer_than_its_timeout()
    {
        await TwoNodesAsync();

        await WaitAsync(Short, Parent).WaitAsync(TimeSpan.FromSeconds(5), Calls.Api.Cancelled);
        await WaitAsync(TimeSpan.Zero, $"{Parent}/policies/db").WaitAsync(TimeSpan.FromSeconds(5), Calls.Api.Cancelled);
    }

    [Fact]
    public async Task With_every_agent_there_it_is_realized()
    {
        await TwoNodesAsync();
        await using var a = ConnectedAgent.To(shared.Silo, NodeA);
        await using var b = ConnectedAgent.To(shared.Silo, NodeB);

        (await WaitAsync(Long, Parent)).ShouldBe(new WaitRealizedResponse { Realized = true });
        (await WaitAsync(Long, $"{Parent}/policies/db")).Realized.ShouldBeTrue();
        var policy = await PolicyAsync();
        (policy.Phase, policy.NodesDesired, policy.NodesRealized).ShouldBe((Phase.Realized, 1, 1));
        var node = await _api.Nodes.GetNodeAsync(new GetRequest { Name = $"nodes/{NodeA}" }, cancellationToken: Calls.Api.Cancelled);
        (node.Status.Connected, node.Status.AgentVersion, node.Status.Backend).ShouldBe((true, "test", "memory"));
        (await _api.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: Calls.Api.Cancelled)).NodesConnected.ShouldBeGreaterThanOrEqualTo(2);
        a.Agent.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_node_of_the_span_that_lags_is_enough_to_be_not_realized()
    {
        await TwoNodesAsync();
        var slow = new InMemoryAgent(NodeB);
        var kernel = new TaskCompletionSource();
        slow.Decide = async _ =>
        {
            await kernel.Task;
            return Conduct.Apply;
        };
        await using var a = ConnectedAgent.To(shared.Silo, NodeA);
        await using var b = ConnectedAgent.To(shared.Silo, slow);

        var waiting = WaitAsync(Long, Parent);
        var early = await WaitAsync(TimeSpan.FromSeconds(1), Parent);
        early.Realized.ShouldBeFalse();
        early.Lagging.Select(node => node.Node).ShouldContain(NodeB);
        waiting.IsCompleted.ShouldBeFalse();

        kernel.SetResult();
        (await waiting).Realized.ShouldBeTrue();
    }

    [Fact]
    public async Task A_change_is_waited_for_by_the_revision_that_its_apply_answered()
    {
        await TwoNodesAsync();
        await using var a = ConnectedAgent.To(shared.Silo, NodeA);
        await using var b = ConnectedAgent.To(shared.Silo, NodeB);
        (await WaitAsync(Long, Parent)).Realized.ShouldBeTrue();

        var applied = await _api.ApplyAsync(Given.Policy(_tenant, "db", "db", "5433", Given.From("web")));
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Long) };
        applied.Revisions.ToList().ForEach(revision => request.Revisions[revision.Scope] = revision.Revision);

        (await _api.Status.WaitRealizedAsync(request, cancellationToken: Calls.Api.Cancelled)).Realized.ShouldBeTrue();
        (await PolicyAsync()).Revision.ShouldBe(applied.Revisions.Single().Revision);
    }

    [Fact]
    public async Task An_operators_policy_is_not_realized_before_every_tenant_knows_it()
    {
        await TwoNodesAsync();
        await using var a = ConnectedAgent.To(shared.Silo, NodeA);
        (await WaitAsync(Long, $"{Parent}/policies/db")).Realized.ShouldBeTrue();

        for (var i = 0; i < 5; i++)
        {
            var policy = Given.DenyAll($"{_tenant}-{i}", ("app", _tenant));
            await _api.ApplyAsync(policy);
            var waited = await WaitAsync(TimeSpan.Zero, policy.Name);
            waited.Realized.ShouldBeFalse();
        }

        await using var b = ConnectedAgent.To(shared.Silo, NodeB);
        (await WaitAsync(Long, $"policies/{_tenant}-0")).Realized.ShouldBeTrue();
    }

    [Fact]
    public async Task An_operators_policy_that_is_deleted_is_no_longer_waited_for()
    {
        await TwoNodesAsync();
        var policy = Given.DenyAll(_tenant, ("app", _tenant));
        await _api.ApplyAsync(policy);
        var waiting = WaitAsync(Long, policy.Name);

        await _api.DeleteAsync("Policy", new DeleteRequest { Name = policy.Name });

        (await waiting).Realized.ShouldBeTrue();
    }

    [Fact]
    public async Task A_deleted_tenant_has_nothing_to_wait_for_and_one_that_never_was_is_not_found()
    {
        await TwoNodesAsync();
        var deleted = await _api.Resources.ApplyAsync(Given.Deletes(Parent), cancellationToken: Calls.Api.Cancelled);
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Long) };
        request.Revisions[Parent] = deleted.Revisions.Single(revision => revision.Scope == Parent).Revision;

        (await _api.Status.WaitRealizedAsync(request, cancellationToken: Calls.Api.Cancelled)).Realized.ShouldBeTrue();
        (await Refusal.OfAsync(() => WaitAsync(Short, "tenants/never-was"))).Code.ShouldBe(StatusCode.NotFound);
        (await Refusal.OfAsync(() => WaitAsync(Short, $"{Parent}/policies/none"))).Code.ShouldBe(StatusCode.NotFound);
    }

    [Theory]
    [InlineData("what", 1, "names")]
    [InlineData("nodes/n1", 1, "names")]
    [InlineData("", 601, "timeout")]
    [InlineData("", -1, "timeout")]
    public async Task A_wait_for_what_cannot_be_is_refused(string name, int seconds, string field)
    {
        var refusal = await Refusal.OfAsync(() => WaitAsync(TimeSpan.FromSeconds(seconds), name.Length > 0 ? [name] : []));

        (refusal.Code, refusal.Fields.Single()).ShouldBe((StatusCode.InvalidArgument, field));
    }

    [Fact]
    public async Task The_status_of_a_tenant_that_is_not_there_is_not_found() =>
        (await Refusal.OfAsync(_api.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = "tenants/none" }, cancellationToken: Calls.Api.Cancelled)))
            .Code.ShouldBe(StatusCode.NotFound);

    /// <summary>"w" and "d" on node A, where the policy is, and one endpoint more on node B, which the operator's policies select too.</summary>
    private Task<ApplyResponse> TwoNodesAsync() => _api.ApplyAsync(
    [
        Given.Node(NodeA), Given.Node(NodeB), .. Given.Shop(_tenant, NodeA), Given.Endpoint(_tenant, "far", NodeB, "web", null, ("app", _tenant)),
        Given.Policy(_tenant, "db", "db", "5432", Given.From("web")),
    ]);

    private async Task<PolicyStatus> PolicyAsync() =>
        (await _api.Policies.GetPolicyAsync(new GetRequest { Name = $"{Parent}/policies/db" }, cancellationToken: Calls.Api.Cancelled)).Status;

    private async Task<WaitRealizedResponse> WaitAsync(TimeSpan timeout, params string[] names) =>
        await _api.Status.WaitRealizedAsync(new WaitRealizedRequest { Names = { names }, Timeout = Duration.FromTimeSpan(timeout) }, cancellationToken: Calls.Api.Cancelled);
}
