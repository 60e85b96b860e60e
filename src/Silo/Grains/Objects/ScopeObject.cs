using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains.Objects;

/// <summary>The name of an object within its scope.</summary>
internal readonly record struct ScopeKey(ObjectKind Kind, string Name);

/// <summary>A stored object and the domain value that its content says: parsed once, when it is stored or read back.</summary>
/// <param name="Value">A <c>Tenant</c>, <c>Segment</c>, <c>Endpoint</c>, <c>Node</c>, <c>NetworkSet</c> or <c>Policy</c> of the model.</param>
internal sealed record ScopeObject(ObjectDocument Document, object Value)
{
    public ScopeKey Key => new(Document.Kind, Document.Name);
}

/// <summary>What becomes of one object. <see cref="Before"/> null: there was none; <see cref="After"/> null: there is none any more.</summary>
internal sealed record ScopeEdit(ScopeKey Key, ScopeObject? Before, ScopeObject? After);
