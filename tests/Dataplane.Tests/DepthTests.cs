using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>nf_tables takes 15 jumps and gotos in a row; the 16th it refuses with "Too many links".</summary>
public sealed class DepthTests
{
    private const int Deepest = 15;

    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void The_longest_way_through_all_chains_is_what_nf_tables_takes(IpFamily family)
    {
        // Addresses that fork at every level of the tree, a Pass before the Tenant tier, and ranges that are cut into parts.
        var forks = Enumerable.Range(0, family.Width).SelectMany(bit => Enumerable.Range(0, 4).Select(n => Fork(family, bit, n))).Distinct();
        var block = new Peer.Block(Cidr.Containing(Fork(family, 0, 0), 8), []);
        var ranges = Enumerable.Range(0, 40).Select(n => new PortRange(1000 * n, (1000 * n) + 777));
        var state = NodeState.Empty with
        {
            Bindings = [.. forks.Select((a, i) => new Binding($"t/e{i}", [a], $"vw{i}", "p"))],
            Profiles = ImmutableDictionary<string, Profile>.Empty.Add("p", Profile.Open with
            {
                Policies = [.. new[] { Direction.Ingress, Direction.Egress }.SelectMany(d => new[]
                {
                    new PolicyInForce(d, Tier.Admin, 0, "a", "pass", false), new PolicyInForce(d, Tier.Tenant, 0, "b", "ranges", false),
                })],
            }),
            Rules = ImmutableDictionary<string, PolicyRules>.Empty
                .Add("pass", Both(new Rule("r", RuleAction.Pass, [new Match([block], [])])))
                .Add("ranges", Both(new Rule("r", RuleAction.Allow, [.. ranges.Select(r => new Match([block], [Service.Of(IpProtocol.Tcp, r)]))]))),
        };
        var chains = Renderer.Render(state, new RenderOptions { WorkloadInterfaces = ["vw+"], LogGroup = 1 }).Kernel.Rules(family).Chains;

        chains.Keys.ShouldContain(c => c.StartsWith("VALLUM-RI-", StringComparison.Ordinal));
        new[] { KernelNames.Forward, KernelNames.Input }.Max(c => 1 + Depth(chains, c)).ShouldBe(Deepest);
    }

    private static int Depth(ImmutableSortedDictionary<string, ImmutableArray<string>> chains, string chain)
    {
        var depths = new Dictionary<string, int>();
        return Of(chain);

        int Of(string name)
        {
            if (!depths.TryGetValue(name, out var depth))
            {
                var targets = chains[name].Select(r => r.Split(' ')).Where(w => w.Length > 1 && w[^2] is "-j" or "-g").Select(w => w[^1]).Where(chains.ContainsKey);
                depths[name] = depth = targets.Distinct().Select(t => 1 + Of(t)).DefaultIfEmpty(0).Max();
            }

            return depth;
        }
    }

    /// <summary>An address that leaves the others at the bit.</summary>
    private static Address Fork(IpFamily family, int bit, int n)
    {
        var bits = ((UInt128)1 << bit) | (UInt128)(uint)n;
        return family == IpFamily.V4 ? Address.V4((uint)bits) : Address.V6(bits);
    }

    private static PolicyRules Both(Rule rule) => new("p", [rule], [rule], false);
}
