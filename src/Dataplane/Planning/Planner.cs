using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// What is there × what is wanted → what to do, so that a packet that both ends allow passes after every single operation, and one that both deny
/// never does (each family for itself). Sets stand before the rules that name them and fall after; rules change in one COMMIT; nothing is flushed that
/// is not rewritten in the same COMMIT. Reviewers reject a plan that needs a chain's policy to be safe (nf_tables applies it late), and an order that
/// <c>StepLaws</c> was not asked about.
/// </summary>
public static class Planner
{
    public static Plan Between(KernelState there, KernelState wanted)
    {
        var pairs = Differing(there, wanted);
        ImmutableArray<FamilyChange> families =
        [
            .. new[] { IpFamily.V4, IpFamily.V6 }.Select(f => new FamilyChange(f, there, wanted, pairs.Where(p => p.Wanted.Family == f))),
        ];
        var steps = ImmutableArray.CreateBuilder<PlanStep>();
        var early = families.SelectMany(f => f.Early);
        var late = families.SelectMany(f => f.Late);
        if (families.All(f => f.FirstCommit.Length == 0))
        {
            AddSets(steps, early.Concat(late));
        }
        else
        {
            AddSets(steps, early);
            AddRules(steps, families, f => f.FirstCommit);
            AddDrops(steps, families.SelectMany(f => f.Taken));
            AddSets(steps, late);
            AddRules(steps, families, f => f.SecondCommit);
        }

        // Revoked flows are ended here, when nothing admits new packets of them any more and before the names that describe them are gone.
        AddDrops(steps, there.Sets.Keys.Where(name => !wanted.Sets.ContainsKey(name) && !families.Any(f => f.Gone.Contains(name)))
            .Union(families.SelectMany(f => f.Drops)));
        return new Plan(steps.ToImmutable());
    }

    /// <summary>The wanted sets that are not there as they are to be. Both sides are sorted; a set that nobody touched is the same object.</summary>
    private static List<(KernelSet? There, KernelSet Wanted)> Differing(KernelState there, KernelState wanted)
    {
        var pairs = new List<(KernelSet? There, KernelSet Wanted)>();
        if (ReferenceEquals(there.Sets, wanted.Sets))
        {
            return pairs;
        }

        using var found = there.Sets.GetEnumerator();
        var more = found.MoveNext();
        foreach (var (name, set) in wanted.Sets)
        {
            while (more && string.CompareOrdinal(found.Current.Key, name) < 0)
            {
                more = found.MoveNext();
            }

            var before = more && found.Current.Key == name ? found.Current.Value : null;
            if (!ReferenceEquals(before, set))
            {
                pairs.Add((before, set));
            }
        }

        return pairs;
    }

    private static void AddSets(ImmutableArray<PlanStep>.Builder steps, IEnumerable<SetOperation> operations)
    {
        var all = operations.Where(o => o.Size > 0).ToImmutableArray();
        if (!all.IsEmpty)
        {
            steps.Add(new PlanStep.ChangeSets(all));
        }
    }

    private static void AddRules(ImmutableArray<PlanStep>.Builder steps, ImmutableArray<FamilyChange> families, Func<FamilyChange, string> text) =>
        steps.AddRange(families.Where(f => text(f).Length > 0).Select(f => new PlanStep.ChangeRules(f.Family, text(f))));

    private static void AddDrops(ImmutableArray<PlanStep>.Builder steps, IEnumerable<string> names)
    {
        var all = names.ToImmutableArray();
        if (!all.IsEmpty)
        {
            steps.Add(new PlanStep.DropSets(all));
        }
    }
}
