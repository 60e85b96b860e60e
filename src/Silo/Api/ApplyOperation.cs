using System.Collections.Immutable;
using Google.Rpc;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Security.Callers;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using ChangeType = Vallum.Contracts.Api.V1.ChangeType;

namespace Vallum.Silo.Api;

/// <summary>
/// One Apply: every object is judged by itself; then every scope judges its share on the state that it would lead to; then the cluster's own objects are
/// committed, and after them each tenant's. Nothing is changed before everything has been judged.
/// </summary>
internal sealed class ApplyOperation(IGrainFactory grains, ApplyRequest request, Caller caller)
{
    private const int Concurrency = 32;

    private readonly ApplyReader _reader = new(request);

    public async Task<ApplyResponse> RunAsync()
    {
        RequestId.Check(request.RequestId);
        var shares = _reader.Read();
        var response = new ApplyResponse();
        if (shares.IsEmpty)
        {
            return response;
        }

        var outcomes = new (string Scope, ChangeOutcome Outcome)[request.Objects.Count + request.Deletes.Count];

        // A single scope judges and commits in one call.
        if (request.ValidateOnly || shares.Length > 1)
        {
            await JudgeAsync(shares, outcomes, response);
        }

        if (!request.ValidateOnly)
        {
            await CommitAsync(shares, outcomes, response);
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            response.Changes.Add(ChangeOf(i, outcomes[i].Scope, outcomes[i].Outcome));
        }

        return response;
    }

    private async Task JudgeAsync(ImmutableArray<ApplyShare> shares, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        ImmutableArray<string> sets =
        [
            .. request.Objects.Where(o => o.ObjectCase == ApiObject.ObjectOneofCase.NetworkSet).Select(o => o.NetworkSet.Name["networkSets/".Length..]),
        ];

        // A share that an earlier try has committed is not judged anew: by now its etags are stale.
        var requestId = request.ValidateOnly ? "" : request.RequestId;
        List<(ApplyShare Share, Fault Fault)> faults = [];
        await Parallel.ForEachAsync(shares, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (share, _) =>
        {
            var reply = await grains.Scope(share.Scope).Apply(
                new ApplyBatch([.. share.Changes.Select(c => c.Change)], requestId, caller.Name, ValidateOnly: true, 0, sets));
            lock (faults)
            {
                if (reply.Fault is { } fault)
                {
                    faults.Add((share, Discretion.Of(fault, caller.Rights)));
                }
                else if (request.ValidateOnly)
                {
                    Keep(share, reply, outcomes, response);
                }
            }
        });
        ThrowIfAny(faults);
    }

    private async Task CommitAsync(ImmutableArray<ApplyShare> shares, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        var clusterRevision = 0L;
        if (shares[0].Scope.Length == 0)
        {
            clusterRevision = await CommitAsync(shares[0], 0, outcomes, response);
            shares = shares.RemoveAt(0);
        }

        await Parallel.ForEachAsync(
            shares,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency },
            async (share, _) => await CommitAsync(share, clusterRevision, outcomes, response));
    }

    private async Task<long> CommitAsync(ApplyShare share, long clusterRevision, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        var reply = await grains.Scope(share.Scope).Apply(
            new ApplyBatch([.. share.Changes.Select(c => c.Change)], request.RequestId, caller.Name, ValidateOnly: false, clusterRevision, []));
        if (reply.Fault is { } fault)
        {
            ThrowIfAny([(share, Discretion.Of(fault, caller.Rights))]);
        }

        lock (response)
        {
            Keep(share, reply, outcomes, response);
        }

        return reply.Revision;
    }

    private static void Keep(ApplyShare share, ApplyReply reply, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        for (var i = 0; i < share.Changes.Length; i++)
        {
            outcomes[share.Changes[i].Index] = (share.Scope, reply.Outcomes[i]);
        }

        response.Revisions.Add(new ScopeRevision { Scope = share.Scope, Revision = reply.Revision });
    }

    /// <summary>Violations of all scopes together; else the first other fault.</summary>
    private void ThrowIfAny(List<(ApplyShare Share, Fault Fault)> faults)
    {
        if (faults.Count == 0)
        {
            return;
        }

        if (faults.Find(f => f.Fault.Kind != FaultKind.Invalid || f.Fault.Violations.IsEmpty) is (not null, not null) other)
        {
            throw ApiError.Of(other.Fault, other.Share.Scope, (_, field) => field);
        }

        throw ApiError.Invalid(
        [
            .. faults
                .SelectMany(f => f.Fault.Violations.Select(v => (Index: f.Share.Changes[v.Change].Index, Violation: v)))
                .OrderBy(v => v.Index)
                .Select(v => new BadRequest.Types.FieldViolation
                {
                    Field = _reader.FieldOf(v.Index, v.Violation.Field),
                    Reason = v.Violation.Reason,
                    Description = v.Violation.Description,
                }),
        ]);
    }

    private Change ChangeOf(int index, string scope, ChangeOutcome outcome)
    {
        var change = new Change
        {
            Name = index < request.Objects.Count ? request.Objects[index].NameOf() : request.Deletes[index - request.Objects.Count],
            Type = (ChangeType)outcome.Type,
            Etag = outcome.After?.Etag ?? "",
        };
        if (request.ValidateOnly)
        {
            change.Before = outcome.Before is { } before ? ObjectKinds.ToObject(scope, before) : null;
            change.After = outcome.After is { } after ? ObjectKinds.ToObject(scope, after) : null;
        }

        return change;
    }
}
