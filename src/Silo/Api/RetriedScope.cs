using Vallum.Cluster.Objects;
using Vallum.Silo.Grains;

namespace Vallum.Silo.Api;

/// <summary>
/// A scope that is asked again when its grain was lost in the middle. A batch without a request id gets one here, so that the grain that answers in the end
/// knows whether the one before it has committed.
/// </summary>
internal sealed class RetriedScope(IObjectScope scope) : IObjectScope
{
    /// <summary>Long enough for a silo that is killed or freezes to be found out, and for its grains to be read elsewhere.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(8);

    public Task<ApplyReply> Apply(ApplyBatch batch)
    {
        var named = batch.RequestId.Length > 0 || batch.ValidateOnly ? batch : batch with { RequestId = $"api-{Guid.NewGuid():N}" };
        return Retry.WithinAsync(Within, TimeProvider.System, () => scope.Apply(named));
    }

    public Task<ObjectDocument?> Get(ObjectKind kind, string name) => Retry.WithinAsync(Within, TimeProvider.System, () => scope.Get(kind, name));

    public Task<ObjectPage> List(ListObjects request) => Retry.WithinAsync(Within, TimeProvider.System, () => scope.List(request));

    public Task<HistoryReply> History(HistoryRequest request) => Retry.WithinAsync(Within, TimeProvider.System, () => scope.History(request));

    public Task<FeedReply> Feed(FeedRequest request, CancellationToken cancellationToken = default) =>
        Retry.WithinAsync(Within, TimeProvider.System, () => scope.Feed(request, cancellationToken), cancellationToken);
}
