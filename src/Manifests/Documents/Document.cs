using System.Collections.Immutable;

namespace Vallum.Manifests.Documents;

/// <summary>One YAML or JSON document of a file.</summary>
/// <param name="Source">Name of the file, for messages.</param>
public sealed record Document(string Source, DocumentNode Root);

/// <summary>Something wrong in a file.</summary>
/// <param name="Line">From 1; 0: the file as a whole.</param>
/// <param name="Field">Path inside the object; empty: the document as a whole.</param>
/// <param name="Reason">UPPER_SNAKE, stable, for programs.</param>
public sealed record DocumentFault(string Source, int Line, string Field, string Reason, string Description)
{
    /// <summary>"shop.yaml:12: spec.ingres: unknown field; did you mean ingress?"</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{Source}:{Line}" : Source;
        return Field.Length > 0 ? $"{place}: {Field}: {Description}" : $"{place}: {Description}";
    }
}

/// <summary>What a file holds, and what could not be read in it. Where there are faults nothing of the file should be used.</summary>
public sealed record DocumentSet(ImmutableArray<Document> Documents, ImmutableArray<DocumentFault> Faults);
