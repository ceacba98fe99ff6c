using Shouldly;
using Xunit;

namespace Pipeline.Cli.Reporting;

/// <summary>A plan that comes from a stranger's pull request.</summary>
public sealed class PlanSummaryTests
{
    private const string End = "{\"type\":\"plan\"}\n";

    [Fact]
    public void What_a_stranger_wrote_formats_mentions_and_links_nothing()
    {
        const string line = """
            {"type":"target","id":"x","image":"a|b\n# [x](http://evil) @all #1","board":"<img src=x>","output":"`disk`","state":"stale","because":[{"kind":"input","input":"**x**","old":null,"new":"<script>|"}]}
            """;
        var markdown = PlanMarkdown.Render(PlanSummary.Parse(line.Trim() + "\n" + End), 10_000);
        markdown.ShouldBe(
            "### Plan: 1 target: 1 stale\n\n| image | board | output | state | because |\n| --- | --- | --- | --- | --- |\n"
            + "| a\\|b &#35; \\[x\\](http://evil) &#64;all &#35;1 | &lt;img src=x&gt; | \\`disk\\` | **stale** | \\*\\*x\\*\\* (none) → &lt;script&gt;\\| |\n");
    }

    [Fact]
    public void A_plan_that_is_too_long_says_how_much_is_missing()
    {
        var lines = string.Concat(Enumerable.Range(0, 2000).Select(i => $$"""{"type":"target","id":"{{i}}","image":"image-{{i}}","board":"b","output":"disk","state":"{{(i % 2 == 0 ? "stale" : "current")}}","because":[{"kind":"neverPublished","input":null,"old":null,"new":null}]}""" + "\n"));
        var markdown = PlanMarkdown.Render(PlanSummary.Parse(lines + End), 20_000);
        markdown.Length.ShouldBeLessThan(20_000);
        markdown.ShouldContain("2000 targets: 1000 current, 1000 stale");
        markdown.ShouldMatch("… and [0-9]+ more; the log has them all");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"type\":\"target\"}\n" + End)]
    [InlineData("[]\n" + End)]
    [InlineData("{\"type\":\"target\",\"image\":\"a\",\"board\":\"b\",\"output\":\"disk\",\"state\":\"lovely\",\"because\":[]}\n" + End)]
    [InlineData("no json\n" + End)]
    public void What_is_no_plan_is_refused(string text) => Should.Throw<FormatException>(() => PlanSummary.Parse(text));
}
