using System.Text.Json;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

/// <summary>Offline: no server is asked.</summary>
public sealed class ValidateTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_right_is_valid() =>
        (await Ran.OfAsync("validate", "-f", _folder.Write("shop.yaml", Running.Manifests.Shop("shop", "10.9.9")))).ShouldExit(0).Output.ShouldBe("valid: 9 objects\n");

    [Fact]
    public async Task Every_fault_is_told_by_file_line_and_field()
    {
        var file = _folder.Write("wrong.yaml", Running.Manifests.Wrong("shop"));

        var ran = (await Ran.OfAsync("validate", "-f", file)).ShouldExit(1);

        ran.Lines.Count(line => line.StartsWith($"{file}:", StringComparison.Ordinal)).ShouldBe(2);
        ran.Output.ShouldContain("spec.addresses[0]");
        ran.Output.ShouldContain("spec.ingress[0].peers[0].ipBlock.except[0]");
        ran.Lines[^1].ShouldBe("not valid: 2 faults");
        using var json = JsonDocument.Parse((await Ran.OfAsync("validate", "-f", file, "-o", "json")).ShouldExit(1).Output);
        json.RootElement.GetProperty("faults").GetArrayLength().ShouldBe(2);
        json.RootElement.GetProperty("valid").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_files_do_not_have_may_be_elsewhere_only_on_demand()
    {
        var file = _folder.Write("part.yaml", """
            apiVersion: vallum.io/v1
            kind: Policy
            metadata: {name: p, tenant: shop}
            spec:
              subject: [{segments: [web]}]
              directions: [Ingress]
            """);

        (await Ran.OfAsync("validate", "-f", file)).ShouldExit(1).Output.ShouldContain("UNKNOWN_");
        (await Ran.OfAsync("validate", "-f", file, "--partial")).ShouldExit(0);
    }

    [Theory]
    [InlineData("kind: Tenant\napiVersion: vallum.io/v1\nmetadata: {name: a}\nspec: {colour: red}", "UNKNOWN_FIELD")]
    [InlineData("kind: Colour\napiVersion: vallum.io/v1\nmetadata: {name: a}", "UNKNOWN_KIND")]
    [InlineData("kind: Tenant\napiVersion: vallum.io/v1\nmetadata: {name: 'No Name'}", "INVALID_NAME")]
    [InlineData("a: [", "junk.yaml:2")]
    [InlineData("{\"a\": ", "junk.yaml:1")]
    [InlineData("just words", "junk.yaml:1")]
    public async Task What_is_no_document_of_ours_is_told(string text, string told) =>
        (await Ran.OfAsync("validate", "-f", _folder.Write("junk.yaml", text))).ShouldExit(1).Output.ShouldContain(told);
}
