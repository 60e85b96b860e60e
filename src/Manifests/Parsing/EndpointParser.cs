using System.Text.RegularExpressions;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static partial class EndpointParser
{
    /// <summary>The home segment of an endpoint that names none.</summary>
    public const string DefaultSegment = "default";

    private static readonly Api.EndpointSpec Nothing = new();

    public static Parsed<Endpoint> Parse(Api.Endpoint message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.Endpoint, violations);
        var labels = LabelsParser.Parse(message.Metadata, violations);
        var spec = message.Spec ?? Nothing;
        var path = FieldPath.Root.Field("spec");
        if (spec.Segment.Length > 0)
        {
            NameSyntax.IsReference(spec.Segment, ObjectType.Segment, path.Field("segment"), violations);
        }

        if (spec.Node.Length > 0)
        {
            NameSyntax.IsReference(spec.Node, ObjectType.Node, path.Field("node"), violations);
        }

        var addresses = AddressParser.Own(spec.Addresses, path.Field("addresses"), violations);
        if (spec.Interface.Length > 0 && (!InterfaceName().IsMatch(spec.Interface) || spec.Interface is "." or ".."))
        {
            violations.Add(path.Field("interface"), Reasons.InvalidInterface,
                $"{Quoted.Of(spec.Interface)} is not the name of an interface: at most 15 letters, digits, '-', '_' and '.'");
        }

        var ports = PortParser.Names(spec.Ports, path.Field("ports"), violations);
        return name is not { Tenant: { } tenant } || !violations.IsEmpty
            ? Parsed.Invalid<Endpoint>(violations.ToImmutable())
            : Parsed.Valid<Endpoint>(new Endpoint(
                new EndpointId(new TenantName(tenant), name.Id),
                new SegmentName(spec.Segment.Length == 0 ? DefaultSegment : spec.Segment),
                spec.Node.Length == 0 ? null : new NodeName(spec.Node),
                addresses,
                spec.Interface.Length == 0 ? null : spec.Interface,
                labels,
                ports,
                spec.HostNetwork));
    }

    // Linux takes nearly everything (15 bytes, IFNAMSIZ), but '+' is a wildcard to iptables and others would need quoting.
    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,15}\z")]
    private static partial Regex InterfaceName();
}
