using System.Collections.Immutable;
using Orleans.Concurrency;
using Vallum.Cluster.Compiled;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;

namespace Vallum.Cluster;

/// <summary>
/// Key: the tenant's name. Owns everything that is the tenant's: the tenant itself, its segments, endpoints and policies; commits a batch in one durable
/// write, and compiles it. The tenant is the unit of commit, of order and of compilation.
/// </summary>
[Alias("vallum.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey, IObjectScope
{
    /// <summary>What the tenant's compiled resources became since the caller's cursor, waiting for the first change up to the request's time.</summary>
    [AlwaysInterleave, Alias("Pull")]
    Task<PullReply> Pull(PullRequest request, CancellationToken cancellationToken = default);

    /// <summary>How far the nodes that one silo serves have come. Twice or late does no harm.</summary>
    [AlwaysInterleave, Alias("Report")]
    Task Report(ProgressReport report);

    /// <summary>Goes on on another silo: waits end, what is being written is finished, who calls meanwhile is answered there.</summary>
    [AlwaysInterleave, Alias("Move")]
    Task Move(SiloAddress to);

    [AlwaysInterleave, Alias("Status")]
    Task<TenantStatus> Status();

    /// <summary>Returns once the status is another than the one with <paramref name="version"/>, or after the wait.</summary>
    [AlwaysInterleave, Alias("AwaitProgress")]
    Task AwaitProgress(long version, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>
    /// In the order of <paramref name="policies"/>, which are names of the API ("tenants/{tenant}/policies/{policy}", or an operator's "policies/{policy}") or of
    /// the tenant's own policies ("{policy}"); null for a policy that is not there. Of an operator's policy the revisions are the cluster's.
    /// </summary>
    [AlwaysInterleave, Alias("PolicyStatus")]
    Task<ImmutableArray<PolicyProgress?>> PolicyStatus(ImmutableArray<string> policies);

    /// <summary>Whether the tenant has a committed endpoint, not on the host's network, with this address; null when not, else the endpoint's name.</summary>
    [AlwaysInterleave, Alias("OwnerOf")]
    Task<string?> OwnerOf(string address);
}
