using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class NodeParser
{
    private static readonly Api.NodeSpec Nothing = new();

    public static Parsed<Node> Parse(Api.Node message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.Node, violations);
        var labels = LabelsParser.Parse(message.Metadata, violations);
        var addresses = AddressParser.Own((message.Spec ?? Nothing).Addresses, FieldPath.Root.Field("spec.addresses"), violations);
        return name is null || !violations.IsEmpty
            ? Parsed.Invalid<Node>(violations.ToImmutable())
            : Parsed.Valid<Node>(new Node(new NodeName(name.Id), labels, addresses));
    }
}
