using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>
/// The border: a message of the API becomes a value of the domain, or the full list of what is wrong with it. Judges what one object can be judged by
/// alone; whether what it names exists is judged where the other objects are known.
/// </summary>
public static class ObjectParser
{
    public static Parsed<Tenant> Parse(Api.Tenant message) => throw new NotImplementedException();

    public static Parsed<Segment> Parse(Api.Segment message) => throw new NotImplementedException();

    public static Parsed<Endpoint> Parse(Api.Endpoint message) => throw new NotImplementedException();

    public static Parsed<Node> Parse(Api.Node message) => throw new NotImplementedException();

    public static Parsed<NetworkSet> Parse(Api.NetworkSet message) => throw new NotImplementedException();

    public static Parsed<Policy> Parse(Api.Policy message) => throw new NotImplementedException();
}
