using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

public sealed class ChangelogHtmlTests
{
    [Fact]
    public void What_our_notes_fold_is_folded_and_wide_tables_scroll_by_themselves()
    {
        var html = ChangelogHtml.Of("# kiosk 1\n\n<details><summary>Updated (2)</summary>\n\n|  | now |\n| --- | ---: |\n| `bash` | 5 |\n\n</details>\n\nend\n");
        html.ShouldContain("<h3>kiosk 1</h3>");
        html.ShouldContain("<details><summary>Updated (2)</summary>");
        html.ShouldContain("</details>\n<p>end</p>");
        html.ShouldNotContain("style=", Case.Insensitive, "the policy of the pages lets none through");
        html.ShouldContain("tabindex=\"0\" role=\"group\"");
        html.ShouldContain("<td></td>\n<th>now</th>", Case.Sensitive, "a heading without words is none");
    }

    [Theory]
    [InlineData("<details open onclick=\"x()\"><summary>a</summary>")]
    [InlineData("<details><summary><img src=x></summary>")]
    [InlineData("a <b onclick=\"x()\">c</b>")]
    [InlineData("<script>x()</script>")]
    [InlineData("<!-- x -->")]
    public void All_other_HTML_is_text(string markdown)
    {
        var html = ChangelogHtml.Of(markdown);
        html.Replace("<p>", "", StringComparison.Ordinal).Replace("</p>", "", StringComparison.Ordinal).ShouldNotContain("<");
    }

    [Theory]
    [InlineData("[x](javascript:alert(1))", "#main")]
    [InlineData("<javascript:alert(1)>", "#main")]
    [InlineData("[x](../../etc/passwd)", "#main")]
    [InlineData("![x](https://example.org/p.png)", "https://example.org/p.png")]
    [InlineData("<https://example.org/>", "https://example.org/")]
    public void Links_lead_to_the_web_or_nowhere(string markdown, string address)
    {
        var html = ChangelogHtml.Of(markdown);
        html.ShouldContain($"href=\"{address}\"");
        html.ShouldNotContain("<img");
    }
}
