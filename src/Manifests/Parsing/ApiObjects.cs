using Google.Protobuf;
using Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>What all kinds of objects have in common, of <see cref="Contracts.Api.V1.Object"/>, which has no fields of its own.</summary>
public static class ApiObjects
{
    extension(Contracts.Api.V1.Object message)
    {
        /// <summary>Null when the object is empty.</summary>
        public ObjectType? TypeOf() => message.ObjectCase switch
        {
            Contracts.Api.V1.Object.ObjectOneofCase.Tenant => ObjectType.Tenant,
            Contracts.Api.V1.Object.ObjectOneofCase.Segment => ObjectType.Segment,
            Contracts.Api.V1.Object.ObjectOneofCase.Endpoint => ObjectType.Endpoint,
            Contracts.Api.V1.Object.ObjectOneofCase.Node => ObjectType.Node,
            Contracts.Api.V1.Object.ObjectOneofCase.NetworkSet => ObjectType.NetworkSet,
            Contracts.Api.V1.Object.ObjectOneofCase.Policy => ObjectType.Policy,
            _ => null,
        };

        /// <summary>The message inside; null when the object is empty.</summary>
        public IMessage? Inner() => message.ObjectCase switch
        {
            Contracts.Api.V1.Object.ObjectOneofCase.Tenant => message.Tenant,
            Contracts.Api.V1.Object.ObjectOneofCase.Segment => message.Segment,
            Contracts.Api.V1.Object.ObjectOneofCase.Endpoint => message.Endpoint,
            Contracts.Api.V1.Object.ObjectOneofCase.Node => message.Node,
            Contracts.Api.V1.Object.ObjectOneofCase.NetworkSet => message.NetworkSet,
            Contracts.Api.V1.Object.ObjectOneofCase.Policy => message.Policy,
            _ => null,
        };

        /// <summary>As written: it may be wrong. Empty when the object is.</summary>
        public string NameOf() => message.ObjectCase switch
        {
            Contracts.Api.V1.Object.ObjectOneofCase.Tenant => message.Tenant.Name,
            Contracts.Api.V1.Object.ObjectOneofCase.Segment => message.Segment.Name,
            Contracts.Api.V1.Object.ObjectOneofCase.Endpoint => message.Endpoint.Name,
            Contracts.Api.V1.Object.ObjectOneofCase.Node => message.Node.Name,
            Contracts.Api.V1.Object.ObjectOneofCase.NetworkSet => message.NetworkSet.Name,
            Contracts.Api.V1.Object.ObjectOneofCase.Policy => message.Policy.Name,
            _ => "",
        };

        /// <summary>Null when the object has none.</summary>
        public Metadata? MetadataOf() => message.ObjectCase switch
        {
            Contracts.Api.V1.Object.ObjectOneofCase.Tenant => message.Tenant.Metadata,
            Contracts.Api.V1.Object.ObjectOneofCase.Segment => message.Segment.Metadata,
            Contracts.Api.V1.Object.ObjectOneofCase.Endpoint => message.Endpoint.Metadata,
            Contracts.Api.V1.Object.ObjectOneofCase.Node => message.Node.Metadata,
            Contracts.Api.V1.Object.ObjectOneofCase.NetworkSet => message.NetworkSet.Metadata,
            Contracts.Api.V1.Object.ObjectOneofCase.Policy => message.Policy.Metadata,
            _ => null,
        };
    }

    /// <summary>A message of one of the six kinds, as an object.</summary>
    /// <exception cref="ArgumentException">The message is of no such kind.</exception>
    public static Contracts.Api.V1.Object Wrap(IMessage message) => message switch
    {
        Tenant tenant => new() { Tenant = tenant },
        Segment segment => new() { Segment = segment },
        Endpoint endpoint => new() { Endpoint = endpoint },
        Node node => new() { Node = node },
        NetworkSet set => new() { NetworkSet = set },
        Policy policy => new() { Policy = policy },
        _ => throw new ArgumentException($"{message.Descriptor.FullName} is no kind of object.", nameof(message)),
    };

    /// <summary>An empty message of the kind.</summary>
    public static IMessage Empty(ObjectType type) => type switch
    {
        ObjectType.Tenant => new Tenant(),
        ObjectType.Segment => new Segment(),
        ObjectType.Endpoint => new Endpoint(),
        ObjectType.Node => new Node(),
        ObjectType.NetworkSet => new NetworkSet(),
        _ => new Policy(),
    };
}
