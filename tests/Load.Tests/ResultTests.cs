using Vallum.Load.Html;
using Vallum.Load.Results;

namespace Vallum.Load.Tests;

public class ResultTests
{
    [Fact]
    public void A_result_comes_back_from_its_file_as_it_was()
    {
        var result = Given.Result(1, 2, 3, 4);

        RunResult.FromJson(result.ToJson()).ToJson().ShouldBe(result.ToJson());
        RunResult.FromJson(result.ToJson()).All.ShouldBe(result.All);
    }

    [Theory]
    [InlineData("{ \"schema\": 2 }", "schema is 2")]
    [InlineData("{}", "schema is 0")]
    [InlineData("no", "no result")]
    [InlineData("[]", "no result")]
    public void A_file_of_another_schema_is_refused(string text, string words) =>
        Should.Throw<InvalidDataException>(() => RunResult.FromJson(text)).Message.ShouldContain(words);

    [Fact]
    public void The_page_needs_nothing_from_elsewhere_and_says_nothing_unescaped()
    {
        var page = HtmlReport.Of(Given.Result(1, 2, 3, 4) with { Machine = "<script>alert(1)</script>" });

        page.ShouldContain("<svg");
        page.ShouldContain("prefers-color-scheme: dark");
        foreach (var elsewhere in (string[])["<script", "http:", "https:", "<link", "@import", "url("])
        {
            page.ShouldNotContain(elsewhere);
        }
    }

    [Fact]
    public void A_run_that_failed_says_so_before_its_figures()
    {
        var failed = Given.Result(1, 2, 3, 4) with { Faults = ["node n1 lacks Group g"] };

        HtmlReport.Of(failed).ShouldContain("node n1 lacks Group g");
        MarkdownReport.Of(failed).ShouldContain("**Failed");
    }

    [Fact]
    public void A_run_of_which_nothing_went_well_still_has_a_page()
    {
        var nothing = Given.Result(1) with { Intervals = [], Curve = [], Silos = null };

        HtmlReport.Of(nothing).ShouldContain("nothing was measured");
    }
}
