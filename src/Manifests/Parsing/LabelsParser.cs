using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class LabelsParser
{
    /// <summary>The labels of an object; of absent metadata none.</summary>
    public static LabelSet Parse(Api.Metadata? metadata, ViolationList violations)
    {
        if (metadata is null || metadata.Labels.Count == 0)
        {
            return LabelSet.Empty;
        }

        var path = FieldPath.Root.Field("metadata").Field("labels");
        if (!violations.Allows(path, metadata.Labels.Count, Limits.Labels, "labels"))
        {
            return LabelSet.Empty;
        }

        foreach (var (key, value) in metadata.Labels)
        {
            LabelSyntax.JudgeKey(key, path.Key(key), violations);
            LabelSyntax.JudgeValue(value, path.Key(key), violations);
        }

        return LabelSet.Of(metadata.Labels);
    }
}
