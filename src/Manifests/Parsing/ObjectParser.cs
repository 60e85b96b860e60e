using System.Collections.Immutable;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>
/// The border: a message of the API becomes a value of the domain, or the full list of what is wrong with it. Judges what one object can be judged by
/// alone; whether what it names exists is judged where the other objects are known.
/// </summary>
public static class ObjectParser
{
    public static Parsed<Tenant> Parse(Api.Tenant message) => TenantParser.Parse(message);

    public static Parsed<Segment> Parse(Api.Segment message) => SegmentParser.Parse(message);

    public static Parsed<Endpoint> Parse(Api.Endpoint message) => EndpointParser.Parse(message);

    public static Parsed<Node> Parse(Api.Node message) => NodeParser.Parse(message);

    public static Parsed<NetworkSet> Parse(Api.NetworkSet message) => NetworkSetParser.Parse(message);

    public static Parsed<Policy> Parse(Api.Policy message) => PolicyParser.Parse(message);

    /// <summary>The object's name, taken apart; a violation when it is not of its kind's form, or when the object is empty.</summary>
    public static Parsed<ObjectName> ParseName(Api.Object message)
    {
        var violations = new ViolationList();
        if (message.TypeOf() is not { } type)
        {
            violations.Add(FieldPath.Root, Reasons.ExactlyOneRequired, "the object is empty: give exactly one of tenant, segment, endpoint, node, networkSet and policy");
            return Parsed.Invalid<ObjectName>(violations.ToImmutable());
        }

        return NameSyntax.Own(message.NameOf(), type, violations) is { } name
            ? Parsed.Valid<ObjectName>(name)
            : Parsed.Invalid<ObjectName>(violations.ToImmutable());
    }

    /// <summary>Everything that is wrong with the object; empty when it is right. Paths begin inside the object: "spec.…".</summary>
    public static ImmutableArray<FieldViolation> Judge(Api.Object message) => message.ObjectCase switch
    {
        Api.Object.ObjectOneofCase.Tenant => Parse(message.Tenant).Violations,
        Api.Object.ObjectOneofCase.Segment => Parse(message.Segment).Violations,
        Api.Object.ObjectOneofCase.Endpoint => Parse(message.Endpoint).Violations,
        Api.Object.ObjectOneofCase.Node => Parse(message.Node).Violations,
        Api.Object.ObjectOneofCase.NetworkSet => Parse(message.NetworkSet).Violations,
        Api.Object.ObjectOneofCase.Policy => Parse(message.Policy).Violations,
        _ => ParseName(message).Violations,
    };
}
