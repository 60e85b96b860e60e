using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The rules of a merged run, and the chains that its last rules lead to: where ranges are cut into parts, three chains in a row find the parts that
/// hold a packet's port, of 4,096, of 256 and of 64 ports and more.
/// </summary>
internal sealed record RunRules(ImmutableArray<string> Rules, ImmutableArray<RenderedChain> Chains)
{
    public static readonly RunRules Empty = new([], []);

    private const int Coarse = 4096;
    private const int Fine = 256;

    public static RunRules Of(RunFrame frame, IEnumerable<RunSet> sets, KeptGroups kept)
    {
        var sorted = sets.Order().ToArray();
        var rules = sorted.Where(s => s.Kind != RunSetKind.Part).Select(s => frame.Decide(s.Condition(frame.NameOf(s), frame.Side))).ToList();
        rules.AddRange(kept.Asked.Select(a => frame.Decide(a.Condition(frame))));
        var chains = new List<RenderedChain>();
        foreach (var parts in sorted.Where(s => s.Kind == RunSetKind.Part).GroupBy(s => s.Protocol))
        {
            var root = Level(frame, parts.Key, [.. parts], new PortRange(0, ushort.MaxValue), Coarse, chains);
            var condition = RuleText.All with { Protocol = parts.Key };
            rules.Add(frame.CutEnd is { Length: > 0 } ? condition.Goto(root) : condition.Jump(root));
        }

        return new RunRules([.. rules], [.. chains]);
    }

    /// <summary>Parts that hold all ports of this chain are asked here; narrower ones below, or, at the lowest level, behind a comparison of the port.</summary>
    private static string Level(RunFrame frame, byte protocol, RunSet[] parts, PortRange ports, int step, List<RenderedChain> chains)
    {
        var name = KernelNames.Chain(frame.Direction == Vallum.Dataplane.Model.Direction.Ingress ? "RI" : "RE", $"{frame.Name}\n{protocol} {ports}");
        var rules = parts.Where(p => p.Range.Count >= ports.Count).Select(p => frame.Decide(p.Condition(frame.NameOf(p), frame.Side))).ToList();
        var narrower = parts.Where(p => p.Range.Count < ports.Count).ToArray();
        var protocolOnly = RuleText.All with { Protocol = protocol };
        for (int first = ports.First; step > 0 && first <= ports.Last; first += step)
        {
            var below = new PortRange(first, first + step - 1);
            var inside = narrower.Where(p => p.First <= below.Last && below.First <= p.Last).ToArray();
            if (inside.Length > 0)
            {
                var lower = Level(frame, protocol, inside, below, step == Coarse ? Fine : 0, chains);
                rules.Add(protocolOnly.And(AskedService.PortMatch(protocol, below)).Goto(lower));
            }
        }

        if (step == 0)
        {
            rules.AddRange(narrower.Select(p => frame.Decide(protocolOnly.And(AskedService.PortMatch(protocol, p.Range)).AndSet(frame.NameOf(p), frame.Side))));
        }

        if (frame.CutEnd is { Length: > 0 } end)
        {
            rules.Add(RuleText.All.Goto(end));
        }

        chains.Add(RenderedChain.Of(name, rules.Select(r => new RuleLine(r))));
        return name;
    }
}
