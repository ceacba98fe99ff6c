using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Pipeline.Web.Pages;

/// <summary>
/// A changelog as HTML. It holds what commits and packages say, so no HTML of its own comes through but folded parts, and
/// links lead only to web pages.
/// </summary>
internal static partial class ChangelogHtml
{
    private const int Demotion = 2;
    private const int DeepestHeading = 6;
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().Build();

    public static string Of(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
        {
            // An image would be fetched from wherever somebody likes; a link may only lead to the web.
            link.IsImage = false;
            if (!IsWeb(link.Url))
                link.Url = "#main";
        }
        foreach (var link in document.Descendants<AutolinkInline>().Where(l => !l.IsEmail && !IsWeb(l.Url)))
            link.Url = "#main";
        foreach (var heading in document.Descendants<HeadingBlock>())
            heading.Level = Math.Min(DeepestHeading, heading.Level + Demotion);
        // Alignment would be a style in the text, which the policy of the pages does not let through.
        foreach (var column in document.Descendants<Table>().SelectMany(t => t.ColumnDefinitions))
            column.Alignment = null;
        return Write(document);
    }

    private static bool IsWeb(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static string Write(MarkdownDocument document)
    {
        using var text = new StringWriter();
        var renderer = new HtmlRenderer(text);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.Replace<HtmlBlockRenderer>(new FoldedPart());
        renderer.ObjectRenderers.Replace<HtmlInlineRenderer>(new PlainInline());
        renderer.Render(document);
        // A wide table scrolls by itself, also by keyboard. A heading without words is none.
        return text.ToString()
            .Replace("<th></th>", "<td></td>", StringComparison.Ordinal)
            .Replace("<table>", "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">\n<table>", StringComparison.Ordinal)
            .Replace("</table>", "</table>\n</div>", StringComparison.Ordinal);
    }

    /// <summary>Our own notes fold what is long in two lines of a fixed form. Everything else that looks like HTML is text.</summary>
    private sealed class FoldedPart : HtmlObjectRenderer<HtmlBlock>
    {
        protected override void Write(HtmlRenderer renderer, HtmlBlock obj)
        {
            var text = obj.Lines.ToString().Trim();
            if (text == "</details>" || Summary().IsMatch(text))
                renderer.WriteLine(text);
            else
                renderer.Write("<p>").WriteEscape(text).WriteLine("</p>");
        }
    }

    private sealed class PlainInline : HtmlObjectRenderer<HtmlInline>
    {
        protected override void Write(HtmlRenderer renderer, HtmlInline obj) => renderer.WriteEscape(obj.Tag);
    }

    [GeneratedRegex("^<details><summary>[^<>&\"]*</summary>$")]
    private static partial Regex Summary();
}
