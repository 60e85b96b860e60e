using BenchmarkDotNet.Attributes;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Compilation;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Encoding;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;
using Vallum.Workloads;

namespace Vallum.Benchmarks;

/// <summary>Single changes of one tenant of 10,000 endpoints, and what they answer in bytes.</summary>
public class CompilerBenchmarks
{
    private TenantCompiler _compiler = new(default);
    private TenantInput[] _comes = [];
    private TenantInput[] _goes = [];
    private ResourceDelta _rules = ResourceDelta.Remove(default);

    [Params(1_000, 10_000)]
    public int Policies { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var world = new World(Shapes.AppsOf(Policies));
        var tenant = world.Tenants.Single();
        _compiler = new TenantCompiler(tenant.Name);
        _compiler.Apply(Inputs(tenant.Puts));
        _goes = Inputs([new ClusterChange.RemoveEndpoint(tenant.Endpoints.First().Id)]);
        _comes = Inputs([new ClusterChange.PutEndpoint(tenant.Endpoints.First())]);
        _rules = _compiler.Snapshot().First(delta => delta.Key.Kind == ResourceKind.PolicyRules);
    }

    [Benchmark(Description = "compiler: an endpoint goes and comes")]
    public int EndpointComes() => _compiler.Apply(_goes).Length + _compiler.Apply(_comes).Length;

    [Benchmark(Description = "encoding: the rules of a policy")]
    public CompiledDelta EncodeRules() => ResourceEncoding.Encode(_rules);

    private static TenantInput[] Inputs(IEnumerable<ClusterChange> changes) =>
        [.. changes.SelectMany(change => TenantInputs.Of(change, Vallum.Policies.Model.ClusterState.Empty, [])).Select(told => told.Input)];
}
