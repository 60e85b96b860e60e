using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>The two ways in which policy.networking.k8s.io writes protocols and ports. A named port is one of any protocol.</summary>
internal sealed class ClusterServiceReader(KubernetesFields fields)
{
    private static readonly string[] Protocols = ["tcp", "udp", "sctp"];

    /// <summary>v0.2: one of {tcp|udp|sctp: {destinationPort: {number} or {range: {start, end}}}} and {destinationNamedPort}.</summary>
    public IEnumerable<Api.Service> Protocol(DocumentNode.Mapping node, FieldPath path)
    {
        const string Named = "destinationNamedPort";
        string[] known = [.. Protocols, Named];
        fields.Known(node, path, known);
        if (Single(node, path, known) is not { } key)
        {
            return [];
        }

        if (key == Named)
        {
            return OfAnyProtocol(fields.Text(node, Named, path), path.Field(Named));
        }

        var service = new Api.Service { Protocol = key };
        if (fields.Mapping(node, key, path) is { } protocol)
        {
            var at = path.Field(key);
            fields.Known(protocol, at, "destinationPort");
            if (fields.Mapping(protocol, "destinationPort", at) is { } port)
            {
                var portPath = at.Field("destinationPort");
                fields.Known(port, portPath, "number", "range");
                if (Single(port, portPath, "number", "range") is { } form)
                {
                    service.Ports.AddRange(form == "number" ? Text(fields.Port(port, "number", portPath)) : Range(fields.Mapping(port, "range", portPath), portPath.Field("range")));
                }
            }
        }

        return [service];
    }

    /// <summary>v0.1: one of {portNumber: {protocol, port}}, {portRange: {protocol, start, end}}, {namedPort}.</summary>
    public IEnumerable<Api.Service> Port(DocumentNode.Mapping node, FieldPath path)
    {
        string[] known = ["portNumber", "portRange", "namedPort"];
        fields.Known(node, path, known);
        if (Single(node, path, known) is not { } key)
        {
            return [];
        }

        if (key == "namedPort")
        {
            return OfAnyProtocol(fields.Text(node, key, path), path.Field(key));
        }

        if (fields.Mapping(node, key, path) is not { } port)
        {
            return [];
        }

        var at = path.Field(key);
        fields.Known(port, at, key == "portNumber" ? ["protocol", "port"] : ["protocol", "start", "end"]);
        var protocol = (fields.Text(port, "protocol", at) ?? "TCP").ToLowerInvariant();
        if (!Protocols.Contains(protocol))
        {
            fields.Fault(port, at.Field("protocol"), Reasons.InvalidProtocol, $"{Quoted.Of(protocol)} is none of TCP, UDP, SCTP");
        }

        var service = new Api.Service { Protocol = protocol };
        service.Ports.AddRange(key == "portNumber" ? Text(Wanted(port, "port", at)) : Range(port, at));
        return [service];
    }

    private static IEnumerable<string> Text(int? port) => port is { } number ? [$"{number}"] : [];

    private string? Single(DocumentNode.Mapping node, FieldPath path, params string[] known)
    {
        var given = known.Where(k => node[k] is not null).ToList();
        if (given.Count == 1)
        {
            return given[0];
        }

        fields.Fault(node, path, Reasons.ExactlyOneRequired, $"{given.Count} fields are given: give exactly one of {string.Join(", ", known)}");
        return null;
    }

    private IEnumerable<string> Range(DocumentNode.Mapping? node, FieldPath path)
    {
        if (node is null || Wanted(node, "start", path) is not { } start || Wanted(node, "end", path) is not { } end)
        {
            return [];
        }

        if (end < start)
        {
            fields.Fault(node, path.Field("end"), Reasons.InvalidPortRange, $"{end} is less than {start}: a range ends where it begins or later");
        }

        return [$"{start}-{end}"];
    }

    private int? Wanted(DocumentNode.Mapping node, string key, FieldPath path)
    {
        if (node[key] is null)
        {
            fields.Fault(node, path.Field(key), Reasons.Required, "is missing");
        }

        return fields.Port(node, key, path);
    }

    private IEnumerable<Api.Service> OfAnyProtocol(string? name, FieldPath path)
    {
        if (name is null)
        {
            return [];
        }

        fields.PortName(name, path);
        return Protocols.Select(protocol => new Api.Service { Protocol = protocol, Ports = { name } });
    }
}
