using Vallum.Manifests;
using Vallum.Manifests.Assembly;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Cases;
using Case = Vallum.Testing.Cases.Case;

namespace Vallum.Cases.Tests;

/// <summary>Every step of both suites from scratch: Kubernetes objects in, verdicts of the definition out, held to the tables cell by cell.</summary>
public sealed class EvaluatorCases
{
    [Fact]
    public void Every_cell_of_the_Kubernetes_suite_is_as_the_table_says()
    {
        var played = Play(CaseFile.Kubernetes);
        played.ShouldSatisfyAllConditions(
            p => p.Wrong.ShouldBeEmpty(),
            p => p.Cases.ShouldBe(48),
            p => p.Steps.ShouldBe(65),
            p => p.Cells.ShouldBeGreaterThan(0));
    }

    [Fact]
    public void Every_cell_of_cyclonus_is_as_the_table_says()
    {
        var played = Play(CaseFile.Cyclonus);
        played.ShouldSatisfyAllConditions(
            p => p.Wrong.ShouldBeEmpty(),
            p => p.Cases.ShouldBe(230),
            p => p.Steps.ShouldBe(256),
            p => (p.Cells + p.OwnCells).ShouldBe(123_669));
    }

    /// <param name="Cells">Of the combined tables, the diagonal left out.</param>
    /// <param name="OwnCells">The diagonal, which is not judged.</param>
    private sealed record Played(int Cases, int Steps, int Cells, int OwnCells, List<string> Wrong);

    private static Played Play(string name)
    {
        if (!CaseFile.TryRead(name, out var file, out var reason))
        {
            Assert.Skip(reason);
        }

        var wrong = new List<string>();
        var (cells, own) = (0, 0);
        foreach (var @case in file.Cases)
        {
            foreach (var step in @case.Steps)
            {
                var evaluator = new Evaluator(Import(@case, step));
                foreach (var table in step.Expected)
                {
                    cells += ExpectedTable.Cells(table.Combined).Count();
                    own += ExpectedTable.AllCells(table.Combined).Count(c => c.Source == c.Destination);
                    wrong.AddRange(Differences(step, table, evaluator).Select(d => $"{@case}, step {step.Step}: {d}"));
                }
            }
        }

        return new Played(file.Cases.Length, file.Cases.Sum(c => c.Steps.Length), cells, own, wrong);
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

    private static IEnumerable<string> Differences(CaseStep step, ExpectedTable table, Evaluator evaluator)
    {
        var addresses = step.Pods.ToDictionary(p => p.Key, p => Address.Parse(p.Ip));
        var protocol = table.Protocol switch
        {
            "TCP" => IpProtocol.Tcp,
            "UDP" => IpProtocol.Udp,
            "SCTP" => IpProtocol.Sctp,
            _ => throw new InvalidDataException($"The cases know no protocol {table.Protocol}."),
        };

        return Compare("both", table.Combined, v => v.Allowed)
            .Concat(Compare("ingress", table.Ingress, v => v.Ingress.Allowed))
            .Concat(Compare("egress", table.Egress, v => v.Egress.Allowed));

        IEnumerable<string> Compare(string side, System.Collections.Immutable.ImmutableArray<string> expected, Func<Verdict, bool> said) =>
            from cell in ExpectedTable.Cells(expected)
            let flow = new Flow(addresses[step.PodOrder[cell.Source]], addresses[step.PodOrder[cell.Destination]], protocol, table.Port)
            let verdict = evaluator.Evaluate(flow)
            where said(verdict) != cell.Allowed
            select $"{step.PodOrder[cell.Source]} → {step.PodOrder[cell.Destination]} {table.Protocol}/{table.Port} {side}: {(cell.Allowed ? "allowed" : "blocked")} is expected; {verdict}";
    }
}
