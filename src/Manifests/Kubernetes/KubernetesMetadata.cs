using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Kubernetes;

/// <summary>What a Kubernetes object is called and carries.</summary>
internal sealed record KubernetesMetadata(
    string Name, string Namespace, IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations)
{
    /// <summary>The namespace of objects that name none, as kubectl has it.</summary>
    private const string DefaultNamespace = "default";

    /// <summary>Null with a fault.</summary>
    public static KubernetesMetadata? Read(KubernetesFields fields)
    {
        var path = FieldPath.Root.Field("metadata");
        var before = fields.Faults.Count;
        if (fields.Mapping(fields.Root, "metadata", FieldPath.Root) is not { } metadata)
        {
            fields.Faults.Add(fields.Root.Line, path, Reasons.Required, "is missing");
            return null;
        }

        var name = fields.Text(metadata, "name", path);
        if (string.IsNullOrEmpty(name))
        {
            fields.Faults.Add(metadata.Line, path.Field("name"), Reasons.Required, "is missing");
        }

        var @namespace = fields.Text(metadata, "namespace", path) ?? DefaultNamespace;
        var labels = Texts(fields, metadata, "labels", path);
        var annotations = Texts(fields, metadata, "annotations", path);
        return fields.Faults.Count == before ? new KubernetesMetadata(name!, @namespace, labels, annotations) : null;
    }

    private static Dictionary<string, string> Texts(KubernetesFields fields, DocumentNode.Mapping metadata, string key, FieldPath path)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in fields.Mapping(metadata, key, path)?.Entries ?? [])
        {
            if (entry.Value is DocumentNode.Scalar scalar)
            {
                texts[entry.Key] = scalar.Text;
            }
            else
            {
                fields.Faults.AddWrongType(entry.Value, path.Field(key).Key(entry.Key), "a text");
            }
        }

        return texts;
    }
}
