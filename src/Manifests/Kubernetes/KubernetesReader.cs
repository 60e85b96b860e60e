using Google.Protobuf;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>One object of Kubernetes becomes one of ours. What does not decide flows is read over; what does is read strictly.</summary>
internal sealed class KubernetesReader(FaultList faults, KubernetesOptions options)
{
    /// <summary>Null with faults.</summary>
    public Api.Object? Read(DocumentNode.Mapping root, string kind)
    {
        var before = faults.Count;
        var fields = new KubernetesFields(root, faults);
        if (KubernetesMetadata.Read(fields) is not { } metadata)
        {
            return null;
        }

        IMessage? message = kind switch
        {
            "Namespace" => NamespaceReader.Read(metadata),
            "Node" => NodeReader.Read(fields, metadata),
            "Pod" => PodReader.Read(fields, metadata, options),
            "NetworkPolicy" => new NetworkPolicyReader(fields).Read(metadata),
            _ => new ClusterNetworkPolicyReader(fields, kind).Read(metadata),
        };
        if (faults.Count > before || message is null)
        {
            return null;
        }

        // What is left to find (a name, a label, a limit) is told in the words of the object that it became.
        var read = ApiObjects.Wrap(message);
        foreach (var violation in ObjectParser.Judge(read))
        {
            faults.Add(DocumentPath.LineOf(root, violation.Field), violation.Field, violation.Reason, $"of {read.NameOf()}: {violation.Description}");
        }

        return faults.Count == before ? read : null;
    }
}
