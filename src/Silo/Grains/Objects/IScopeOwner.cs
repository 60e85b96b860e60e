using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains.Objects;

/// <summary>A batch that is judged and about to be written.</summary>
/// <param name="ChangeOf">Which change of the batch an object is in.</param>
internal sealed record PreparedBatch(long Revision, DateTimeOffset Time, ObjectDraft Draft, Func<ScopeKey, int> ChangeOf);

/// <summary>A batch that is durable.</summary>
internal sealed record CommittedBatch(long Revision, DateTimeOffset Time, IReadOnlyCollection<ScopeEdit> Edits);

/// <summary>What a grain does around the commits of its scope. Called by the scope's one loop: never twice at a time.</summary>
internal interface IScopeOwner
{
    /// <summary>The tenant that the scope is; null for the cluster's own objects.</summary>
    string? Tenant { get; }

    /// <summary>The rules to judge a batch by, with all that they need to know fetched.</summary>
    ValueTask<IScopeRules> RulesForAsync(ParsedBatch batch);

    /// <summary>The fault that <see cref="PrepareAsync"/> would find as things are, with nothing made durable.</summary>
    ValueTask<Fault?> ForeseeAsync(PreparedBatch batch);

    /// <summary>What must be durable elsewhere before the batch is. A fault: the batch is refused, and nothing of it remains elsewhere.</summary>
    ValueTask<Fault?> PrepareAsync(PreparedBatch batch);

    /// <summary>The batch is durable and in the table. In the order of revisions.</summary>
    void Committed(CommittedBatch batch);

    /// <summary>What others must know before the batch is answered.</summary>
    ValueTask TellAsync(CommittedBatch batch);

    /// <summary>What can follow the answer, but must precede the next batch.</summary>
    ValueTask SettleAsync(CommittedBatch batch);

    /// <summary>The storage failed: what is durable is not known, and the activation must end.</summary>
    void Fail(Exception exception);
}
