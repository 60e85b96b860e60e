using System.Collections.Immutable;

namespace Vallum.Policies.Model;

public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>One condition on labels. <see cref="Values"/> are sorted and unique; empty for Exists and DoesNotExist, never empty otherwise.</summary>
public sealed record Requirement
{
    private Requirement(string key, LabelOperator @operator, ImmutableArray<string> values)
    {
        Key = key;
        Operator = @operator;
        Values = values;
    }

    public string Key { get; }

    public LabelOperator Operator { get; }

    public ImmutableArray<string> Values { get; }

    public static Requirement In(string key, params IEnumerable<string> values) => new(key, LabelOperator.In, Some(values));

    public static Requirement NotIn(string key, params IEnumerable<string> values) => new(key, LabelOperator.NotIn, Some(values));

    public static Requirement Exists(string key) => new(key, LabelOperator.Exists, []);

    public static Requirement DoesNotExist(string key) => new(key, LabelOperator.DoesNotExist, []);

    /// <summary>NotIn and DoesNotExist match when the key is absent, as in Kubernetes.</summary>
    public bool Matches(LabelSet labels)
    {
        var value = labels[Key];
        return Operator switch
        {
            LabelOperator.In => value is not null && Values.Contains(value),
            LabelOperator.NotIn => value is null || !Values.Contains(value),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            _ => throw new InvalidOperationException($"unknown operator {Operator}"),
        };
    }

    public bool Equals(Requirement? other) =>
        other is not null && Key == other.Key && Operator == other.Operator && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => HashCode.Combine(Key, Operator, Values.Length, Values.IsEmpty ? null : Values[0]);

    /// <summary>"app in (a,b)", "!gone": one text for one meaning, used to address groups by content.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        _ => $"!{Key}",
    };

    private static ImmutableArray<string> Some(IEnumerable<string> values)
    {
        var sorted = values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
        return sorted.IsEmpty ? throw new ArgumentException("In and NotIn need at least one value.", nameof(values)) : sorted;
    }
}

/// <summary>
/// Conditions on labels, all of which must hold. Normalised: sorted, without duplicates, so that two selectors written in different orders are equal.
/// The empty selector picks everything; a selector that is absent is null where it may be absent, and picks nothing.
/// </summary>
public sealed class Selector : IEquatable<Selector>
{
    public static readonly Selector All = new([]);

    private Selector(ImmutableArray<Requirement> requirements) => Requirements = requirements;

    public ImmutableArray<Requirement> Requirements { get; }

    public bool IsAll => Requirements.IsEmpty;

    public static Selector Of(params IEnumerable<Requirement> requirements)
    {
        var sorted = requirements.Distinct().OrderBy(r => r.ToString(), StringComparer.Ordinal).ToImmutableArray();
        return sorted.IsEmpty ? All : new Selector(sorted);
    }

    public bool Matches(LabelSet labels) => Requirements.All(r => r.Matches(labels));

    public bool Equals(Selector? other) => other is not null && Requirements.SequenceEqual(other.Requirements);

    public override bool Equals(object? obj) => Equals(obj as Selector);

    public override int GetHashCode() => Requirements.Aggregate(17, (hash, r) => HashCode.Combine(hash, r));

    /// <summary>The requirements joined by ";"; empty for <see cref="All"/>.</summary>
    public override string ToString() => string.Join(';', Requirements);
}
