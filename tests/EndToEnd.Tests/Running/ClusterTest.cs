using Vallum.Lab;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>One running cluster for the tests of a class; none where the machine cannot have one.</summary>
/// <param name="spec">Asked for only where a lab can be made.</param>
public abstract class ClusterFixture(Func<LabSpec> spec) : IAsyncLifetime
{
    private RunningCluster? _cluster;

    public RunningCluster Cluster => _cluster ?? throw new InvalidOperationException(LabNeeds.Missing);

    public async ValueTask InitializeAsync()
    {
        if (LabNeeds.Missing is null)
        {
            _cluster = await RunningCluster.StartAsync(spec(), TestContext.Current.CancellationToken);
            await PrepareAsync(_cluster);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>What all tests of the class begin with.</summary>
    protected virtual Task PrepareAsync(RunningCluster cluster) => Task.CompletedTask;
}

/// <summary>A test on a running cluster; where there can be none it is skipped with the reason.</summary>
public abstract class ClusterTest
{
    private readonly ClusterFixture _fixture;

    protected ClusterTest(ClusterFixture fixture)
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        _fixture = fixture;
    }

    protected RunningCluster Cluster => _fixture.Cluster;

    protected PacketLab Lab => Cluster.Lab;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
