using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution;

/// <summary>The owners of tenants, as the hub asks them.</summary>
internal interface ICompiledSource
{
    /// <summary>Waits for the first change up to <see cref="PullRequest.Wait"/>.</summary>
    Task<PullReply> Pull(string tenant, PullRequest request, CancellationToken cancellationToken);

    Task Report(string tenant, ProgressReport report, CancellationToken cancellationToken);
}
