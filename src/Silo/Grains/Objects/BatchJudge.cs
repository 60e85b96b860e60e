using System.Collections.Immutable;
using System.Globalization;
using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains.Objects;

/// <summary>The rules of one kind of scope that go beyond the single object.</summary>
internal interface IScopeRules
{
    /// <summary>Whether objects of the kind are put and deleted in this scope.</summary>
    bool Owns(ObjectKind kind);

    /// <summary>What speaks against the state that the batch leads to; looks only at what the batch touches.</summary>
    IEnumerable<Finding> Check(ObjectDraft draft, Func<ScopeKey, int> changeOf);
}

/// <summary>Under which revision, when, and with which identities a batch would be committed.</summary>
internal sealed record CommitStamp(long Revision, DateTimeOffset Time, Func<string> NewUid);

/// <summary>Either <see cref="Fault"/>, or one outcome per change and the state that the batch leads to.</summary>
/// <param name="ChangeOf">Which change of the batch an object is in; what goes with its tenant is in the tenant's.</param>
internal sealed record Judgement(Fault? Fault, ImmutableArray<ChangeOutcome> Outcomes, ObjectDraft Draft, Func<ScopeKey, int> ChangeOf)
{
    public bool ChangesNothing => Outcomes.All(outcome => outcome.Type == ChangeType.Unchanged);
}

/// <summary>A batch with its contents read.</summary>
internal sealed record ParsedBatch(ApplyBatch Batch, ImmutableArray<ParsedContent?> Contents)
{
    public static ParsedBatch Of(ApplyBatch batch, string? tenant) => new(
        batch,
        [.. batch.Changes.Select(change => change.Mode is ChangeMode.Put or ChangeMode.Create or ChangeMode.Update
            ? ContentParser.Parse(change.Kind, tenant, change.Name, change.Content)
            : null)]);
}

/// <summary>Judges a batch as a whole, on the state that it would lead to: everything that speaks against it, or what it does.</summary>
internal sealed class BatchJudge(IScopeRules rules)
{
    public Judgement Judge(IObjectView state, ParsedBatch parsed, CommitStamp stamp)
    {
        var draft = new ObjectDraft(state);
        var changes = parsed.Batch.Changes;
        var outcomes = new ChangeOutcome?[changes.Length];
        List<Finding> findings = [];
        Dictionary<ScopeKey, int> changeOf = [];
        // A tenant that goes with all that it owns goes first: what the batch says besides is judged without it.
        foreach (var index in Enumerable.Range(0, changes.Length).OrderBy(index => changes[index].Mode == ChangeMode.DeleteAll ? 0 : 1))
        {
            var key = new ScopeKey(changes[index].Kind, changes[index].Name);
            if (!changeOf.TryAdd(key, index))
            {
                findings.Add(Finding.Of(FaultKind.Invalid, index, "name", "DUPLICATE_OBJECT", $"{key.Kind} '{key.Name}' is in the batch more than once."));
                continue;
            }

            if (!rules.Owns(key.Kind))
            {
                findings.Add(Finding.Of(FaultKind.Invalid, index, "", "UNKNOWN_KIND", $"{key.Kind} '{key.Name}' does not belong here."));
                continue;
            }

            outcomes[index] = new Step(draft, key, changes[index], parsed.Contents[index], index, stamp, findings).Take();
        }

        int ChangeOf(ScopeKey key) => changeOf.GetValueOrDefault(key, Owner(changes));

        // References are judged where every single object is sound: an object that was refused would be missed by those that name it.
        if (findings.Count == 0)
        {
            findings.AddRange(rules.Check(draft, ChangeOf));
        }

        return findings.Count > 0
            ? new Judgement(Finding.Summary(findings), [], new ObjectDraft(state), ChangeOf)
            : new Judgement(null, [.. outcomes.Select(outcome => outcome!)], draft, ChangeOf);
    }

    /// <summary>The change to which that is put down which is in no change itself: the tenant's.</summary>
    private static int Owner(ImmutableArray<ObjectChange> changes) =>
        Enumerable.Range(0, changes.Length).FirstOrDefault(index => changes[index].Mode == ChangeMode.DeleteAll);

