using System.Collections.Frozen;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Testing.Cases;

namespace Vallum.EndToEnd.Tests.Cases;

public sealed class CasesByPackets(CaseFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IClassFixture<CaseFixture>
{
    /// <summary>Chosen for variety: each is the only one of its sort here, and the last ones change what is there, step by step.</summary>
    private static readonly FrozenSet<int> Chosen =
    [
        1, // one namespace isolated
        6, // subject by expression
        7, // egress: nothing
        17, // pods by label in all namespaces
        20, // pods by label in namespaces by label
        22, // ingress: block with except
        32, // egress: block with except
        49, // pods by label, or block with except
        122, // egress: block, or block with except
        134, // egress: SCTP, any port
        139, // egress: a UDP port by name
        141, // egress: an SCTP port by name
        145, // egress: a range of UDP ports
        149, // egress: a port by name, of another protocol
        168, // ingress: an SCTP port by name
        170, // ingress: a range of TCP ports
        185, // egress: ports by name and number, two protocols
        192, // ingress: the same
        193, // seven steps: all of ingress, egress and ports
        195, // a policy changes
        196, // a namespace comes and goes
        197, // a namespace is relabelled, twice
        198, // a pod comes and goes
        199, // a pod is relabelled, twice
        204, // nothing from a source, and everything by pods
        228, // ingress and egress together
    ];

    public static IEnumerable<TheoryDataRow<int, string>> KubernetesCases => CaseRows.Of(CaseFile.Kubernetes, _ => true);

    public static IEnumerable<TheoryDataRow<int, string>> CyclonusCases => CaseRows.Of(CaseFile.Cyclonus, each => Chosen.Contains(each.Id));

    [Theory]
    [MemberData(nameof(KubernetesCases))]
    public Task Packets_go_as_a_case_of_the_kubernetes_suite_says(int id, string description) => PlayAsync(CaseFile.Kubernetes, id, description);

    [Theory]
    [MemberData(nameof(CyclonusCases))]
    public Task Packets_go_as_a_case_of_cyclonus_says(int id, string description) => PlayAsync(CaseFile.Cyclonus, id, description);

    private async Task PlayAsync(string name, int id, string description)
    {
        Assert.SkipUnless(CaseFile.TryRead(name, out var file, out var reason), reason ?? "");
        var played = file!.Cases.Single(each => each.Id == id);
        played.Description.ShouldBe(description);
        await new CasePlayer(Cluster, output).PlayAsync(played, Cancellation);
    }
}
