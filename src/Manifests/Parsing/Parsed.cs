using System.Collections.Immutable;

namespace Vallum.Manifests.Parsing;

/// <summary>A value that can only be right, or everything that is wrong.</summary>
public sealed class Parsed<T>
    where T : class
{
    private readonly T? _value;

    internal Parsed(T? value, ImmutableArray<FieldViolation> violations)
    {
        _value = value;
        Violations = violations;
    }

    public ImmutableArray<FieldViolation> Violations { get; }

    public bool IsValid => _value is not null;

    /// <exception cref="InvalidOperationException">There are violations.</exception>
    public T Value => _value ?? throw new InvalidOperationException(
        $"not valid: {string.Join("; ", Violations.Select(v => $"{v.Field}: {v.Description}"))}");
}

public static class Parsed
{
    public static Parsed<T> Valid<T>(T value)
        where T : class => new(value, []);

    public static Parsed<T> Invalid<T>(ImmutableArray<FieldViolation> violations)
        where T : class => new(null, violations);
}
