using System.Collections.Immutable;

namespace Vallum.Manifests.Parsing;

/// <summary>A value that can only be right, or everything that is wrong.</summary>
public sealed class Parsed<T>
    where T : class
{
    private readonly T? _value;

    private Parsed(T? value, ImmutableArray<FieldViolation> violations)
    {
        _value = value;
        Violations = violations;
    }

    public ImmutableArray<FieldViolation> Violations { get; }

    public bool IsValid => _value is not null;

    /// <exception cref="InvalidOperationException">There are violations.</exception>
    public T Value => _value ?? throw new InvalidOperationException(
        $"not valid: {string.Join("; ", Violations.Select(v => $"{v.Field}: {v.Description}"))}");

    internal static Parsed<T> Valid(T value) => new(value, []);

    internal static Parsed<T> Invalid(ImmutableArray<FieldViolation> violations) => new(null, violations);
}
