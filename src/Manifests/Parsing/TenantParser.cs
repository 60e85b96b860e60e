using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class TenantParser
{
    private static readonly Api.TenantSpec Nothing = new();

    public static Parsed<Tenant> Parse(Api.Tenant message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.Tenant, violations);
        var labels = LabelsParser.Parse(message.Metadata, violations);
        var spec = message.Spec ?? Nothing;
        var path = FieldPath.Root.Field("spec");
        var ingress = PostureOf(spec.DefaultIngress, path.Field("defaultIngress"), violations);
        var egress = PostureOf(spec.DefaultEgress, path.Field("defaultEgress"), violations);
        JudgeExternalIds(spec, path.Field("externalIds"), violations);
        return name is null || !violations.IsEmpty
            ? Parsed.Invalid<Tenant>(violations.ToImmutable())
            : Parsed.Valid<Tenant>(new Tenant(new TenantName(name.Id), labels, ingress, egress));
    }

    private static Posture PostureOf(Api.Posture posture, FieldPath path, ViolationList violations)
    {
        if (posture is < Api.Posture.Unspecified or > Api.Posture.Deny)
        {
            violations.Add(path, Reasons.UnknownEnumValue, $"{(int)posture} is not a posture: ALLOW or DENY");
        }

        return posture == Api.Posture.Deny ? Posture.Deny : Posture.Allow;
    }

    private static void JudgeExternalIds(Api.TenantSpec spec, FieldPath path, ViolationList violations)
    {
        if (!violations.Allows(path, spec.ExternalIds.Count, Limits.ExternalIds, "external ids"))
        {
            return;
        }

        foreach (var (key, value) in spec.ExternalIds)
        {
            if (key.Length is 0 or > Limits.ExternalIdCharacters || value.Length is 0 or > Limits.ExternalIdCharacters)
            {
                violations.Add(path.Key(key), Reasons.InvalidExternalId, $"the key and the value of an external id have 1 to {Limits.ExternalIdCharacters} characters");
            }
        }
    }
}
