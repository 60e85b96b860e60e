using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Vallum.Manifests;
using Vallum.Testing.Cases;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Cases;

/// <summary>The state of a step as the Kubernetes objects that say it, and those as the border reads them.</summary>
internal static class CaseObjects
{
    /// <param name="nodeOf">The node of a pod by its address.</param>
    /// <exception cref="InvalidDataException">The border refuses some of it; with every fault.</exception>
    public static ImmutableArray<ApiObject> Of(CaseStep step, Func<string, string> nodeOf)
    {
        JsonArray items =
        [
            .. step.Namespaces.Select(each => Object("v1", "Namespace", null, each.Key, each.Value)),
            .. step.Pods.Select(pod => Pod(pod, nodeOf(pod.Ip))),
            .. step.Policies.Select(policy => Policy(JsonNode.Parse(policy.GetRawText())!.AsObject())),
        ];
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = items };
        var read = ManifestReader.Read($"step {step.Step}", Encoding.UTF8.GetBytes(list.ToJsonString()));
        return read.IsValid ? [.. read.Manifests.Select(manifest => manifest.Object)] : throw new InvalidDataException(string.Join('\n', read.Faults));
    }

    private static JsonObject Pod(CasePod pod, string node)
    {
        var made = Object("v1", "Pod", pod.Namespace, pod.Name, pod.Labels);
        made["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["containers"] = new JsonArray([.. pod.Containers.Select(Container)]),
        };
        made["status"] = new JsonObject { ["podIP"] = pod.Ip };
        return made;
    }

    private static JsonObject Container(CaseContainer container) => new()
    {
        ["name"] = container.Name,
        ["ports"] = new JsonArray(new JsonObject
        {
            ["name"] = container.PortName,
            ["containerPort"] = container.Port,
            ["protocol"] = container.Protocol,
        }),
    };

    /// <summary>Some of cyclonus lack what they are.</summary>
    private static JsonObject Policy(JsonObject policy)
    {
        policy["apiVersion"] ??= "networking.k8s.io/v1";
        policy["kind"] ??= "NetworkPolicy";
        return policy;
    }

    private static JsonObject Object(string apiVersion, string kind, string? @namespace, string name, IEnumerable<KeyValuePair<string, string>> labels)
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)JsonValue.Create(label.Value)))),
        };
        if (@namespace is not null)
        {
            metadata["namespace"] = @namespace;
        }

        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }
}
