using System.Collections.Immutable;
using Vallum.Manifests.Documents;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests;

/// <summary>An object, and where it was written.</summary>
/// <param name="Line">On which its document begins, from 1.</param>
/// <param name="Origin">The kind that was written: "Policy", "NetworkPolicy", "Pod" …</param>
/// <param name="Implied">Nobody wrote it: an endpoint of Kubernetes names it as its segment. Whoever applies it should not overwrite one that is there.</param>
public sealed record Manifest(Api.Object Object, string Source, int Line, string Origin, bool Implied = false);

/// <summary>A document that says nothing about who may talk to whom.</summary>
/// <param name="What">Kind and name: "Deployment shop/web".</param>
public sealed record Skipped(string Source, int Line, string What, string Why)
{
    public override string ToString() => $"{Source}:{Line}: {What}: skipped: {Why}";
}

/// <summary>All that some files say. Where there are faults nothing of it should be used.</summary>
public sealed record ManifestSet(ImmutableArray<Manifest> Manifests, ImmutableArray<Skipped> Skipped, ImmutableArray<DocumentFault> Faults)
{
    public bool IsValid => Faults.IsEmpty;
}
