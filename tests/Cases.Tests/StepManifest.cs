using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vallum.Testing.Cases;

namespace Vallum.Cases.Tests;

/// <summary>The whole state of a step as kubectl would print it: one "kind: List" of namespaces, pods and network policies, in JSON.</summary>
internal static class StepManifest
{
    public static ReadOnlyMemory<byte> Of(CaseStep step)
    {
        var items = new JsonArray();
        foreach (var (name, labels) in step.Namespaces)
        {
            items.Add(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Map(labels) } });
        }

        foreach (var pod in step.Pods)
        {
            items.Add(Pod(pod));
        }

        foreach (var policy in step.Policies)
        {
            // Some of cyclonus lack them, as the objects of a NetworkPolicyList do.
            var tree = JsonObject.Create(policy.Clone())!;
            tree["apiVersion"] = "networking.k8s.io/v1";
            tree["kind"] = "NetworkPolicy";
            items.Add(tree);
        }

        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = items };
        return Encoding.UTF8.GetBytes(list.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static JsonObject Pod(CasePod pod) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = pod.Name, ["namespace"] = pod.Namespace, ["labels"] = Map(pod.Labels) },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = "node-1",
            ["containers"] = new JsonArray([.. pod.Containers.Select(c => new JsonObject
            {
                ["name"] = c.Name,
                ["ports"] = new JsonArray(new JsonObject { ["name"] = c.PortName, ["containerPort"] = c.Port, ["protocol"] = c.Protocol }),
            })]),
        },
        ["status"] = new JsonObject { ["phase"] = "Running", ["podIP"] = pod.Ip, ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = pod.Ip }) },
    };

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> labels) =>
        new(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
}
