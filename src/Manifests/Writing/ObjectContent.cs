using Google.Protobuf;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Writing;

/// <summary>
/// The bytes of an object as they are stored and compared: what the server adds is left out, maps are sorted by key, so that equal objects have equal
/// bytes whoever wrote them. What somebody wrote stays as written: a default that is spelled out is kept, and so is the order of lists.
/// </summary>
public static class ObjectContent
{
    /// <summary>The content of a tenant, segment, endpoint, node, network set or policy. The message itself is not changed.</summary>
    public static byte[] Normalize(IMessage message)
    {
        var canonical = Canonical(message);
        var bytes = new byte[canonical.CalculateSize()];
        using var output = new CodedOutputStream(bytes) { Deterministic = true };
        canonical.WriteTo(output);
        output.CheckNoSpaceLeft();
        return bytes;
    }

    /// <inheritdoc cref="Normalize(IMessage)"/>
    /// <exception cref="ArgumentException">The object is empty.</exception>
    public static byte[] Normalize(Contracts.Api.V1.Object message) =>
        Normalize(message.Inner() ?? throw new ArgumentException("The object is empty.", nameof(message)));

    /// <summary>A copy without status, uid, etag, generation, revision and times.</summary>
    public static IMessage Canonical(IMessage message)
    {
        switch (message)
        {
            case Tenant source:
                var tenant = source.Clone();
                tenant.Metadata = Kept(tenant.Metadata);
                return tenant;
            case Segment source:
                var segment = source.Clone();
                segment.Metadata = Kept(segment.Metadata);
                return segment;
            case Endpoint source:
                var endpoint = source.Clone();
                endpoint.Metadata = Kept(endpoint.Metadata);
                return endpoint;
            case Node source:
                var node = source.Clone();
                (node.Metadata, node.Status) = (Kept(node.Metadata), null);
                return node;
            case NetworkSet source:
                var set = source.Clone();
                set.Metadata = Kept(set.Metadata);
                return set;
            case Policy source:
                var policy = source.Clone();
                (policy.Metadata, policy.Status) = (Kept(policy.Metadata), null);
                return policy;
            default:
                throw new ArgumentException($"{message.Descriptor.FullName} is no kind of object.", nameof(message));
        }
    }

    /// <summary>The labels alone; null when there are none, so that empty metadata and absent metadata are one.</summary>
    private static Metadata? Kept(Metadata? metadata)
    {
        if (metadata is null || metadata.Labels.Count == 0)
        {
            return null;
        }

        var kept = new Metadata();
        kept.Labels.Add(metadata.Labels);
        return kept;
    }
}
