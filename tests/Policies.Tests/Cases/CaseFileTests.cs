using Vallum.Testing.Cases;

namespace Vallum.Policies.Tests.Cases;

public sealed class CaseFileTests
{
    [Fact]
    public void The_kubernetes_suite_is_read_whole()
    {
        var file = Read(CaseFile.Kubernetes);

        file.Cases.Length.ShouldBe(48);
        file.Cases.Sum(c => c.Steps.Length).ShouldBe(65);
        AllAreComplete(file);
    }

    [Fact]
    public void The_cases_of_cyclonus_are_read_whole()
    {
        var file = Read(CaseFile.Cyclonus);
        var cells = file.Cases
            .SelectMany(c => c.Steps).SelectMany(s => s.Expected).SelectMany(t => ExpectedTable.AllCells(t.Combined)).ToArray();

        file.Cases.Length.ShouldBe(230);
        file.Cases.Sum(c => c.Steps.Length).ShouldBe(256);
        cells.Length.ShouldBe(file.Meta.GetProperty("cells").GetInt32());
        cells.Length.ShouldBe(123_669);
        cells.Count(c => c.Allowed).ShouldBe(101_307);
        cells.Count(c => c.Source == c.Destination).ShouldBe(13_713);
        AllAreComplete(file);
    }

    [Fact]
    public void A_file_that_is_absent_is_a_reason_to_skip()
    {
        CaseFile.TryRead("no-such-cases.json", out _, out var reason).ShouldBeFalse();

        reason.ShouldNotBeNull().ShouldContain("no-such-cases.json is absent");
    }

    private static CaseFile Read(string name)
    {
        if (!CaseFile.TryRead(name, out var file, out var reason))
        {
            Assert.Skip(reason);
        }

        return file;
    }

    private static void AllAreComplete(CaseFile file)
    {
        foreach (var step in file.Cases.SelectMany(c => c.Steps))
        {
            var pods = step.PodOrder.Length;
            step.Pods.Select(p => p.Key).Order().ShouldBe(step.PodOrder.Order());
            step.Pods.All(p => step.Namespaces.ContainsKey(p.Namespace)).ShouldBeTrue();
            step.Expected.ShouldNotBeEmpty();
            step.Expected.All(t => t.Combined.Length == pods && t.Combined.All(row => row.Length == pods)).ShouldBeTrue();
            step.Policies.All(p => p.TryGetProperty("spec", out _)).ShouldBeTrue();
        }
    }
}
