using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Own;

/// <summary>The kinds of documents that are objects of the API written down.</summary>
internal static class OwnKinds
{
    public const string ApiVersion = "vallum.io/v1";

    /// <summary>What begins as ours, of whatever version.</summary>
    public const string ApiGroup = "vallum.io/";

    public static readonly IReadOnlyList<string> Known = Enum.GetNames<ObjectType>();

    public static ObjectType? Find(string kind) => kind switch
    {
        "Tenant" => ObjectType.Tenant,
        "Segment" => ObjectType.Segment,
        "Endpoint" => ObjectType.Endpoint,
        "Node" => ObjectType.Node,
        "NetworkSet" => ObjectType.NetworkSet,
        "Policy" => ObjectType.Policy,
        _ => null,
    };

    /// <summary>Whether the kind is written with metadata.tenant; null: it may be (a policy without one is the operator's).</summary>
    public static bool? HasTenant(ObjectType type) => type switch
    {
        ObjectType.Segment or ObjectType.Endpoint => true,
        ObjectType.Policy => null,
        _ => false,
    };
}
