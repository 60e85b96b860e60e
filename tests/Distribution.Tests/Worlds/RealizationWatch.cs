using System.Collections.Concurrent;
using System.Diagnostics;
using Vallum.Agents;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Model;
using Vallum.Silo.Api;
using Vallum.Silo.Grains.Tenants;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>
/// The tenants' owners' side of reports: what a status would say after each, and what the agents then hold. Its clock runs fast, so that a silo that is
/// silent is given up in a fraction of a second.
/// </summary>
/// <param name="isTravelling">The node's agent has come to a silo that has not told the tenant so yet: what was said before still holds.</param>
/// <param name="believes">Broken on purpose: a node of which no silo says anything counts as realized.</param>
internal sealed class RealizationWatch(FakeCluster cluster, Func<string, AgentState> agent, Func<string, string, bool> isTravelling, bool believes)
{
    private const int Faster = 50;

    private readonly Dictionary<string, NodeReports> _reports = [];
    private readonly List<(string Tenant, ProgressReport Report)> _heard = [];
    private readonly DateTimeOffset _epoch = DateTimeOffset.UnixEpoch;
    private readonly long _start = Stopwatch.GetTimestamp();

    public ConcurrentQueue<string> Lies { get; } = [];

    public Action<string, ProgressReport>? Heard { get; set; }

    /// <summary>How often everything of a tenant was said to be realized.</summary>
    public int Said { get; private set; }

    private DateTimeOffset Now => _epoch + (Stopwatch.GetElapsedTime(_start) * Faster);

    public void Take(string tenant, ProgressReport report) => cluster.With(tenant, owner =>
    {
        _heard.Add((tenant, report));
        ReportsOf(tenant).Take(report, Now);
        Heard?.Invoke(tenant, report);
        return Judge(tenant, owner);
    });

    /// <summary>What was said once is said again, and counts for what it is worth.</summary>
    public void Repeat(Random dice)
    {
        (string Tenant, ProgressReport Report)? again = cluster.With<(string, ProgressReport)?>("red", _ => _heard.Count == 0 ? null : _heard[dice.Next(_heard.Count)]);
        if (again is { } late)
        {
            Take(late.Tenant, late.Report);
        }
    }

    /// <summary>Another activation has heard nothing.</summary>
    public void Reactivate(string tenant)
    {
        cluster.Reactivate(tenant);
        cluster.With(tenant, _ => _reports.Remove(tenant));
    }

    public bool IsRealized(string tenant) => cluster.With(tenant, owner => Judge(tenant, owner));

    public string Lagging(string tenant) => cluster.With(tenant, owner => $"{owner.Revision}/{owner.ClusterRevision}: {string.Join(", ", owner.Nodes.Select(n => ReportsOf(tenant).ProgressOf(n)))}");

    private bool Judge(string tenant, FakeTenant owner)
    {
        var reports = ReportsOf(tenant);
        reports.Forget(Now);
        var progress = owner.Nodes.Select(reports.ProgressOf).Where(node => !believes || node.Connected);
        if (Realization.Lagging(progress, owner.Revision, owner.ClusterRevision).Count > 0)
        {
            return false;
        }

        Said++;
        foreach (var node in owner.Nodes.Where(n => !isTravelling(n, tenant)))
        {
            var held = agent(node);
            if (!owner.Forms.Any(f => f.Revision >= owner.Revision && f.ClusterRevision >= owner.ClusterRevision && f.IsHeldBy(held, new TenantName(tenant), node)))
            {
                Lies.Enqueue($"{tenant} was realized at {owner.Revision}/{owner.ClusterRevision}, but {node} holds something else: {reports.ProgressOf(node)}");
            }
        }

        return true;
    }

    private NodeReports ReportsOf(string tenant)
    {
        if (!_reports.TryGetValue(tenant, out var reports))
        {
            _reports[tenant] = reports = new NodeReports();
        }

        return reports;
    }
}
