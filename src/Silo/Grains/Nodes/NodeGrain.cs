using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;
using Vallum.Cluster;
using Vallum.Cluster.Status;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Grains.Nodes;

/// <inheritdoc cref="INodeGrain"/>
[GrainType("node"), PreferLocalPlacement, Reentrant]
internal sealed partial class NodeGrain(
    [FromKeyedServices(GrainStorageName.Objects)] IGrainStorage storage,
    ClusterUnrest unrest,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<NodeGrain> logger) : Grain, INodeGrain
{
    private const string RowName = "node";

    private readonly SessionClaim _claim = new();
    private readonly ChangeSignal _changed = new();
    private readonly HashSet<string> _wanted = [];
    private GrainState<NodeRow> _row = new();
    private ImmutableSortedSet<string> _tenants = ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal);
    private Task _writing = Task.CompletedTask;

    /// <summary>The tenants only grow in number, so that their number tells versions apart, in every activation.</summary>
    private long Version => _tenants.Count;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await storage.ReadStateAsync(RowName, this.GetGrainId(), _row);
        _tenants = _tenants.Union(_row is { RecordExists: true, State: { } found } ? found.Tenants : []);
    }

    public async Task EnsureTenant(string tenant)
    {
        // Those who ask while a row is written share the next write: two writes at once would fail by the row's ETag.
        while (!_tenants.Contains(tenant))
        {
            _wanted.Add(tenant);
            if (_writing.IsCompleted)
            {
                _writing = WriteAsync();
            }

            await _writing;
        }
    }

    public async Task<NodeTenants> Tenants(long version, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var changed = _changed.Next;
        if (version == Version)
        {
            using var waiting = LongPoll.Waiting(cancellationToken, unrest.Next, lifetime.ApplicationStopping);
            await ChangeSignal.WaitAsync(changed, LongPoll.Grant(wait), time, waiting.Token);
        }

        return new NodeTenants(Version, [.. _tenants]);
    }

    public Task<bool> Attach(string session, string instance, AgentStatus status)
    {
        var attached = _claim.Attach(session, instance, status, time.GetUtcNow());
        if (!attached)
        {
            LogRefused(this.GetPrimaryKeyString(), instance);
        }

        return Task.FromResult(attached);
    }

    public Task<bool> Report(string session, AgentStatus status) => Task.FromResult(_claim.Report(session, status, time.GetUtcNow()));

    public Task Detach(string session)
    {
        _claim.Detach(session);
        return Task.CompletedTask;
    }

    public Task<AgentStatus> Status() => Task.FromResult(_claim.Status(time.GetUtcNow()));

    private async Task WriteAsync()
    {
        // Nobody sees a tenant before it is durable.
        var next = _tenants.Union(_wanted);
        _wanted.Clear();
        var row = new GrainState<NodeRow>(new NodeRow { Tenants = [.. next] }, _row.ETag) { RecordExists = _row.RecordExists };
        try
        {
            await storage.WriteStateAsync(RowName, this.GetGrainId(), row);
        }
        catch
        {
            // Whether the write happened is not known: what is true is read again.
            DeactivateOnIdle();
            throw;
        }

        (_row, _tenants) = (row, next);
        _changed.Raise();
    }

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "Node {Node}: a second agent, instance {Instance}, was refused while another one is connected.")]
    private partial void LogRefused(string node, string instance);
}
