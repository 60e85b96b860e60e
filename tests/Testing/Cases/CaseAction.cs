using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vallum.Testing.Cases;

/// <summary>One change of a step. Labels are the whole new map.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(CreatePolicy), "createPolicy")]
[JsonDerivedType(typeof(UpdatePolicy), "updatePolicy")]
[JsonDerivedType(typeof(DeletePolicy), "deletePolicy")]
[JsonDerivedType(typeof(CreateNamespace), "createNamespace")]
[JsonDerivedType(typeof(SetNamespaceLabels), "setNamespaceLabels")]
[JsonDerivedType(typeof(DeleteNamespace), "deleteNamespace")]
[JsonDerivedType(typeof(CreatePod), "createPod")]
[JsonDerivedType(typeof(SetPodLabels), "setPodLabels")]
[JsonDerivedType(typeof(DeletePod), "deletePod")]
public abstract record CaseAction
{
    private CaseAction()
    {
    }

    public sealed record CreatePolicy(JsonElement Policy) : CaseAction;

    public sealed record UpdatePolicy(JsonElement Policy) : CaseAction;

    public sealed record DeletePolicy(string Namespace, string Name) : CaseAction;

    public sealed record CreateNamespace(string Namespace, ImmutableSortedDictionary<string, string> Labels) : CaseAction;

    public sealed record SetNamespaceLabels(string Namespace, ImmutableSortedDictionary<string, string> Labels) : CaseAction;

    public sealed record DeleteNamespace(string Namespace) : CaseAction;

    /// <summary>Its address and containers are those of the step's pod of that name.</summary>
    public sealed record CreatePod(string Namespace, string Pod, ImmutableSortedDictionary<string, string> Labels) : CaseAction;

    public sealed record SetPodLabels(string Namespace, string Pod, ImmutableSortedDictionary<string, string> Labels) : CaseAction;

    public sealed record DeletePod(string Namespace, string Pod) : CaseAction;
}