    /// <summary>One change against the state before it.</summary>
    private readonly record struct Step(
        ObjectDraft Draft, ScopeKey Key, ObjectChange Change, ParsedContent? Content, int Index, CommitStamp Stamp, List<Finding> Findings)
    {
        public ChangeOutcome? Take()
        {
            var before = Draft.Find(Key);
            return Refused(before) ? null : Change.Mode switch
            {
                ChangeMode.Delete or ChangeMode.DeleteIfThere => Delete(before),
                ChangeMode.DeleteAll => DeleteAll(before),
                _ => Put(before),
            };
        }

        private bool Refused(ScopeObject? before)
        {
            var known = Findings.Count;
            foreach (var violation in Content?.Violations ?? [])
            {
                Findings.Add(Finding.Of(FaultKind.Invalid, Index, violation.Field, violation.Reason, violation.Description));
            }

            if (Change.Mode == ChangeMode.DeleteAll && Key.Kind != ObjectKind.Tenant)
            {
                Refuse(FaultKind.Invalid, "NOT_A_TENANT", $"{Key.Kind} '{Key.Name}' owns nothing; only a tenant is deleted with all that it owns.");
            }
            else if (before is not null && Change.Mode == ChangeMode.Create)
            {
                Refuse(FaultKind.AlreadyExists, "ALREADY_EXISTS", $"{Key.Kind} '{Key.Name}' exists already.");
            }
            else if (before is null && Change.Mode is ChangeMode.Update or ChangeMode.Delete)
            {
                Refuse(FaultKind.NotFound, "NOT_FOUND", $"There is no {Key.Kind} '{Key.Name}'.");
            }
            else if (Change.Etag.Length > 0 && Change.Etag != Etag(before) && !(before is null && Change.Mode == ChangeMode.DeleteIfThere))
            {
                var current = before is null ? "it does not exist" : $"its etag is '{Etag(before)}'";
                Findings.Add(Finding.Of(
                    FaultKind.Conflict, Index, "metadata.etag", "ETAG_MISMATCH",
                    $"{Key.Kind} '{Key.Name}' is not as it was seen: {current}, not '{Change.Etag}'. Read it again."));
            }

            return Findings.Count > known;
        }

        private void Refuse(FaultKind kind, string reason, string description) => Findings.Add(Finding.Of(kind, Index, "name", reason, description));

        private ChangeOutcome Put(ScopeObject? before)
        {
            if (before is not null && Same(before))
            {
                return new ChangeOutcome(ChangeType.Unchanged, before.Document, before.Document);
            }

            var document = before is null
                ? new ObjectDocument(Key.Kind, Key.Name, Change.Content, Stamp.NewUid(), 1, Stamp.Revision, Stamp.Time, Stamp.Time)
                : before.Document with
                {
                    Content = Change.Content,
                    Generation = before.Document.Generation + 1,
                    Revision = Stamp.Revision,
                    UpdateTime = Stamp.Time,
                };
            Draft.Set(Key, new ScopeObject(document, Content!.Value!));
            return new ChangeOutcome(before is null ? ChangeType.Created : ChangeType.Updated, before?.Document, document);
        }

        /// <summary>Equal bytes, or bytes that differ only in the order of a map's keys.</summary>
        private bool Same(ScopeObject before) =>
            before.Document.Content.AsSpan().SequenceEqual(Change.Content.AsSpan())
            || Content!.Message!.Equals(Content.Message.Descriptor.Parser.ParseFrom(before.Document.Content.AsSpan()));

        private ChangeOutcome Delete(ScopeObject? before)
        {
            if (before is null)
            {
                return new ChangeOutcome(ChangeType.Unchanged, null, null);
            }

            Draft.Set(Key, null);
            return new ChangeOutcome(ChangeType.Deleted, before.Document, null);
        }

        private ChangeOutcome DeleteAll(ScopeObject? before)
        {
            foreach (var kind in (ReadOnlySpan<ObjectKind>)[ObjectKind.Policy, ObjectKind.Endpoint, ObjectKind.Segment])
            {
                foreach (var owned in Draft.All(kind).Select(one => one.Key).ToList())
                {
                    Draft.Set(owned, null);
                }
            }

            return Delete(before);
        }

        private static string? Etag(ScopeObject? one) => one?.Document.Revision.ToString(CultureInfo.InvariantCulture);
    }
}
