using System.Collections.Immutable;
using System.Net;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;
using Vallum.Testing.Cases;

namespace Vallum.EndToEnd.Tests.Cases;

/// <summary>
/// One cluster for all cases of both files: a workload for every address that a pod of any case has, dealt to three nodes. A pod of another
/// name with an address that was seen before is the same workload: no case has both.
/// </summary>
public sealed class CaseFixture() : ClusterFixture(Spec)
{
    private static readonly ImmutableArray<Service> Services =
    [
        Service.Tcp(80), Service.Tcp(81), Service.Udp(80), Service.Udp(81), Service.Sctp(80), Service.Sctp(81),
    ];

    private static LabSpec Spec()
    {
        ImmutableArray<NodeSpec> nodes = [new("n1"), new("n2"), new("n3")];
        return new LabSpec(nodes, [.. Workloads(CaseFile.Kubernetes, "k", nodes), .. Workloads(CaseFile.Cyclonus, "c", nodes)]);
    }

    private static IEnumerable<WorkloadSpec> Workloads(string file, string prefix, ImmutableArray<NodeSpec> nodes) =>
        CaseFile.TryRead(file, out var cases, out _)
            ? cases.Cases
                .SelectMany(each => each.Steps)
                .SelectMany(step => step.Pods)
                .DistinctBy(pod => pod.Ip)
                .OrderBy(pod => pod.Key, StringComparer.Ordinal)
                // Three pods of a namespace are on three nodes, and the next namespace begins one further: pods share nodes with pods of other names.
                .Select((pod, index) => new WorkloadSpec($"{prefix}-{pod.Namespace}-{pod.Name}", nodes[(index + (index / 3)) % nodes.Length].Name)
                {
                    Addresses = [IPAddress.Parse(pod.Ip)],
                    Services = Services,
                })
            : [];
}
