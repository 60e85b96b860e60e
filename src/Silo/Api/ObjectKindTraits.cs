using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using Endpoint = Vallum.Contracts.Api.V1.Endpoint;

namespace Vallum.Silo.Api;

/// <summary>What the standard methods need to know of a kind: everything else is the same for all of them.</summary>
/// <param name="Field">The request's field that holds the object: "policy".</param>
internal sealed record ObjectKindTraits<T>(
    ObjectKind Kind,
    ObjectType Type,
    string Field,
    MessageParser<T> Parser,
    Func<T, string> Name,
    Action<T, string> SetName,
    Func<T, Metadata?> Metadata,
    Action<T, Metadata> SetMetadata,
    Func<T, ApiObject> Wrap)
    where T : class, IMessage<T>;

internal static class ObjectKinds
{
    public static readonly ObjectKindTraits<Tenant> Tenant = new(
        ObjectKind.Tenant, ObjectType.Tenant, "tenant", Contracts.Api.V1.Tenant.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { Tenant = o });

    public static readonly ObjectKindTraits<Segment> Segment = new(
        ObjectKind.Segment, ObjectType.Segment, "segment", Contracts.Api.V1.Segment.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { Segment = o });

    public static readonly ObjectKindTraits<Endpoint> Endpoint = new(
        ObjectKind.Endpoint, ObjectType.Endpoint, "endpoint", Contracts.Api.V1.Endpoint.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { Endpoint = o });

    public static readonly ObjectKindTraits<Node> Node = new(
        ObjectKind.Node, ObjectType.Node, "node", Contracts.Api.V1.Node.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { Node = o });

    public static readonly ObjectKindTraits<NetworkSet> NetworkSet = new(
        ObjectKind.NetworkSet, ObjectType.NetworkSet, "networkSet", Contracts.Api.V1.NetworkSet.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { NetworkSet = o });

    public static readonly ObjectKindTraits<Policy> Policy = new(
        ObjectKind.Policy, ObjectType.Policy, "policy", Contracts.Api.V1.Policy.Parser,
        o => o.Name, (o, n) => o.Name = n, o => o.Metadata, (o, m) => o.Metadata = m, o => new ApiObject { Policy = o });

    /// <summary>The API's object of a stored document of <paramref name="scope"/>, with what the server knows of it.</summary>
    public static ApiObject ToObject(string scope, ObjectDocument document) => document.Kind switch
    {
        ObjectKind.Tenant => Tenant.Wrap(ToMessage(Tenant, scope, document)),
        ObjectKind.Segment => Segment.Wrap(ToMessage(Segment, scope, document)),
        ObjectKind.Endpoint => Endpoint.Wrap(ToMessage(Endpoint, scope, document)),
        ObjectKind.Node => Node.Wrap(ToMessage(Node, scope, document)),
        ObjectKind.NetworkSet => NetworkSet.Wrap(ToMessage(NetworkSet, scope, document)),
        ObjectKind.Policy => Policy.Wrap(ToMessage(Policy, scope, document)),
        _ => throw new InvalidOperationException($"{document.Kind} is no object of the API"),
    };

    public static T ToMessage<T>(ObjectKindTraits<T> traits, string scope, ObjectDocument document)
        where T : class, IMessage<T>
    {
        var message = traits.Parser.ParseFrom(document.Content.AsSpan());
        var metadata = traits.Metadata(message) ?? new Metadata();
        metadata.Uid = document.Uid;
        metadata.Etag = document.Etag;
        metadata.Generation = document.Generation;
        metadata.Revision = document.Revision;
        metadata.CreateTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(document.CreateTime);
        metadata.UpdateTime = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(document.UpdateTime);
        traits.SetMetadata(message, metadata);
        traits.SetName(message, NameOf(scope, document.Kind, document.Name));
        return message;
    }

    /// <summary>The API's name of a document.</summary>
    public static string NameOf(string scope, ObjectKind kind, string name) => kind switch
    {
        ObjectKind.Tenant => $"tenants/{name}",
        ObjectKind.Segment => $"{scope}/segments/{name}",
        ObjectKind.Endpoint => $"{scope}/endpoints/{name}",
        ObjectKind.Node => $"nodes/{name}",
        ObjectKind.NetworkSet => $"networkSets/{name}",
        ObjectKind.Policy => scope.Length == 0 ? $"policies/{name}" : $"{scope}/policies/{name}",
        _ => throw new InvalidOperationException($"{kind} is no object of the API"),
    };

    public static ObjectKind KindOf(ObjectType type) => type switch
    {
        ObjectType.Tenant => ObjectKind.Tenant,
        ObjectType.Segment => ObjectKind.Segment,
        ObjectType.Endpoint => ObjectKind.Endpoint,
        ObjectType.Node => ObjectKind.Node,
        ObjectType.NetworkSet => ObjectKind.NetworkSet,
        ObjectType.Policy => ObjectKind.Policy,
        _ => throw new InvalidOperationException($"unknown type {type}"),
    };

    /// <summary>One of a request's kinds.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public static ObjectKind ParseKind(string text) => TryParseKind(text, out var kind)
        ? kind.Value
        : throw ApiError.Invalid("kinds", "UNKNOWN_KIND", $"'{text}' is none of tenant, segment, endpoint, node, networkSet, policy");

    private static bool TryParseKind(string text, [NotNullWhen(true)] out ObjectKind? kind)
    {
        kind = text switch
        {
            "tenant" => ObjectKind.Tenant,
            "segment" => ObjectKind.Segment,
            "endpoint" => ObjectKind.Endpoint,
            "node" => ObjectKind.Node,
            "networkSet" => ObjectKind.NetworkSet,
            "policy" => ObjectKind.Policy,
            _ => null,
        };
        return kind is not null;
    }
}
