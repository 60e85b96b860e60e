namespace Vallum.Compatibility.Tests.Contracts;

/// <summary>A checked-in list, and what is to be done when the code differs from it.</summary>
internal static class Baseline
{
    /// <summary>Set to anything, new lines are written to the checked-in files.</summary>
    private const string Write = "VALLUM_WRITE_BASELINES";

    public static void ShouldBeKept(string name, string heading, ContractList now)
    {
        var before = ContractList.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Baselines", name)));
        var breaks = now.Breaks(before);
        if (breaks.IsEmpty && Environment.GetEnvironmentVariable(Write) is not null)
        {
            File.WriteAllText(Path.Combine(SourceFolder(), "Baselines", name), now.ToText(heading));
            return;
        }

        breaks.ShouldBeEmpty(
            $"A build of the version before does not understand this one any more, or the other way round. Keep the old line beside the new one for one minor version: " +
            $"a new Id, a new method, a new field number. Where nobody can depend on it yet, delete the lines from tests/Compatibility.Tests/Baselines/{name}; docs/contracts.md says when that is so.");
        now.Added(before).ShouldBeEmpty(
            $"New, and compatible: run this test with {Write}=1 and commit tests/Compatibility.Tests/Baselines/{name}.");
        before.Breaks(now).ShouldBeEmpty($"tests/Compatibility.Tests/Baselines/{name} has lines that nothing stands for.");
    }

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.ShouldNotBeNull("ControlPlane.sln is in no directory above this test").FullName, "tests", "Compatibility.Tests");
    }
}
