using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>A plan taken apart into what packets can see one by one: a set, a member, a COMMIT.</summary>
public static class Instants
{
    public static IEnumerable<PlanStep> Of(Plan plan) => plan.Steps.SelectMany(Of);

    /// <summary>
    /// What is wrong while <paramref name="steps"/> run on <paramref name="kernel"/>: packets that both ends treat alike and that an instant between
    /// treats otherwise, with the instant. Packets of an endpoint that is there at one end only have no claim to pass before it is known.
    /// </summary>
    public static ImmutableArray<string> Violations(
        FakeKernel kernel, IReadOnlyList<PlanStep> steps, IReadOnlyList<Packet> packets, Predicate<Address> isStranger, Func<Packet, bool> afterwards)
    {
        var before = packets.Select(kernel.Forwards).ToArray();
        var after = packets.Select(afterwards).ToArray();
        var watched = Enumerable.Range(0, packets.Count)
            .Where(i => before[i] == after[i] && (!before[i] || (!isStranger(packets[i].Source) && !isStranger(packets[i].Destination)))).ToArray();
        var wrong = ImmutableArray.CreateBuilder<string>();
        for (var step = 0; step < steps.Count; step++)
        {
            kernel.Run(steps[step]);
            wrong.AddRange(watched.Where(i => kernel.Forwards(packets[i]) != before[i])
                .Select(i => $"{(before[i] ? "lost" : "leaked")} {packets[i]} after operation {step + 1} of {steps.Count}: {Words(steps[step])}"));
        }

        return wrong.ToImmutable();
    }

    /// <summary>
    /// Every flow between the hosts of <see cref="Neighbours"/> that concerns an endpoint, behind the interfaces of either state and behind one that
    /// is another's. None leaves an endpoint at one interface and comes back to it at another.
    /// </summary>
    public static ImmutableArray<Packet> Packets(NodeState from, NodeState to)
    {
        var bindings = from.Bindings.Concat(to.Bindings).ToLookup(b => b.Addresses[0], b => b.Interface ?? "vw9");
        var links = from.Bindings.Concat(to.Bindings).Select(b => b.Interface).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();
        string[] Own(Address address) => [.. bindings[address].Distinct().DefaultIfEmpty("eth9")];
        string[] Links(Address address) => [.. Own(address), .. links.Except(Own(address)).Take(1)];
        return
        [
            .. from source in Neighbours.Hosts
               from destination in Neighbours.Hosts
               where source.Family == destination.Family && (bindings.Contains(source) || bindings.Contains(destination))
               from arrives in Links(source)
               from leaves in Links(destination)
               where source != destination || arrives == leaves
               from port in new[] { 80, 443 }
               select new Packet(source, destination, IpProtocol.Tcp, port, arrives, leaves),
        ];
    }

    /// <summary>The addresses that are an endpoint's at one end only.</summary>
    public static Predicate<Address> Strangers(NodeState from, NodeState to)
    {
        var strangers = from.Bindings.SelectMany(b => b.Addresses).ToHashSet();
        strangers.SymmetricExceptWith(to.Bindings.SelectMany(b => b.Addresses));
        return strangers.Contains;
    }

    private static IEnumerable<PlanStep> Of(PlanStep step) => step switch
    {
        PlanStep.ChangeSets sets => sets.Operations.SelectMany(Of).Select(o => new PlanStep.ChangeSets([o])),
        PlanStep.DropSets drop => drop.Names.Select(n => new PlanStep.DropSets([n])),
        _ => [step],
    };

    private static IEnumerable<SetOperation> Of(SetOperation operation) => operation switch
    {
        SetOperation.Add add => add.Members.Select(m => add with { Members = [m] }),
        SetOperation.Remove remove => remove.Members.Select(m => remove with { Members = [m] }),
        _ => [operation],
    };

    private static string Words(PlanStep step) => step switch
    {
        PlanStep.ChangeSets sets => SetOperation.RestoreText(sets.Operations).TrimEnd(),
        PlanStep.ChangeRules rules => rules.Text,
        _ => step.ToString(),
    };
}
