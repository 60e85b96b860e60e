using System.Collections.Immutable;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests;

/// <summary>Gathers what is wrong in the documents of one file, up to <see cref="DocumentLimits.Faults"/>.</summary>
internal sealed class FaultList(string source)
{
    private readonly List<DocumentFault> _found = [];

    public int Count => _found.Count;

    public void Add(int line, FieldPath field, string reason, string description) => Add(line, field.ToString(), reason, description);

    public void Add(int line, string field, string reason, string description)
    {
        if (_found.Count < DocumentLimits.Faults)
        {
            _found.Add(new DocumentFault(source, line, field, reason, description));
        }
    }

    public void AddWrongType(DocumentNode node, FieldPath field, string wanted) =>
        Add(node.Line, field, Reasons.WrongType, $"{wanted} is wanted, and there is {node.Article}{Shown(node)}");

    public void AddUnknownField(int line, FieldPath field, string key, IEnumerable<string> known) =>
        Add(line, field, Reasons.UnknownField, $"unknown field{Guess.Of(key, known)}");

    /// <summary>Whether something was found from the given count on at, above or below the field.</summary>
    public bool Touches(string field, int from) => _found.Skip(from).Any(f => IsWithin(f.Field, field) || IsWithin(field, f.Field));

    public ImmutableArray<DocumentFault> ToImmutable() => [.. _found];

    private static string Shown(DocumentNode node) => node is DocumentNode.Scalar { Text.Length: > 0 } scalar ? $": {Quoted.Of(scalar.Text)}" : "";

    private static bool IsWithin(string inner, string outer) =>
        outer.Length > 0 && inner.StartsWith(outer, StringComparison.Ordinal) && (inner.Length == outer.Length || inner[outer.Length] is '.' or '[');
}
