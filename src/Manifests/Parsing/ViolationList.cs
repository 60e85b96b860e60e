using System.Collections.Immutable;

namespace Vallum.Manifests.Parsing;

/// <summary>Gathers what is wrong with one object, up to <see cref="Limits.Violations"/>: junk should not be answered with as much junk.</summary>
internal sealed class ViolationList
{
    private readonly List<FieldViolation> _found = [];

    public bool IsEmpty => _found.Count == 0;

    public int Count => _found.Count;

    public void Add(FieldPath field, string reason, string description)
    {
        if (_found.Count < Limits.Violations)
        {
            _found.Add(new FieldViolation(field.ToString(), reason, description));
        }
    }

    public void AddTooMany(FieldPath field, int count, int limit, string what) =>
        Add(field, Reasons.TooMany, $"{count} {what}; at most {limit} are allowed");

    /// <summary>False, with a violation, when there are more than allowed: then the elements are not looked at.</summary>
    public bool Allows(FieldPath field, int count, int limit, string what)
    {
        if (count <= limit)
        {
            return true;
        }

        AddTooMany(field, count, limit, what);
        return false;
    }

    public ImmutableArray<FieldViolation> ToImmutable() => [.. _found];
}
