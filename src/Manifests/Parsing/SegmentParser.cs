using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class SegmentParser
{
    public static Parsed<Segment> Parse(Api.Segment message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.Segment, violations);
        LabelsParser.Parse(message.Metadata, violations);
        var picks = message.Spec?.Selector is { } selector
            ? SelectorParser.Labels(selector, FieldPath.Root.Field("spec.selector"), violations)
            : null;
        return name is not { Tenant: { } tenant } || !violations.IsEmpty
            ? Parsed.Invalid<Segment>(violations.ToImmutable())
            : Parsed.Valid<Segment>(new Segment(new TenantName(tenant), new SegmentName(name.Id), picks));
    }
}
