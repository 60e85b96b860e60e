using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Objects;

/// <summary>A stored content, read: the API's message and the domain value that it says; or what is wrong with it.</summary>
internal sealed record ParsedContent(IMessage? Message, object? Value, ImmutableArray<FieldViolation> Violations);

/// <summary>Reads contents: when a batch is judged, and when objects come back from storage.</summary>
internal static class ContentParser
{
    /// <param name="tenant">The scope's tenant; null for the cluster's own objects.</param>
    public static ParsedContent Parse(ObjectKind kind, string? tenant, string name, ImmutableArray<byte> content)
    {
        try
        {
            var parsed = kind switch
            {
                ObjectKind.Tenant or ObjectKind.TenantEntry => Read(Api.Tenant.Parser, content, ObjectParser.Parse),
                ObjectKind.Segment => Read(Api.Segment.Parser, content, ObjectParser.Parse),
                ObjectKind.Endpoint => Read(Api.Endpoint.Parser, content, ObjectParser.Parse),
                ObjectKind.Node => Read(Api.Node.Parser, content, ObjectParser.Parse),
                ObjectKind.NetworkSet => Read(Api.NetworkSet.Parser, content, ObjectParser.Parse),
                ObjectKind.Policy => Read(Api.Policy.Parser, content, ObjectParser.Parse),
                _ => Wrong("", "UNKNOWN_KIND", $"{kind} is no kind of object that can be stored here."),
            };
            return parsed.Value is { } value && NameOf(value) != (tenant, name)
                ? Wrong("name", "NAME_MISMATCH", $"The object says that it is '{TextOf(NameOf(value))}', but was sent as '{TextOf((tenant, name))}'.")
                : parsed;
        }
        catch (InvalidProtocolBufferException exception)
        {
            return Wrong("", "MALFORMED", $"The content is no {kind} message: {exception.Message}");
        }
    }

    /// <summary>The value of a content that was judged before it was stored.</summary>
    /// <exception cref="InvalidDataException">It is not valid: written by a newer release, or damaged.</exception>
    public static object Value(ObjectKind kind, string? tenant, string name, ImmutableArray<byte> content)
    {
        var parsed = Parse(kind, tenant, name, content);
        return parsed.Value ?? throw new InvalidDataException(
            $"The stored {kind} '{TextOf((tenant, name))}' cannot be read: {string.Join("; ", parsed.Violations.Select(v => $"{v.Field}: {v.Description}"))}");
    }

    private static ParsedContent Read<TMessage, TValue>(MessageParser<TMessage> parser, ImmutableArray<byte> content, Func<TMessage, Parsed<TValue>> parse)
        where TMessage : IMessage<TMessage>
        where TValue : class
    {
        var message = parser.ParseFrom(content.AsSpan());
        var parsed = parse(message);
        return new ParsedContent(message, parsed.IsValid ? parsed.Value : null, parsed.Violations);
    }

    private static ParsedContent Wrong(string field, string reason, string description) =>
        new(null, null, [new FieldViolation(field, reason, description)]);

    /// <summary>The tenant that owns the object, and its name. The cluster's directory keeps tenants among its own objects.</summary>
    private static (string? Tenant, string Name) NameOf(object value) => value switch
    {
        Tenant one => (one.Name.Value, one.Name.Value),
        Segment one => (one.Tenant.Value, one.Name.Value),
        Endpoint one => (one.Id.Tenant.Value, one.Id.Name),
        Node one => (null, one.Name.Value),
        NetworkSet one => (null, one.Name.Value),
        Policy one => (one.Id.Tenant?.Value, one.Id.Name),
        _ => throw new InvalidOperationException($"{value.GetType()} is no object of a scope"),
    };

    private static string TextOf((string? Tenant, string Name) name) => name.Tenant is null ? name.Name : $"{name.Tenant}/{name.Name}";
}
