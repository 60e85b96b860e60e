using System.Diagnostics;
using System.Text;
using CsCheck;
using Vallum.Manifests.Documents;

namespace Vallum.Manifests.Tests.Documents;

/// <summary>Whatever is in a file, there is an answer soon: objects, or clear faults.</summary>
public sealed class JunkTests
{
    private const int Megabytes10 = 10 * 1024 * 1024;

    public static readonly TheoryData<string, string> Junk = new()
    {
        { "random bytes", "NOT_TEXT" },
        { "one letter", "WRONG_TYPE" },
        { "open braces", "TOO_DEEP" },
        { "open brackets", "TOO_DEEP" },
        { "dashes", "TOO_DEEP" },
        { "colons", "INVALID_SYNTAX" },
        { "quotes", "INVALID_SYNTAX" },
        { "lines", "WRONG_TYPE" },
        { "not json", "INVALID_SYNTAX" },
        { "anchors", "INVALID_SYNTAX" },
    };

    [Theory]
    [MemberData(nameof(Junk))]
    public void Ten_megabytes_of_junk_get_one_clear_fault_soon(string what, string reason)
    {
        var content = Content(what);
        var watch = Stopwatch.StartNew();
        var read = ManifestReader.Read("junk.yaml", content);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        read.Manifests.ShouldBeEmpty();
        var fault = read.Faults.ShouldHaveSingleItem();
        fault.Reason.ShouldBe(reason, fault.ToString());
        fault.ToString().Length.ShouldBeLessThan(400);
    }

    [Fact]
    public void A_file_above_the_bound_is_refused_unread() =>
        ManifestReader.Read("big.yaml", new byte[DocumentLimits.FileBytes + 1]).Faults.ShouldHaveSingleItem().Reason.ShouldBe("TOO_LARGE");

    [Fact]
    public void A_few_lines_of_aliases_do_not_mean_billions_of_nodes()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++)
        {
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Read.Text(text.ToString()).Faults.ShouldHaveSingleItem().Reason.ShouldBe("TOO_LARGE");
    }

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", 3, "DUPLICATE_KEY")]
    [InlineData("{\"a\": 1,\n \"a\": 2}", 2, "DUPLICATE_KEY")]
    [InlineData("a: *nobody", 1, "INVALID_SYNTAX")]
    [InlineData("a: &x [*x]", 1, "INVALID_SYNTAX")]
    [InlineData("a: [1, 2", 1, "INVALID_SYNTAX")]
    [InlineData("a: 1\n\tb: 2", 2, "INVALID_SYNTAX")]
    [InlineData("? [a]\n: b", 1, "INVALID_SYNTAX")]
    [InlineData("a: !!binary aGk=", 1, "INVALID_SYNTAX")]
    [InlineData("{\"a\": \"\\ud800\"}", 1, "INVALID_SYNTAX")]
    [InlineData("{\"a\":\n\n ]}", 3, "INVALID_SYNTAX")]
    public void What_cannot_be_read_is_told_with_its_line(string text, int line, string reason)
    {
        var fault = Read.Text(text).Faults.ShouldHaveSingleItem();
        fault.Reason.ShouldBe(reason, fault.ToString());
        if (reason != "INVALID_SYNTAX" || line > 1)
        {
            fault.Line.ShouldBeInRange(line - 1, line + 1, fault.ToString());
        }
    }

    [Fact]
    public void No_text_however_odd_is_an_exception() => Gen.OneOf(
        Gen.String,
        Gen.OneOf("a", ":", " ", "\n", "-", "[", "]", "{", "}", ",", "\"", "'", "&a", "*a", "<<", "|", ">", "#", "?", "!", "%", "@", "---", "...", "\t", "\\", "1", "apiVersion: vallum.io/v1\n", "kind: Policy\n", "spec:\n", "metadata: ")
            .Array[0, 30].Select(parts => string.Concat(parts))).Sample(text => Read.Text(text) is not null, iter: 50_000);

    private static byte[] Content(string what)
    {
        switch (what)
        {
            case "random bytes":
                var bytes = new byte[Megabytes10];
                new Random(7).NextBytes(bytes);
                return bytes;
            case "lines":
                return Repeat("hello there\n");
            case "not json":
                return Encoding.UTF8.GetBytes($"{{\"a\": [{new string('1', Megabytes10)}}}");
            default:
                return Repeat(what switch
                {
                    "one letter" => "a",
                    "open braces" => "{",
                    "open brackets" => "[",
                    "dashes" => "- ",
                    "colons" => "a: ",
                    "quotes" => "\"a",
                    _ => "*a ",
                });
        }
    }

    private static byte[] Repeat(string text) => Encoding.UTF8.GetBytes(new StringBuilder().Insert(0, text, Megabytes10 / text.Length).ToString());
}
