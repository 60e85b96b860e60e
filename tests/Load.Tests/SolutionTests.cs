using Vallum.Testing.Cases;

namespace Vallum.Load.Tests;

/// <summary>
/// NBomber is not on every package feed. A project that a solution's configuration builds is restored with it: so only the configuration LoadTest builds the one
/// that needs NBomber. A plain <c>dotnet sln add</c> would undo that.
/// </summary>
public class SolutionTests
{
    private const string Project = "load\\NBomber\\NBomberDriver.csproj";

    [Fact]
    public void Only_LoadTest_builds_what_needs_NBomber()
    {
        Assert.SkipWhen(Repository.Root is null, "the repository is not there");
        var lines = File.ReadAllLines(Path.Combine(Repository.Root!, "ControlPlane.sln"));
        var id = lines.Single(line => line.Contains(Project, StringComparison.Ordinal)).Split('"')[^2];

        lines.Where(line => line.Contains($"{id}.", StringComparison.Ordinal) && line.Contains(".Build.0", StringComparison.Ordinal))
            .ShouldHaveSingleItem().Trim().ShouldStartWith($"{id}.LoadTest|Any CPU.Build.0 = ");
    }

    [Fact]
    public void Nothing_that_is_always_built_needs_NBomber()
    {
        Assert.SkipWhen(Repository.Root is null, "the repository is not there");
        var projects = Directory.GetFiles(Repository.Root!, "*.csproj", SearchOption.AllDirectories).Where(file => !file.Contains("artifacts", StringComparison.Ordinal));

        projects.Where(file => File.ReadAllText(file).Contains("\"NBomber", StringComparison.Ordinal)).Select(Path.GetFileName).ShouldBe(["NBomberDriver.csproj"]);
    }
}
