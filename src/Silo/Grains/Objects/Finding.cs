using System.Collections.Immutable;
using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains.Objects;

/// <summary>One reason against a batch.</summary>
internal sealed record Finding(FaultKind Kind, Violation Violation)
{
    /// <summary>A field path inside an object of the batch, or empty for the object as a whole.</summary>
    public static Finding Of(FaultKind kind, int change, string field, string reason, string description) =>
        new(kind, new Violation(change, field, reason, description));

    /// <summary>The fault that all findings make together: of the gravest kind among them, with every one listed.</summary>
    public static Fault Summary(IReadOnlyCollection<Finding> findings)
    {
        var gravest = findings.MinBy(finding => finding.Kind)!;
        var more = findings.Count == 1 ? "" : $" (and {findings.Count - 1} more)";
        ImmutableArray<Violation> violations = [.. findings.Select(finding => finding.Violation).OrderBy(violation => violation.Change)];
        return new Fault(gravest.Kind, gravest.Violation.Reason, gravest.Violation.Description + more, violations);
    }
}
