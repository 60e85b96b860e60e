using Google.Rpc;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Api;

namespace Vallum.Cluster.Tests;

/// <summary>What an object was, when only the newest part of its past is remembered.</summary>
public sealed class PastStateTests
{
    private static readonly ObjectName Name = new(ObjectType.Policy, "shop", "db");

    [Theory]
    [InlineData(0, 7)]
    [InlineData(8, 7)]
    [InlineData(7, 7)]
    [InlineData(6, 5)]
    [InlineData(5, 5)]
    [InlineData(9, 9)]
    [InlineData(100, 9)]
    public async Task What_is_remembered_or_was_before_it_is_found(long revision, long found)
    {
        // Changed at 3, 5, 7 and 9; only what came after 6 is remembered.
        var scope = new RememberingScope(9, [Changed(9, 7), Changed(7, 5)], Document(9));

        (await PastState.FindAsync(scope, Name, revision, "", CancellationToken.None)).Document.Revision.ShouldBe(found);
    }

    [Theory]
    [InlineData(4, "HISTORY_TRIMMED", "revision 7")]
    [InlineData(101, "REVISION_AHEAD", "newest is 100")]
    public async Task What_is_not_remembered_is_refused_with_the_oldest_that_is(long revision, string reason, string said)
    {
        var refusal = await Should.ThrowAsync<RpcException>(() =>
            PastState.FindAsync(new RememberingScope(9, [Changed(9, 7), Changed(7, 5)], Document(9)), Name, revision, "", CancellationToken.None));

        refusal.GetRpcStatus()!.GetDetail<ErrorInfo>()!.Reason.ShouldBe(reason);
        refusal.Status.Detail.ShouldContain(said);
        refusal.StatusCode.ShouldBe(StatusCode.OutOfRange);
    }

    [Fact]
    public async Task An_object_of_which_nothing_is_remembered_is_what_it_is()
    {
        var scope = new RememberingScope(100, [], Document(9));

        (await PastState.FindAsync(scope, Name, 50, "", CancellationToken.None)).Document.Revision.ShouldBe(9);
        (await Should.ThrowAsync<RpcException>(() => PastState.FindAsync(scope, Name, 0, "", CancellationToken.None))).Status.Detail.ShouldContain("no change of");
    }

    [Fact]
    public async Task What_the_same_request_has_done_is_passed_over()
    {
        var scope = new RememberingScope(9, [Changed(9, 7) with { RequestId = "mine" }, Changed(7, 5)], Document(9));

        var past = await PastState.FindAsync(scope, Name, 0, "mine", CancellationToken.None);

        past.Document.Revision.ShouldBe(5);
        past.Done.ShouldNotBeNull().Revision.ShouldBe(9);
    }

    private static RecordedChange Changed(long revision, long before) =>
        new(revision, DateTimeOffset.UnixEpoch, "ann", "", ObjectKind.Policy, "db", Document(before), Document(revision), false);

    private static ObjectDocument Document(long revision) =>
        new(ObjectKind.Policy, "db", [], "u", revision, revision, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    /// <summary>A scope that answers its past one change at a time.</summary>
    private sealed class RememberingScope(long lastChange, RecordedChange[] changes, ObjectDocument? now) : IObjectScope
    {
        public Task<HistoryReply> History(HistoryRequest request)
        {
            var index = (int)(request.After?.CalmRow ?? 0);
            return Task.FromResult(new HistoryReply(
                Math.Max(lastChange, 100),
                [.. changes.Skip(index).Take(1)],
                index + 1 < changes.Length ? new HistoryBookmark(0, 0, index + 1, 0) : null));
        }

        public Task<ObjectDocument?> Get(ObjectKind kind, string name) => Task.FromResult(now);

        public Task<ApplyReply> Apply(ApplyBatch batch) => throw new NotSupportedException();

        public Task<ObjectPage> List(ListObjects request) => throw new NotSupportedException();

        public Task<FeedReply> Feed(FeedRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
