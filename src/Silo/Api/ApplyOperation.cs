using System.Collections.Immutable;
using Google.Rpc;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Vallum.Policies.Model;
using Vallum.Primitives;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using ChangeType = Vallum.Contracts.Api.V1.ChangeType;

namespace Vallum.Silo.Api;

/// <summary>
/// One Apply: every object is judged by itself; then every scope judges its share on the state that it would lead to; then the cluster's own objects are
/// committed, and after them each tenant's. Nothing is changed before everything has been judged.
/// </summary>
internal sealed class ApplyOperation(IGrainFactory grains, ApplyRequest request, string actor)
{
    private const int Concurrency = 32;

    /// <summary>What goes to one scope; <see cref="Index"/> tells which of the request's objects and deletes a change came from.</summary>
    private sealed record Share(string Scope, ImmutableArray<(int Index, ObjectChange Change)> Changes);

    public async Task<ApplyResponse> RunAsync()
    {
        RequestId.Check(request.RequestId);
        var shares = Read();
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

    private async Task JudgeAsync(ImmutableArray<Share> shares, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        ImmutableArray<string> sets =
        [
            .. request.Objects.Where(o => o.ObjectCase == ApiObject.ObjectOneofCase.NetworkSet).Select(o => o.NetworkSet.Name["networkSets/".Length..]),
        ];
        List<(Share Share, Fault Fault)> faults = [];
        await Parallel.ForEachAsync(shares, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (share, _) =>
        {
            var reply = await grains.Scope(share.Scope).Apply(
                new ApplyBatch([.. share.Changes.Select(c => c.Change)], "", actor, ValidateOnly: true, 0, sets));
            lock (faults)
            {
                if (reply.Fault is { } fault)
                {
                    faults.Add((share, fault));
                }
                else if (request.ValidateOnly)
                {
                    Keep(share, reply, outcomes, response);
                }
            }
        });
        ThrowIfAny(faults);
    }

    private async Task CommitAsync(ImmutableArray<Share> shares, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
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

    private async Task<long> CommitAsync(Share share, long clusterRevision, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        var reply = await grains.Scope(share.Scope).Apply(
            new ApplyBatch([.. share.Changes.Select(c => c.Change)], request.RequestId, actor, ValidateOnly: false, clusterRevision, []));
        if (reply.Fault is { } fault)
        {
            ThrowIfAny([(share, fault)]);
        }

        lock (response)
        {
            Keep(share, reply, outcomes, response);
        }

        return reply.Revision;
    }

    private static void Keep(Share share, ApplyReply reply, (string, ChangeOutcome)[] outcomes, ApplyResponse response)
    {
        for (var i = 0; i < share.Changes.Length; i++)
        {
            outcomes[share.Changes[i].Index] = (share.Scope, reply.Outcomes[i]);
        }

        response.Revisions.Add(new ScopeRevision { Scope = share.Scope, Revision = reply.Revision });
    }

    /// <summary>Violations of all scopes together; else the first other fault.</summary>
    private void ThrowIfAny(List<(Share Share, Fault Fault)> faults)
    {
        if (faults.Count == 0)
        {
            return;
        }

        if (faults.Find(f => f.Fault.Kind != FaultKind.Invalid) is (not null, not null) other)
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
                    Field = FieldOf(v.Index, v.Violation.Field),
                    Reason = v.Violation.Reason,
                    Description = v.Violation.Description,
                }),
        ]);
    }

    private ImmutableArray<Share> Read()
    {
        List<BadRequest.Types.FieldViolation> violations = [];
        List<(int Index, string Scope, ObjectChange Change)> changes = [];
        HashSet<string> names = [];
        for (var i = 0; i < request.Objects.Count; i++)
        {
            ReadObject(i, request.Objects[i], names, changes, violations);
        }

        for (var i = 0; i < request.Deletes.Count; i++)
        {
            ReadDelete(request.Objects.Count + i, request.Deletes[i], names, changes, violations);
        }

        violations.AddRange(SharedAddresses());
        if (violations.Count > 0)
        {
            throw ApiError.Invalid(violations);
        }

        return
        [
            .. changes
                .GroupBy(c => c.Scope)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new Share(g.Key, [.. g.Select(c => (c.Index, c.Change))])),
        ];
    }

    /// <summary>Addresses that endpoints of two tenants of this very request have: neither tenant alone can see it.</summary>
    private IEnumerable<BadRequest.Types.FieldViolation> SharedAddresses()
    {
        Dictionary<Address, EndpointId> owners = [];
        for (var i = 0; i < request.Objects.Count; i++)
        {
            if (request.Objects[i].Endpoint is not { } message || ObjectParser.Parse(message) is not { IsValid: true, Value: var endpoint })
            {
                continue;
            }

            var claims = ReferenceCheck.ClaimsOf(endpoint);
            for (var j = 0; j < claims.Length; j++)
            {
                if (!owners.TryAdd(claims[j], endpoint.Id) && owners[claims[j]] is var owner && owner.Tenant != endpoint.Id.Tenant)
                {
                    var violation = ReferenceCheck.AddressInUse(j, claims[j], owner);
                    yield return new BadRequest.Types.FieldViolation
                    {
                        Field = $"objects[{i}].{violation.Field}",
                        Reason = violation.Reason,
                        Description = violation.Description,
                    };
                }
            }
        }
    }

    private static void ReadObject(
        int index,
        ApiObject value,
        HashSet<string> names,
        List<(int Index, string Scope, ObjectChange Change)> changes,
        List<BadRequest.Types.FieldViolation> violations)
    {
        var found = ObjectParser.Judge(value);
        violations.AddRange(found.Select(v => new BadRequest.Types.FieldViolation
        {
            Field = $"objects[{index}].{v.Field}",
            Reason = v.Reason,
            Description = v.Description,
        }));
        if (!found.IsEmpty || !ObjectName.TryParse(value.NameOf(), out var name))
        {
            return;
        }

        if (!names.Add(name.ToString()))
        {
            violations.Add(Twice($"objects[{index}].name", name.ToString()));
            return;
        }

        var change = new ObjectChange(
            ChangeMode.Put, ObjectKinds.KindOf(name.Type), name.Id, [.. ObjectContent.Normalize(value)], value.MetadataOf()?.Etag ?? "");
        changes.Add((index, name.Scope, change));
    }

    private void ReadDelete(
        int index,
        string text,
        HashSet<string> names,
        List<(int Index, string Scope, ObjectChange Change)> changes,
        List<BadRequest.Types.FieldViolation> violations)
    {
        var field = FieldOf(index, "");
        if (!ObjectName.TryParse(text, out var name))
        {
            violations.Add(new BadRequest.Types.FieldViolation { Field = field, Reason = "INVALID_NAME", Description = $"'{text}' is no object's name" });
        }
        else if (!names.Add(text))
        {
            violations.Add(Twice(field, text));
        }
        else
        {
            var mode = name.Type == ObjectType.Tenant ? ChangeMode.DeleteAll : ChangeMode.DeleteIfThere;
            changes.Add((index, name.Scope, new ObjectChange(mode, ObjectKinds.KindOf(name.Type), name.Id, [], "")));
        }
    }

    private static BadRequest.Types.FieldViolation Twice(string field, string name) =>
        new() { Field = field, Reason = "DUPLICATE_NAME", Description = $"{name} is named twice in one Apply" };

    private string FieldOf(int index, string field) => index < request.Objects.Count
        ? $"objects[{index}].{field}"
        : $"deletes[{index - request.Objects.Count}]";

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
