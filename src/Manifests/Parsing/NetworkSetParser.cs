using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class NetworkSetParser
{
    private static readonly Api.NetworkSetSpec Nothing = new();

    public static Parsed<NetworkSet> Parse(Api.NetworkSet message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.NetworkSet, violations);
        LabelsParser.Parse(message.Metadata, violations);
        var path = FieldPath.Root.Field("spec.cidrs");
        var cidrs = (message.Spec ?? Nothing).Cidrs;
        var blocks = violations.Allows(path, cidrs.Count, Limits.Cidrs, "blocks") ? AddressParser.Blocks(cidrs, path, violations) : [];
        return name is null || !violations.IsEmpty
            ? Parsed.Invalid<NetworkSet>(violations.ToImmutable())
            : Parsed.Valid<NetworkSet>(new NetworkSet(new NetworkSetName(name.Id), blocks));
    }
}
