using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Profiles;
using Vallum.Testing.Cases;

namespace Vallum.Load.Tests;

public class ProfileReaderTests
{
    [Fact]
    public void A_profile_says_its_stages_and_what_it_leaves_out_has_a_default()
    {
        var profile = ProfileReader.Read("""{ "name": "short", "stages": [{ "rate": 2.5, "seconds": 4 }, { "rate": 10, "seconds": 1, "ramp": true }] }""", out var faults);

        faults.ShouldBeEmpty();
        profile.ShouldBe(new LoadProfile(
            "short", 1, TimeSpan.FromSeconds(2), [new LoadStage(2.5, TimeSpan.FromSeconds(4)), new LoadStage(10, TimeSpan.FromSeconds(1), Ramp: true)], Sizes.Small, 10_000));
    }

    [Fact]
    public void All_faults_are_told_at_once_with_their_fields()
    {
        var profile = ProfileReader.Read(
            """
            {
              "name": "two words",
              "speed": 3,
              "stages": [{ "rate": 0, "seconds": 10 }, { "rate": 10 }, { "rate": "fast", "seconds": 10, "ramp": 1 }],
              "world": { "tenants": 1.5, "nodes": 5, "agents": 6 }
            }
            """,
            out var faults);

        profile.ShouldBeNull();
        faults.Select(fault => fault.Split(':')[0]).Order().ShouldBe(
            ["name", "speed", "stages[0].rate", "stages[1].seconds", "stages[2].ramp", "stages[2].rate", "world.agents", "world.tenants"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{ \"name\": \"a\" }")]
    [InlineData("{ \"name\": \"a\", \"stages\": [] }")]
    [InlineData("{ \"name\": \"a\", \"stages\": [7], \"world\": 7 }")]
    public void What_is_no_profile_is_told_and_never_thrown(string text)
    {
        ProfileReader.Read(text, out var faults).ShouldBeNull();

        faults.ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_profile_of_the_repository_can_be_read()
    {
        Assert.SkipWhen(Repository.Root is null, "the repository is not there");
        var files = Directory.GetFiles(Path.Combine(Repository.Root!, "load", "profiles"), "*.json");
        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var profile = ProfileReader.Read(File.ReadAllText(file), out var faults);
            faults.ShouldBeEmpty(file);
            profile!.Name.ShouldBe(Path.GetFileNameWithoutExtension(file));
        }
    }
}
