using Vallum.Compatibility.Tests.Contracts;

namespace Vallum.Compatibility.Tests;

/// <summary>What others rely on is what is checked in. docs/contracts.md says what may change.</summary>
public sealed class ContractTests
{
    private static readonly string[] Before = ["message m 1: a string", "message m 2: b uint32", "enum e 1: ONE", "record r 0: Name, String"];

    [Fact]
    public void Silos_and_what_they_store_keep_what_older_ones_rely_on() => Baseline.ShouldBeKept(
        "silos.txt",
        "The wire between silos, and what they store: interfaces with their methods, records with their ids. docs/contracts.md says what may change.",
        SiloContracts.Of(typeof(Cluster.ITenantGrain).Assembly, typeof(Silo.Hosting.SiloProcess).Assembly));

    [Fact]
    public void The_api_keeps_what_orchestrators_rely_on() => Baseline.ShouldBeKept(
        "vallum.api.v1.txt",
        "vallum.api.v1: what orchestrators rely on, and how objects are stored. docs/contracts.md says what may change.",
        ProtoContracts.Of([.. Files("vallum.api.v1")]));

    [Fact]
    public void The_agents_stream_keeps_what_agents_rely_on() => Baseline.ShouldBeKept(
        "vallum.agent.v1.txt",
        "vallum.agent.v1: what agents rely on. docs/contracts.md says what may change.",
        ProtoContracts.Of([.. Files("vallum.agent.v1")]));

    [Theory]
    [InlineData("message m 2: b uint32", null, "message m 2 is gone (b uint32)")]
    [InlineData("message m 2: b uint32", "message m 3: b uint32", "message m 2 is gone (b uint32)")]
    [InlineData("message m 2: b uint32", "message m 2: b uint64", "message m 2 was \"b uint32\" and is \"b uint64\"")]
    [InlineData("message m 1: a string", "message m 1: title string", "message m 1 was \"a string\" and is \"title string\"")]
    [InlineData("enum e 1: ONE", "enum e 1: FIRST", "enum e 1 was \"ONE\" and is \"FIRST\"")]
    [InlineData("record r 0: Name, String", "record r 0: Name, Int64", "record r 0 was \"Name, String\" and is \"Name, Int64\"")]
    public void What_goes_or_means_something_else_is_a_break(string line, string? instead, string said) =>
        List([.. Before.Except([line]), .. instead is null ? Array.Empty<string>() : [instead]]).Breaks(List(Before)).ShouldBe([said]);

    [Fact]
    public void What_is_new_or_reserved_is_none()
    {
        var now = List(["message m 1: a string", "message m reserved 2: nobody", "message m reserved b: nobody", "message m 3: c bool", "enum e 1: ONE", "enum e 2: TWO", "record r 0: Name, String", "record r 1: Size, Int64"]);

        now.Breaks(List(Before)).ShouldBeEmpty();
        now.Added(List(Before)).ShouldContain("record r 1");
    }

    [Fact]
    public void A_number_that_is_reserved_without_its_name_is_a_break() =>
        List([.. Before.Except(["message m 2: b uint32"]), "message m reserved 2: nobody"]).Breaks(List(Before)).ShouldHaveSingleItem();

    private static ContractList List(IEnumerable<string> lines) => ContractList.Parse(string.Join('\n', lines));

    private static IEnumerable<Google.Protobuf.Reflection.FileDescriptor> Files(string package) =>
        from type in typeof(Vallum.Contracts.Agent.V1.Hello).Assembly.GetTypes()
        where type.Name.EndsWith("Reflection", StringComparison.Ordinal)
        let file = (Google.Protobuf.Reflection.FileDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!
        where file.Package == package
        select file;
}
