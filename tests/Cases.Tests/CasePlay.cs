using System.Collections.Immutable;
using Vallum.Manifests;
using Vallum.Manifests.Assembly;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Cases;
using Case = Vallum.Testing.Cases.Case;

namespace Vallum.Cases.Tests;

/// <summary>What somebody says of a flow: egress and ingress each alone; both must allow.</summary>
internal readonly record struct Said(bool Egress, bool Ingress, string Why);

/// <summary>A suite played: each case step by step, each step judged cell by cell.</summary>
/// <param name="Cells">Of the combined tables, the diagonal left out.</param>
/// <param name="OwnCells">The diagonal, which is not judged.</param>
internal sealed record CasePlay(int Cases, int Steps, int Cells, int OwnCells, List<string> Wrong)
{
    /// <param name="startCase">Called once for each case; what it answers is given the whole state after each step, in order, and says how flows are judged then.</param>
    public static CasePlay Of(string suite, Func<Func<ClusterState, Func<Flow, Said>>> startCase)
    {
        if (!CaseFile.TryRead(suite, out var file, out var reason))
        {
            Assert.Skip(reason);
        }

        var wrong = new List<string>();
        var (cells, own) = (0, 0);
        foreach (var @case in file.Cases)
        {
            var enter = startCase();
            foreach (var step in @case.Steps)
            {
                var judge = enter(Import(@case, step));
                foreach (var table in step.Expected)
                {
                    cells += ExpectedTable.Cells(table.Combined).Count();
                    own += ExpectedTable.AllCells(table.Combined).Count(c => c.Source == c.Destination);
                    wrong.AddRange(Differences(step, table, judge).Select(d => $"{@case}, step {step.Step}: {d}"));
                }
            }
        }

        return new CasePlay(file.Cases.Length, file.Cases.Sum(c => c.Steps.Length), cells, own, wrong);
    }

    private static ClusterState Import(Case @case, CaseStep step)
    {
        var manifests = ManifestReader.Read($"case-{@case.Id}-step-{step.Step}.json", StepManifest.Of(step));
        manifests.Faults.ShouldBeEmpty();
        manifests.Skipped.ShouldBeEmpty();
        var assembled = ClusterStateBuilder.Build([.. manifests.Manifests.Select(m => m.Object)]);
        assembled.Violations.ShouldBeEmpty();
        assembled.State.Endpoints.Count.ShouldBe(step.Pods.Length);
        assembled.State.Policies.Count.ShouldBe(step.Policies.Length);
        return assembled.State;
    }

    private static IEnumerable<string> Differences(CaseStep step, ExpectedTable table, Func<Flow, Said> judge)
    {
        var addresses = step.Pods.ToDictionary(p => p.Key, p => Address.Parse(p.Ip));
        var protocol = table.Protocol switch
        {
            "TCP" => IpProtocol.Tcp,
            "UDP" => IpProtocol.Udp,
            "SCTP" => IpProtocol.Sctp,
            _ => throw new InvalidDataException($"The cases know no protocol {table.Protocol}."),
        };

        return Compare("both", table.Combined, s => s.Egress && s.Ingress)
            .Concat(Compare("ingress", table.Ingress, s => s.Ingress))
            .Concat(Compare("egress", table.Egress, s => s.Egress));

        IEnumerable<string> Compare(string side, ImmutableArray<string> expected, Func<Said, bool> allows) =>
            from cell in ExpectedTable.Cells(expected)
            let flow = new Flow(addresses[step.PodOrder[cell.Source]], addresses[step.PodOrder[cell.Destination]], protocol, table.Port)
            let said = judge(flow)
            where allows(said) != cell.Allowed
            select $"{step.PodOrder[cell.Source]} → {step.PodOrder[cell.Destination]} {table.Protocol}/{table.Port} {side}: {(cell.Allowed ? "allowed" : "blocked")} is expected; {said.Why}";
    }
}
